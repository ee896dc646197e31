package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.execution.PackedExecution;
import io.javaoperatorsdk.operator.api.config.Cloner;

/** Copies what reconcilers get from the caches; what is packed is unpacked. */
record Copies(KubernetesSerialization serialization) implements Cloner {
  @Override
  @SuppressWarnings("unchecked") // A packed execution is asked for as an execution.
  public <R extends HasMetadata> R clone(R object) {
    return object instanceof PackedExecution packed
        ? (R) packed.unpack()
        : serialization.clone(object);
  }
}
