package io.goharbor.preheat.runtime;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderStatus;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.kube.Conditions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/**
 * The whole operator, wired as in production, on an API server with faults. Only pauses of the
 * Kubernetes client are shorter: it tries a request three times within milliseconds.
 */
public final class OperatorWorld implements AutoCloseable {
  /** Namespace of all objects. */
  public static final String NAMESPACE = "team";

  private static final Duration GENEROUS = Duration.ofSeconds(30);

  private final FaultyApi api = new FaultyApi();
  private final OutsideSystems outside = new OutsideSystems();
  private final KubernetesClient client;
  private final PreheatOperator operator;

  private OperatorWorld() throws Exception {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(api.url())
            .withNamespace(NAMESPACE)
            .withHttp2Disable(true)
            .withRequestRetryBackoffLimit(2)
            .withRequestRetryBackoffInterval(5)
            .withWatchReconnectInterval(20)
            .build();
    client =
        new KubernetesClientBuilder()
            .withConfig(config)
            .withHttpClientFactory(new OkHttpClientFactory())
            .build();
    operator =
        new PreheatOperator(
            OperatorConfig.from(
                Map.of(
                    "PREHEAT_LEADER_ELECTION", "false",
                    "PREHEAT_WEBHOOK_PORT", "0",
                    "PREHEAT_MANAGEMENT_PORT", "0",
                    "PREHEAT_RECONCILE_STOP_WITHIN", "1s")),
            config);
    operator.start();
  }

  /** Starts the operator; there is nothing for it to do yet. */
  public static OperatorWorld start() throws Exception {
    return new OperatorWorld();
  }

  /** The API server. */
  public FaultyApi api() {
    return api;
  }

  /** Harbor and Kraken. */
  public OutsideSystems outside() {
    return outside;
  }

  /** The port of health and metrics. */
  public int managementPort() {
    return operator.managementPort();
  }

  /** Waits for what a user is to see. */
  public static ConditionFactory awaiting(String what) {
    return await(what).atMost(GENEROUS).pollInterval(Duration.ofMillis(20));
  }

  /** A registry that can be used. */
  public HarborRegistry registry(String name) {
    return create(HarborRegistry.class, name, "url: " + outside.url());
  }

  /** A provider that can be used. */
  public P2PProvider provider(String name) {
    return create(P2PProvider.class, name, kraken());
  }

  /** The spec of a provider that can be used. */
  public String kraken() {
    return "type: Kraken\nkraken: {proxyURL: '" + outside.url() + "'}";
  }

  /** A run that sends an image of its own to one provider. */
  public PreheatExecution run(String name, String registry, String provider) {
    return create(
        PreheatExecution.class,
        name,
        """
        harborRef: {name: %s}
        providerRefs: [{name: %s}]
        artifacts: [{repository: %s, tag: %s}]
        """
            .formatted(registry, provider, OutsideSystems.REPOSITORY, name));
  }

  /** Creates an object as a user does. */
  public <R extends CustomResource<?, ?>> R create(Class<R> kind, String name, String spec) {
    return client.resource(object(kind, name, spec)).create();
  }

  private static <R extends HasMetadata> R object(Class<R> kind, String name, String spec) {
    return Serialization.unmarshal(
        "apiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: %s}\nspec:\n%s"
            .formatted(
                HasMetadata.getApiVersion(kind),
                HasMetadata.getKind(kind),
                name,
                NAMESPACE,
                spec.indent(2)),
        kind);
  }

  /** An object by its name. */
  public <R extends HasMetadata> Resource<R> named(Class<R> kind, String name) {
    return client.resources(kind).inNamespace(NAMESPACE).withName(name);
  }

  /** The objects of a kind. */
  public <R extends HasMetadata> List<R> all(Class<R> kind) {
    return client.resources(kind).inNamespace(NAMESPACE).list().getItems();
  }

  /** A client as users have it. */
  public KubernetesClient client() {
    return client;
  }

  /** Path of an object in the API. */
  public static String path(Class<? extends HasMetadata> kind, String name) {
    return "/apis/"
        + HasMetadata.getApiVersion(kind)
        + "/namespaces/"
        + NAMESPACE
        + "/"
        + HasMetadata.getPlural(kind)
        + "/"
        + name;
  }

  /** The reason in the condition Ready of an object; empty: there is none yet. */
  public String reason(Class<? extends HasMetadata> kind, String name) {
    Condition ready = ready(kind, name);
    return ready == null ? "" : ready.getReason();
  }

  /** The condition Ready of an object; null: there is none yet. */
  public @Nullable Condition ready(Class<? extends HasMetadata> kind, String name) {
    HasMetadata object = named(kind, name).get();
    Object status = object instanceof CustomResource<?, ?> custom ? custom.getStatus() : null;
    List<Condition> conditions =
        switch (status) {
          case HarborRegistryStatus registry -> registry.conditions();
          case P2PProviderStatus provider -> provider.conditions();
          case PreheatPolicyStatus policy -> policy.conditions();
          case PreheatExecutionStatus execution -> execution.conditions();
          case null, default -> List.of();
        };
    return Conditions.find(conditions, "Ready").orElse(null);
  }

  /** Waits until the condition Ready of an object has a reason. */
  public void awaitReason(Class<? extends HasMetadata> kind, String name, String reason) {
    awaiting(HasMetadata.getKind(kind) + " " + name + " to be " + reason)
        .until(() -> reason(kind, name), reason::equals);
  }

  @Override
  public void close() {
    api.heal();
    operator.close();
    client.close();
    outside.close();
    api.close();
  }
}
