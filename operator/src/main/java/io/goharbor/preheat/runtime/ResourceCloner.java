package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.execution.PackedExecution;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Copies what reconcilers get from the caches; what is packed is unpacked. Specs and statuses are
 * records, which no one changes, so a copy shares them.
 */
record ResourceCloner(KubernetesSerialization serialization) implements Cloner {
  @Override
  @SuppressWarnings("unchecked") // Each case gives what it was given.
  public <R extends HasMetadata> R clone(R object) {
    return (R)
        switch (object) {
          case PackedExecution packed -> packed.unpack();
          case PreheatExecution execution -> copy(execution, new PreheatExecution());
          case PreheatPolicy policy -> copy(policy, new PreheatPolicy());
          case HarborRegistry registry -> copy(registry, new HarborRegistry());
          case P2PProvider provider -> copy(provider, new P2PProvider());
          default -> serialization.clone(object);
        };
  }

  private static <S, T, R extends CustomResource<S, T>> R copy(R object, R copy) {
    copy.setMetadata(new ObjectMetaBuilder(object.getMetadata()).build());
    copy.setSpec(object.getSpec());
    copy.setStatus(object.getStatus());
    return copy;
  }
}
