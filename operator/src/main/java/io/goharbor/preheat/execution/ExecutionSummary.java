package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.plan.Parts;
import java.time.Instant;
import java.util.List;

/**
 * What a policy wants to know of each of its executions, again and again. It is kept beside a
 * packed one, so that a thousand of these need not be unpacked to count them.
 *
 * @param owners UIDs
 * @param created the epoch when the API server has not said yet
 * @param tasks those of parts included
 */
public record ExecutionSummary(
    ObjectKey key,
    List<String> owners,
    Instant created,
    Phase phase,
    Trigger trigger,
    int artifacts,
    int tasks) {

  /** The outline of an execution. */
  public static ExecutionSummary of(PreheatExecution execution) {
    return execution instanceof PackedExecution packed ? packed.summary() : read(execution);
  }

  static ExecutionSummary read(PreheatExecution execution) {
    PreheatExecutionStatus status = Parts.status(execution);
    Summary counts = status.summary();
    String created = execution.getMetadata().getCreationTimestamp();
    return new ExecutionSummary(
        ObjectKey.of(execution),
        execution.getMetadata().getOwnerReferences().stream().map(OwnerReference::getUid).toList(),
        created == null ? Instant.EPOCH : Instant.parse(created),
        status.effectivePhase(),
        execution.getSpec() == null ? Trigger.MANUAL : execution.getSpec().effectiveTrigger(),
        counts == null ? 0 : counts.artifacts(),
        counts == null ? 0 : counts.tasks());
  }
}
