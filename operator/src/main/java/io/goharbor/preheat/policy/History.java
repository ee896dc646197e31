package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which finished executions of a policy are kept. Those that a person or Argo CD created with its
 * name are not its own: what they deleted would come back and run again.
 */
final class History {
  private static final int DEFAULT_SUCCESSFUL = 3;
  private static final int DEFAULT_FAILED = 5;

  /** A sweep begins a little before the end of the last one. */
  private static final Duration MARGIN = Duration.ofMinutes(3);

  /** A Harbor that cannot be swept must not fill the cluster. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private static final int MOST_AWAITED = 1000;
  private static final Comparator<PreheatExecution> BY_CREATION =
      Comparator.comparing(execution -> execution.getMetadata().getCreationTimestamp());

  private History() {}

  /**
   * Until when what was created is of no use to the catch-up sweep any more. A later execution
   * tells it what a webhook reported, so that it is not taken for missed.
   *
   * @param registry null: its Harbor was never swept
   */
  static Instant swept(@Nullable HarborRegistryStatus registry, Instant now) {
    CatchUpStatus sweep = registry == null ? null : registry.catchUp();
    Instant latest = now.minus(LONGEST_WAIT);
    if (sweep == null || sweep.lastTime() == null || sweep.changes() == null) {
      return latest;
    }
    Instant time = sweep.lastTime();
    Instant seen = sweep.changes().seenUntil();
    if (seen == null) {
      return latest;
    }
    // The one is by the operator's clock, the other by Harbor's.
    Instant until = (seen.isBefore(time) ? seen : time).minus(MARGIN);
    return until.isBefore(latest) ? latest : until;
  }

  /**
   * Those executions that may be deleted as far as the catch-up sweep is concerned: all but the
   * newest that events or the sweep itself caused.
   */
  static List<PreheatExecution> seenBySweep(List<PreheatExecution> surplus, Instant swept) {
    Set<String> awaited =
        surplus.stream()
            .filter(execution -> awaitsSweep(execution, swept))
            .sorted(BY_CREATION.reversed())
            .limit(MOST_AWAITED)
            .map(execution -> execution.getMetadata().getName())
            .collect(Collectors.toSet());
    return surplus.stream()
        .filter(execution -> !awaited.contains(execution.getMetadata().getName()))
        .toList();
  }

  private static boolean awaitsSweep(PreheatExecution execution, Instant swept) {
    Trigger trigger = execution.getSpec().effectiveTrigger();
    return (trigger == Trigger.EVENT || trigger == Trigger.CATCH_UP)
        && Instant.parse(execution.getMetadata().getCreationTimestamp()).isAfter(swept);
  }

  /** Finished executions beyond the policy's limits, oldest first. */
  static List<PreheatExecution> surplus(PreheatPolicy policy, List<PreheatExecution> executions) {
    PreheatPolicySpec spec = policy.getSpec();
    int successful =
        spec.successfulExecutionsHistoryLimit() == null
            ? DEFAULT_SUCCESSFUL
            : spec.successfulExecutionsHistoryLimit();
    int failed =
        spec.failedExecutionsHistoryLimit() == null
            ? DEFAULT_FAILED
            : spec.failedExecutionsHistoryLimit();
    List<PreheatExecution> own =
        executions.stream().filter(execution -> isOwn(execution, policy)).toList();
    List<PreheatExecution> surplus = new ArrayList<>();
    surplus.addAll(beyond(successful, own, History::preheated));
    // Events of artifacts that are not selected must not push out what was preheated.
    surplus.addAll(beyond(successful, own, History::selectedNothing));
    surplus.addAll(beyond(failed, own, execution -> phase(execution) != Phase.SUCCEEDED));
    return surplus;
  }

  private static List<PreheatExecution> beyond(
      int limit, List<PreheatExecution> executions, Predicate<PreheatExecution> which) {
    List<PreheatExecution> finished =
        executions.stream()
            .filter(execution -> phase(execution).terminal())
            .filter(which)
            .sorted(BY_CREATION)
            .toList();
    return finished.subList(0, Math.max(0, finished.size() - limit));
  }

  private static boolean preheated(PreheatExecution execution) {
    return phase(execution) == Phase.SUCCEEDED && didSomething(execution);
  }

  private static boolean selectedNothing(PreheatExecution execution) {
    return phase(execution) == Phase.SUCCEEDED && !didSomething(execution);
  }

  /** The tasks of a large run stand in its parts. */
  private static boolean didSomething(PreheatExecution execution) {
    Summary counts = execution.getStatus().summary();
    return counts != null && counts.tasks() > 0;
  }

  private static boolean isOwn(PreheatExecution execution, PreheatPolicy policy) {
    return execution.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getUid().equals(policy.getMetadata().getUid()));
  }

  static Phase phase(PreheatExecution execution) {
    return execution.getStatus() == null ? Phase.PENDING : execution.getStatus().effectivePhase();
  }
}
