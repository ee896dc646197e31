package io.goharbor.preheat.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicyStatus.Denied;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of a policy, in its status and an Event, that the cluster did not take an execution of it,
 * and that it took one again. Any replica may; the leader makes a condition of it. At most once a
 * minute for each policy: a thousand events meet the same quota.
 */
public final class Denials {
  private static final Logger log = LoggerFactory.getLogger(Denials.class);
  private static final int LONGEST_MESSAGE = 500;

  private final KubernetesClient client;
  private final ResourceStore<PreheatPolicy> policies;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Cache<ObjectKey, Boolean> told =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofMinutes(1)).maximumSize(10_000).build();

  /** It takes a moment until a cache shows what was written. */
  private final Cache<ObjectKey, Boolean> cleared =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(5)).maximumSize(10_000).build();

  /** Tells of the given policies. */
  public Denials(
      KubernetesClient client,
      ResourceStore<PreheatPolicy> policies,
      EventRecorder events,
      InstantSource clock) {
    this.client = client;
    this.policies = policies;
    this.events = events;
    this.clock = clock;
  }

  /** An execution was not taken. Does not wait for what it writes: an event may be waiting. */
  void denied(ObjectKey key, Denial denial) {
    PreheatPolicy policy = policies.find(key).orElse(null);
    if (policy == null || told.asMap().putIfAbsent(key, true) != null) {
      return;
    }
    log.atWarn()
        .addKeyValue("policy", key)
        .log("The cluster does not take an execution: {}", denial.words());
    Denied denied =
        new Denied(
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            DisplayText.of(denial.words(), LONGEST_MESSAGE));
    Thread.ofVirtual()
        .name("denied-" + key)
        .start(() -> {
          write(key, denied);
          events.warning(policy, Reason.EXECUTION_DENIED, sentence(denied));
        });
  }

  /** An execution was taken. */
  void accepted(ObjectKey key) {
    boolean denied =
        policies
            .find(key)
            .filter(policy -> policy.getStatus() != null && policy.getStatus().denied() != null)
            .isPresent();
    if (denied && cleared.asMap().putIfAbsent(key, true) == null) {
      told.invalidate(key);
      Thread.ofVirtual().name("accepted-" + key).start(() -> write(key, null));
    }
  }

  /** What is told of it. */
  static String sentence(Denied denied) {
    return "The cluster does not take an execution of this policy: " + denied.message();
  }

  private void write(ObjectKey key, @Nullable Denied denied) {
    try {
      NamedResources.of(client.resources(PreheatPolicy.class), key.namespace(), key.name())
          .subresource("status")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              Serialization.asJson(Map.of("status", Collections.singletonMap("denied", denied))));
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("policy", key)
          .log("What the cluster makes of its executions is not written: {}", e.getMessage());
    }
  }
}
