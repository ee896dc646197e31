package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.PerObjectCache;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;

/** When each registry was last heard of, to the minute, so that a status need not change often. */
public final class LastEvents {
  private final Function<ObjectKey, Optional<HarborRegistry>> find;
  private final PerObjectCache<Instant> times = new PerObjectCache<>();

  /**
   * Nothing was heard yet.
   *
   * @param find finds the object that has a name now; one that is created again has had no event
   */
  public LastEvents(Function<ObjectKey, Optional<HarborRegistry>> find) {
    this.find = find;
  }

  /** An authenticated event came. */
  public void heard(ObjectKey registry, Instant at) {
    find.apply(registry).ifPresent(object -> times.put(object, at.truncatedTo(ChronoUnit.MINUTES)));
  }

  /** The minute of the last event since the operator started. */
  public Optional<Instant> last(HarborRegistry registry) {
    return times.find(registry);
  }

  /** Forgets a registry that was deleted. */
  void forget(ObjectKey registry) {
    times.forget(registry);
  }
}
