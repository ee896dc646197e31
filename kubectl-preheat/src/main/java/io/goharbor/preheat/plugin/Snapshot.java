package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The objects of our kinds as they stood at one time, by namespace and name. */
record Snapshot(
    List<HarborRegistry> registries,
    List<P2PProvider> providers,
    List<PreheatPolicy> policies,
    List<PreheatExecution> executions) {
  private static final Comparator<HasMetadata> BY_NAME =
      Comparator.comparing(
              (HasMetadata object) -> DisplayText.orEmpty(object.getMetadata().getNamespace()))
          .thenComparing(object -> object.getMetadata().getName());

  Snapshot {
    registries = registries.stream().sorted(BY_NAME).toList();
    providers = providers.stream().sorted(BY_NAME).toList();
    policies = policies.stream().sorted(BY_NAME).toList();
    executions = executions.stream().sorted(BY_NAME).toList();
  }

  /** What has this name, and the executions of a policy that has it. */
  Snapshot named(String name) {
    return new Snapshot(
        registries.stream().filter(one -> isNamed(one, name)).toList(),
        providers.stream().filter(one -> isNamed(one, name)).toList(),
        policies.stream().filter(one -> isNamed(one, name)).toList(),
        executions.stream()
            .filter(one ->
                isNamed(one, name)
                    || (one.getSpec().policyRef() != null
                        && one.getSpec().policyRef().name().equals(name)))
            .toList());
  }

  boolean isEmpty() {
    return all().isEmpty();
  }

  /** All objects. */
  List<HasMetadata> all() {
    List<HasMetadata> all = new ArrayList<>(registries);
    all.addAll(providers);
    all.addAll(policies);
    all.addAll(executions);
    return all;
  }

  private static boolean isNamed(HasMetadata object, String name) {
    return object.getMetadata().getName().equals(name);
  }
}
