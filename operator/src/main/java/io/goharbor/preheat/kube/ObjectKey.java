package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Namespace and name of an object; the kind is known from where the key stands. */
public record ObjectKey(String namespace, String name) {
  /** The key of an object. */
  public static ObjectKey of(HasMetadata object) {
    return new ObjectKey(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
