package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one sweep finds for one policy; nothing of it is remembered before it is stored. */
final class MissedArtifacts implements MissedArtifactDetector.Past {
  private final PolicyMemory memory;
  private final ResourceStore<PreheatExecution> executions;
  private final Map<ArtifactRef, List<String>> missed = new LinkedHashMap<>();
  private final Set<String> missedKeys = new HashSet<>();
  private @Nullable Set<String> handled;

  MissedArtifacts(PolicyMemory memory, ResourceStore<PreheatExecution> executions) {
    this.memory = memory;
    this.executions = executions;
  }

  PolicyMemory memory() {
    return memory;
  }

  /** What no one told of, in the order in which it was found. */
  List<ArtifactRef> missed() {
    return List.copyOf(missed.keySet());
  }

  /**
   * Some of the same with the copies that come with them, as {@link MissedArtifactDetector#key}
   * names them.
   */
  List<String> keys(List<ArtifactRef> artifacts) {
    return artifacts.stream()
        .flatMap(artifact -> missed.getOrDefault(artifact, List.of()).stream())
        .toList();
  }

  /** Looks at an artifact. */
  void look(HarborArtifact artifact, MissedArtifactDetector.Period period) {
    MissedArtifactDetector.Selected selected =
        MissedArtifactDetector.of(memory.policy(), artifact, period, this);
    if (selected == null) {
      return;
    }
    if (selected.missed().isEmpty()) {
      memory.mark(selected.keys().stream().filter(key -> !missedKeys.contains(key)).toList());
      return;
    }
    // The artifact itself comes with its copies; a copy of it leads planning back to it.
    String first = selected.missed().getFirst();
    missed.put(
        new ArtifactRef(
            selected.repository(), first.equals(artifact.digest()) ? selected.tag() : null, first),
        selected.keys());
    missedKeys.addAll(selected.keys());
  }

  @Override
  public boolean complete() {
    return memory.complete();
  }

  @Override
  public boolean marked(String key) {
    return memory.marked(key);
  }

  @Override
  public boolean handled(String key) {
    if (missedKeys.contains(key) || memory.found(key)) {
      return true;
    }
    Set<String> known = handled;
    if (known == null) {
      known =
          KnownArtifacts.by(
              executions.byIndex(
                  ExecutionReconciler.BY_POLICY, ObjectKey.of(memory.policy().policy()).toString()),
              memory.policy().changes());
      handled = known;
    }
    return known.contains(key);
  }
}
