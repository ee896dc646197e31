package io.goharbor.preheat.engine;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import java.util.List;

/**
 * All that an execution has with one provider at a moment; it takes the place of what it stated
 * before.
 *
 * @param group executions of one group (policy) share fairly with those of others
 * @param priority in its own namespace; what it counts among namespaces is up to the provider
 * @param planned when the execution was planned: work that another task finished later than that
 *     need not be done again
 * @param wanted tasks that could start now
 * @param inFlight tasks that have a slot
 */
public record Demand(
    ObjectKey execution,
    ObjectKey group,
    int priority,
    Instant planned,
    List<Work> wanted,
    List<Work.InFlight> inFlight) {

  /** An execution that wants nothing and has nothing in flight. */
  public static Demand none(ObjectKey execution) {
    return new Demand(execution, execution, 0, Instant.EPOCH, List.of(), List.of());
  }
}
