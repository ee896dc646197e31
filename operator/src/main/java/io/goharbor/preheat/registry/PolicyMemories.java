package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The policies that sweeps are for, each compiled once for each generation. */
final class PolicyMemories {
  /**
   * A generation of a policy.
   *
   * @param memory empty: events do not concern it, or its selector is not valid
   */
  private record Entry(Long generation, Optional<PolicyMemory> memory) {}

  private final ResourceStore<PreheatPolicy> policies;
  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();

  /** Registries with policies that no sweep has met. */
  private final Set<ObjectKey> unmet = ConcurrentHashMap.newKeySet();

  PolicyMemories(ResourceStore<PreheatPolicy> policies) {
    this.policies = policies;
    policies.show(this::appeared);
  }

  private void appeared(PreheatPolicy policy) {
    Entry known = entries.get(policy.getMetadata().getUid());
    if (known == null || !known.generation().equals(policy.getMetadata().getGeneration())) {
      unmet.add(
          new ObjectKey(policy.getMetadata().getNamespace(), policy.getSpec().harborRef().name()));
    }
  }

  /** Whether a policy waits for a pass over all artifacts to begin. */
  boolean isPassAwaited(ObjectKey registry) {
    // All are looked through only after one came: there may be thousands.
    boolean awaited =
        unmet.remove(registry) && of(registry).stream().anyMatch(PolicyMemory::awaitsPass);
    if (awaited) {
      unmet.add(registry);
    }
    return awaited;
  }

  /** Those of a registry. */
  List<PolicyMemory> of(ObjectKey registry) {
    List<PolicyMemory> found = new ArrayList<>();
    for (PreheatPolicy policy : policies.all().toList()) {
      if (policy.getMetadata().getNamespace().equals(registry.namespace())
          && policy.getSpec().harborRef().name().equals(registry.name())) {
        entry(policy).memory().ifPresent(found::add);
      }
    }
    return found;
  }

  private Entry entry(PreheatPolicy policy) {
    Long generation = policy.getMetadata().getGeneration();
    return Objects.requireNonNull(
        entries.compute(
            policy.getMetadata().getUid(),
            (uid, before) ->
                before != null && before.generation().equals(generation)
                    ? before
                    : new Entry(generation, SweptPolicy.of(policy).map(PolicyMemory::new))));
  }

  /** Forgets those that were deleted. */
  void forgetDeleted() {
    Set<String> present =
        policies.all().map(policy -> policy.getMetadata().getUid()).collect(Collectors.toSet());
    entries.keySet().retainAll(present);
  }
}
