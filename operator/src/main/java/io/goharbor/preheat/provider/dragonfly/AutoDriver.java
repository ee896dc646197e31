package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Drives whichever API a Dragonfly has. Each probe decides again, so that an upgrade is noticed; a
 * job is checked through the API that it was sent by.
 */
final class AutoDriver implements P2PDriver {
  private final P2PDriver openApi;
  private final P2PDriver legacy;
  private volatile P2PDriver current;

  AutoDriver(P2PDriver openApi, P2PDriver legacy) {
    this.openApi = openApi;
    this.legacy = legacy;
    this.current = openApi;
  }

  @Override
  public Health probe() {
    Health health = openApi.probe();
    // What an old Dragonfly answers on a route that it does not have; a wrong token is a 401.
    if (health instanceof Health.Unusable unusable && ManagerProbe.saysNoOpenApi(unusable)) {
      Health old = legacy.probe();
      if (old instanceof Health.Usable) {
        current = legacy;
        return old;
      }
    }
    current = openApi;
    return health;
  }

  @Override
  public Optional<String> objection(Target target) {
    return current.objection(target);
  }

  @Override
  public Submission submit(PreheatOrder order) {
    return current.submit(order);
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    return current.adopt(order);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    List<RunningJob> old =
        jobs.stream().filter(job -> job.jobId().startsWith(LegacyDriver.PREFIX)).toList();
    List<RunningJob> others = jobs.stream().filter(job -> !old.contains(job)).toList();
    Map<String, Observation> seen = new HashMap<>();
    if (!old.isEmpty()) {
      seen.putAll(legacy.observe(old));
    }
    if (!others.isEmpty()) {
      seen.putAll(openApi.observe(others));
    }
    return seen;
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    return current.nextLook(lastLook);
  }

  @Override
  public VerificationResult verify(PreheatOrder order) {
    return current.verify(order);
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    return job.jobId().startsWith(LegacyDriver.PREFIX) ? legacy.cancel(job) : openApi.cancel(job);
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return current.evict(order);
  }

  @Override
  public void close() {
    openApi.close();
    legacy.close();
  }
}
