package io.goharbor.preheat.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of a policy that the cluster did not take an execution of it. At most once a minute for
 * each policy: a thousand events meet the same quota.
 */
public final class Denials {
  private static final Logger log = LoggerFactory.getLogger(Denials.class);

  private final EventRecorder events;
  private final Cache<ObjectKey, Boolean> told =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofMinutes(1)).maximumSize(10_000).build();

  /** Nothing was denied yet. */
  public Denials(EventRecorder events) {
    this.events = events;
  }

  /** Tells of one. */
  public void denied(PreheatPolicy policy, Denial denial) {
    ObjectKey key = ObjectKey.of(policy);
    if (told.asMap().putIfAbsent(key, true) != null) {
      return;
    }
    log.atWarn()
        .addKeyValue("policy", key)
        .log("The cluster does not take an execution: {}", denial.words());
    events.warning(policy, Reason.EXECUTION_DENIED, sentence(denial));
  }

  private static String sentence(Denial denial) {
    return "The cluster does not take an execution of this policy: " + denial.words();
  }
}
