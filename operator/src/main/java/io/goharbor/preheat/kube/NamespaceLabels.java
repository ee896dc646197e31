package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;

/** Labels of namespaces, read by name and kept for half a minute. */
public final class NamespaceLabels {
  private final KubernetesClient client;
  private final Cache<String, Map<String, String>> cache =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(30)).maximumSize(1000).build();

  /** Reads with the given client. */
  public NamespaceLabels(KubernetesClient client) {
    this.client = client;
  }

  /** The labels of a namespace; empty when it does not exist. */
  public Map<String, String> of(String namespace) {
    return cache.get(namespace, this::read);
  }

  private Map<String, String> read(String name) {
    Namespace namespace = NamedResources.namespace(client, name).get();
    return namespace == null || namespace.getMetadata().getLabels() == null
        ? Map.of()
        : Map.copyOf(namespace.getMetadata().getLabels());
  }
}
