package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Namespace and name of an object; the kind is known from where the key stands. */
public record ObjectKey(String namespace, String name) {
  /** The key of an object. */
  public static ObjectKey of(HasMetadata object) {
    return new ObjectKey(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  /** Reads what {@link #toString} gave. */
  public static ObjectKey parse(String text) {
    int slash = text.indexOf('/');
    return new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
