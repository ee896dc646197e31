package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which finished executions of a policy are kept. Those that a person or Argo CD created with its
 * name are not its own: what they deleted would come back and run again.
 */
final class History {
  private static final int DEFAULT_SUCCESSFUL = 3;
  private static final int DEFAULT_FAILED = 5;

  private History() {}

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
            .sorted(
                Comparator.comparing(
                    (PreheatExecution execution) -> execution.getMetadata().getCreationTimestamp()))
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
