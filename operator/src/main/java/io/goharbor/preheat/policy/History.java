package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicySpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Which finished executions of a policy are kept. */
final class History {
  private static final int DEFAULT_SUCCESSFUL = 3;
  private static final int DEFAULT_FAILED = 5;

  private History() {}

  /** Finished executions beyond the policy's limits, oldest first. */
  static List<PreheatExecution> surplus(
      PreheatPolicySpec policy, List<PreheatExecution> executions) {
    int successful =
        policy.successfulExecutionsHistoryLimit() == null
            ? DEFAULT_SUCCESSFUL
            : policy.successfulExecutionsHistoryLimit();
    int failed =
        policy.failedExecutionsHistoryLimit() == null
            ? DEFAULT_FAILED
            : policy.failedExecutionsHistoryLimit();
    List<PreheatExecution> surplus = new ArrayList<>();
    surplus.addAll(beyond(successful, executions, History::preheated));
    // Events of artifacts that are not selected must not push out what was preheated.
    surplus.addAll(beyond(successful, executions, History::selectedNothing));
    surplus.addAll(beyond(failed, executions, execution -> phase(execution) != Phase.SUCCEEDED));
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
    return phase(execution) == Phase.SUCCEEDED && !execution.getStatus().taskList().isEmpty();
  }

  private static boolean selectedNothing(PreheatExecution execution) {
    return phase(execution) == Phase.SUCCEEDED && execution.getStatus().taskList().isEmpty();
  }

  static Phase phase(PreheatExecution execution) {
    return execution.getStatus() == null ? Phase.PENDING : execution.getStatus().effectivePhase();
  }
}
