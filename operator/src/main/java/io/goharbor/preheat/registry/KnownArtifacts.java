package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.TaskStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the executions of a policy are about. */
final class KnownArtifacts {
  private KnownArtifacts() {}

  /**
   * The artifacts, as {@link MissedArtifactDetector#key} names them. Where the selector looks at
   * what can change without a push, those that came to nothing do not count: they may be selected
   * by now.
   */
  static Set<String> by(List<PreheatExecution> executions, boolean changes) {
    Set<String> keys = new HashSet<>();
    for (PreheatExecution execution : executions) {
      if (execution.getSpec().artifacts() != null) {
        for (ArtifactRef artifact : execution.getSpec().artifacts()) {
          if (!changes || !cameToNothing(execution, artifact)) {
            keys.add(
                MissedArtifactDetector.key(
                    artifact.repository(), String.valueOf(artifact.digest())));
          }
        }
      }
    }
    return keys;
  }

  /** Whether a run ended without a task for an artifact; those of an index have other digests. */
  private static boolean cameToNothing(PreheatExecution execution, ArtifactRef artifact) {
    PreheatExecutionStatus status = execution.getStatus();
    return status != null
        && status.effectivePhase().terminal()
        // What was split had something to do.
        && status.parts() == null
        && status.taskList().stream()
            .filter(task -> task.repository().equals(artifact.repository()))
            .noneMatch(task ->
                task.digest().equals(artifact.digest())
                    || artifact.tag() == null
                    || tags(task).contains(artifact.tag()));
  }

  private static List<String> tags(TaskStatus task) {
    return List.of(task.artifact().substring(task.artifact().indexOf(':') + 1).split(",", -1));
  }
}
