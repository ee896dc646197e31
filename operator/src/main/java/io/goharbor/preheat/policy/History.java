package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.execution.ExecutionSummary;
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
  private static final Comparator<ExecutionSummary> BY_CREATION =
      Comparator.comparing(ExecutionSummary::created);

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
  static List<ExecutionSummary> seenBySweep(List<ExecutionSummary> surplus, Instant swept) {
    Set<ExecutionSummary> awaited =
        surplus.stream()
            .filter(execution -> awaitsSweep(execution, swept))
            .sorted(BY_CREATION.reversed())
            .limit(MOST_AWAITED)
            .collect(Collectors.toSet());
    return surplus.stream().filter(execution -> !awaited.contains(execution)).toList();
  }

  private static boolean awaitsSweep(ExecutionSummary execution, Instant swept) {
    return (execution.trigger() == Trigger.EVENT || execution.trigger() == Trigger.CATCH_UP)
        && execution.created().isAfter(swept);
  }

  /** Finished executions beyond the policy's limits, oldest first. */
  static List<ExecutionSummary> surplus(PreheatPolicy policy, List<ExecutionSummary> executions) {
    PreheatPolicySpec spec = policy.getSpec();
    int successful =
        spec.successfulExecutionsHistoryLimit() == null
            ? DEFAULT_SUCCESSFUL
            : spec.successfulExecutionsHistoryLimit();
    int failed =
        spec.failedExecutionsHistoryLimit() == null
            ? DEFAULT_FAILED
            : spec.failedExecutionsHistoryLimit();
    String uid = policy.getMetadata().getUid();
    List<ExecutionSummary> own =
        executions.stream().filter(execution -> execution.owners().contains(uid)).toList();
    List<ExecutionSummary> surplus = new ArrayList<>();
    surplus.addAll(beyond(successful, own, History::preheated));
    // Events of artifacts that are not selected must not push out what was preheated.
    surplus.addAll(beyond(successful, own, History::selectedNothing));
    surplus.addAll(beyond(failed, own, execution -> execution.phase() != Phase.SUCCEEDED));
    return surplus;
  }

  private static List<ExecutionSummary> beyond(
      int limit, List<ExecutionSummary> executions, Predicate<ExecutionSummary> which) {
    List<ExecutionSummary> finished =
        executions.stream()
            .filter(execution -> execution.phase().terminal())
            .filter(which)
            .sorted(BY_CREATION)
            .toList();
    return finished.subList(0, Math.max(0, finished.size() - limit));
  }

  private static boolean preheated(ExecutionSummary execution) {
    return execution.phase() == Phase.SUCCEEDED && execution.tasks() > 0;
  }

  private static boolean selectedNothing(ExecutionSummary execution) {
    return execution.phase() == Phase.SUCCEEDED && execution.tasks() == 0;
  }
}
