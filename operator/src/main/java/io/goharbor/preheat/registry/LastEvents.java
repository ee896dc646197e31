package io.goharbor.preheat.registry;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** When each registry was last heard of, to the minute, so that a status need not change often. */
public final class LastEvents {
  private final ConcurrentHashMap<ObjectKey, Instant> times = new ConcurrentHashMap<>();

  /** An authenticated event came. */
  public void heard(ObjectKey registry, Instant at) {
    times.put(registry, at.truncatedTo(ChronoUnit.MINUTES));
  }

  /** The minute of the last event since the operator started. */
  public Optional<Instant> last(ObjectKey registry) {
    return Optional.ofNullable(times.get(registry));
  }
}
