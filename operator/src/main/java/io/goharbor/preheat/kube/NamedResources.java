package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.goharbor.preheat.api.Grammar;

/**
 * The only way from a name to an object of the Kubernetes API. The client library writes names into
 * URLs as they are: {@code ../../platform/secrets/x} would be a Secret of another namespace.
 */
public final class NamedResources {
  private NamedResources() {}

  /**
   * An object.
   *
   * @throws io.goharbor.preheat.api.InvalidSpecException when a name is none
   */
  public static <T, L, R extends Resource<T>> R of(
      MixedOperation<T, L, R> kind, String namespace, String name) {
    return in(kind, namespace).withName(Grammar.OBJECT_NAME.check("name", name));
  }

  /**
   * The objects of a namespace.
   *
   * @throws io.goharbor.preheat.api.InvalidSpecException when its name is none
   */
  public static <T, L, R extends Resource<T>> NonNamespaceOperation<T, L, R> in(
      MixedOperation<T, L, R> kind, String namespace) {
    return kind.inNamespace(Grammar.NAMESPACE.check("namespace", namespace));
  }

  /**
   * A namespace itself.
   *
   * @throws io.goharbor.preheat.api.InvalidSpecException when its name is none
   */
  public static Resource<Namespace> namespace(KubernetesClient client, String name) {
    return client.namespaces().withName(Grammar.NAMESPACE.check("namespace", name));
  }
}
