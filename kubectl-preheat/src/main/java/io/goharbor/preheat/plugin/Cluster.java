package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.kube.NamedResources;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The Kubernetes API, with failures as sentences. */
final class Cluster implements AutoCloseable {
  private final KubernetesClient client;
  private final String namespace;
  private final ApiFailures failures;

  Cluster(Config config, String user) {
    this.client =
        new KubernetesClientBuilder()
            .withConfig(config)
            .withHttpClientFactory(new OkHttpClientFactory())
            .build();
    this.namespace = config.getNamespace() == null ? "default" : config.getNamespace();
    String server = config.getMasterUrl();
    this.failures =
        new ApiFailures(
            server.endsWith("/") ? server.substring(0, server.length() - 1) : server, user);
  }

  /** The namespace that was chosen. */
  String namespace() {
    return namespace;
  }

  /**
   * All objects of a kind, by namespace and name.
   *
   * @param in null: of all namespaces
   */
  <T extends HasMetadata> List<T> list(Class<T> kind, @Nullable String in) throws PluginFailure {
    return ask(api ->
            in == null
                ? api.resources(kind).inAnyNamespace().list(new ListOptionsBuilder().build())
                : NamedResources.in(api.resources(kind), in).list(new ListOptionsBuilder().build()))
        .getItems();
  }

  /** An object of the chosen namespace. */
  <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) throws PluginFailure {
    return Optional.ofNullable(
        ask(api -> NamedResources.of(api.resources(kind), namespace, name).get()));
  }

  /** Labels of the chosen namespace. */
  Map<String, String> namespaceLabels() throws PluginFailure {
    var found = ask(api -> NamedResources.namespace(api, namespace).get());
    return found == null || found.getMetadata().getLabels() == null
        ? Map.of()
        : found.getMetadata().getLabels();
  }

  /** Events of the chosen namespace that are about an object of ours. */
  List<Event> events() throws PluginFailure {
    return ask(api -> NamedResources.in(api.v1().events(), namespace).list()).getItems().stream()
        .filter(event ->
            String.valueOf(event.getInvolvedObject().getApiVersion())
                .startsWith(io.goharbor.preheat.api.ApiGroup.NAME))
        .toList();
  }

  /** Creates an object in the chosen namespace. */
  <T extends HasMetadata> T create(T object) throws PluginFailure {
    return ask(api -> api.resource(object).inNamespace(namespace).create());
  }

  /** Changes an object of the chosen namespace by a JSON merge patch. */
  <T extends HasMetadata> T patch(Class<T> kind, String name, String patch) throws PluginFailure {
    return ask(api ->
        NamedResources.of(api.resources(kind), namespace, name)
            .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
  }

  /** Deletes an object of the chosen namespace; one that is gone is no matter. */
  <T extends HasMetadata> void delete(Class<T> kind, String name) throws PluginFailure {
    ask(api -> NamedResources.of(api.resources(kind), namespace, name).delete());
  }

  /** Asks, and turns what goes wrong into a sentence. */
  <T> T ask(Function<KubernetesClient, T> question) throws PluginFailure {
    try {
      return question.apply(client);
    } catch (KubernetesClientException e) {
      throw failures.of(e);
    } catch (InvalidSpecException e) {
      throw PluginFailure.usage(e.describe());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
