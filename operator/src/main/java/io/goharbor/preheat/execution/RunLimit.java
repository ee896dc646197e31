package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Seniority;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Parts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How many unfinished runs of a namespace are worked on: the oldest, by what the cache has. A large
 * run and its parts are one. What was begun before goes on.
 */
final class RunLimit {
  /** Index of unfinished runs by namespace. */
  static final String UNFINISHED = "unfinished";

  /** A namespace may have very many; far from the limit they are gone through once in that time. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** More than begin in a namespace in {@link #FRESH}. */
  private static final int BURST = 1_000;

  /**
   * A namespace a moment ago.
   *
   * @param youngest of those that are worked on; null: there is room for more
   */
  private record Roll(int unfinished, @Nullable PreheatExecution youngest) {}

  private final int most;
  private final ResourceStore<PreheatExecution> executions;
  private final Wakeups wakeups;
  private final Cache<String, Roll> rolls =
      Caffeine.newBuilder().expireAfterWrite(FRESH).maximumSize(10_000).build();

  /**
   * A limit.
   *
   * @param most runs of a namespace
   */
  RunLimit(int most, ResourceStore<PreheatExecution> executions, Wakeups wakeups) {
    this.most = most;
    this.executions = executions;
    this.wakeups = wakeups;
  }

  /** What the index holds of an execution. */
  static List<String> unfinished(PreheatExecution execution) {
    return counts(execution) ? List.of(execution.getMetadata().getNamespace()) : List.of();
  }

  private static boolean counts(PreheatExecution execution) {
    return !(execution instanceof PackedExecution)
        && execution.getSpec().partOf() == null
        && !Parts.ended(execution);
  }

  /** Why a run does not begin, if so. */
  Optional<String> beyond(PreheatExecution execution) {
    String namespace = execution.getMetadata().getNamespace();
    PreheatExecution youngest = roll(namespace).youngest();
    return youngest == null || Seniority.OLDEST_FIRST.compare(execution, youngest) <= 0
        ? Optional.empty()
        : Optional.of(
            "namespace "
                + namespace
                + " has more than "
                + most
                + " unfinished executions, and older ones go first");
  }

  /** When a run that is beyond the limit looks again by itself. */
  Duration pause(String namespace) {
    return TaskDriver.lookAgainAmong(roll(namespace).unfinished());
  }

  /** A run ended: wakes those that may begin now. */
  void ended(String namespace) {
    roll(namespace);
  }

  private Roll roll(String namespace) {
    Roll roll = rolls.get(namespace, this::call);
    // Runs that came since could fill the room that is left.
    boolean mayBeFull = roll.youngest() == null && most - roll.unfinished() < BURST;
    return mayBeFull ? rolls.asMap().compute(namespace, (key, old) -> call(key)) : roll;
  }

  private Roll call(String namespace) {
    List<PreheatExecution> unfinished =
        executions.byIndex(UNFINISHED, namespace).stream().filter(RunLimit::counts).toList();
    List<PreheatExecution> within =
        unfinished.size() < most
            ? unfinished
            : unfinished.stream().sorted(Seniority.OLDEST_FIRST).limit(most).toList();
    within.stream()
        .filter(RunLimit::wasBeyond)
        .forEach(execution -> wakeups.wake(ObjectKey.of(execution)));
    return new Roll(unfinished.size(), unfinished.size() < most ? null : within.getLast());
  }

  private static boolean wasBeyond(PreheatExecution execution) {
    return Conditions.find(Parts.status(execution).conditions(), "Ready")
        .filter(ready -> Reason.NAMESPACE_LIMIT.toString().equals(ready.getReason()))
        .isPresent();
  }
}
