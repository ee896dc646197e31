package io.goharbor.preheat.e2e.world;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSimulator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An API server, a Harbor, a Dragonfly and a Kraken, all on the loopback address, and the operator
 * in its own process. The examples are applied with their made-up addresses replaced.
 */
public final class World implements AutoCloseable {
  /** The secrets that are in use here; none may ever be seen outside. */
  public static final String ROBOT_SECRET = "robot-secret-7f3a9c";

  /** What Harbor sends with its webhooks. */
  public static final String WEBHOOK_SECRET = "Bearer webhook-secret-51d0e2";

  /** The personal access token of Dragonfly. */
  public static final String DRAGONFLY_TOKEN = "dragonfly-token-c84b17";

  /** How fast the simulated Manager's time goes: its step of 30 s comes after 0.9 s. */
  private static final double TIME_SCALE = 0.03;

  private final Path root;
  private final Kube kube;
  private final KubernetesClient client;
  private final HarborSimulator harbor;
  private final DragonflySimulator dragonfly;
  private final KrakenSimulator kraken;
  private final OperatorProcess operator;
  private final Path kubeconfig;

  /**
   * Builds the world; the operator is not started.
   *
   * @param root the repository, with its crds and examples
   * @param scratch where the kubeconfig and the operator's log go
   */
  public World(Path root, Path scratch) throws IOException {
    this(root, scratch, EmbeddedKube.start());
  }

  /**
   * Builds the world on a given API server, which it closes at its end.
   *
   * @param root the repository, with its crds and examples
   * @param scratch where the kubeconfig and the operator's log go
   */
  public World(Path root, Path scratch, Kube kube) throws IOException {
    this.root = root;
    this.kube = kube;
    Files.createDirectories(scratch);
    kubeconfig = Files.writeString(scratch.resolve("kubeconfig"), kube.kubeconfig());
    client = kube.client();
    applyCrds(root, client);
    harbor = new HarborSimulator(Clock.systemUTC(), 0.02);
    harbor.addRobot("robot$preheat", ROBOT_SECRET);
    harbor.createProject("shop", false);
    harbor.createProject("library", true);
    dragonfly = new DragonflySimulator(Clock.systemUTC(), DRAGONFLY_TOKEN);
    dragonfly.timeScale(TIME_SCALE);
    kraken =
        new KrakenSimulator(
            KrakenSetup.current(harbor.url()).anyContent().account("robot$preheat", ROBOT_SECRET),
            Clock.systemUTC());
    Path log = scratch.resolve("operator.log");
    Files.deleteIfExists(log);
    operator = new OperatorProcess(kubeconfig, log);
  }

  /** Applies the CRDs, and waits until their kinds are served. */
  public static void applyCrds(Path root, KubernetesClient client) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("crds"))) {
      for (Path file :
          files
              .filter(f -> f.getFileName().toString().startsWith("preheat.goharbor.io_"))
              .sorted()
              .toList()) {
        CustomResourceDefinition crd =
            Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        client.resource(crd).fieldManager("world").forceConflicts().serverSideApply();
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName(crd.getMetadata().getName())
            .waitUntilCondition(World::established, 20, TimeUnit.SECONDS);
      }
    }
  }

  private static boolean established(@Nullable CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Established") && condition.getStatus().equals("True"));
  }

  /** Applies an example with the limits and probes that its resources have by default. */
  public void applyAsIs(String example) {
    for (HasMetadata object : load(example)) {
      client.resource(object).inNamespace("default").create();
    }
  }

  /** Applies an example, with real addresses and secrets in place of the made-up ones. */
  public void apply(String example) {
    for (HasMetadata object : load(example)) {
      if (object instanceof P2PProvider provider) {
        provider.setSpec(quick(provider.getSpec()));
      }
      client.resource(object).inNamespace("default").create();
    }
  }

  /** An example's objects, with real addresses and secrets. */
  public List<HasMetadata> load(String example) {
    try {
      String text = filled(Files.readString(root.resolve("examples").resolve(example)));
      List<HasMetadata> objects = new ArrayList<>();
      for (HasMetadata object :
          client.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).items()) {
        objects.add(typed(object));
      }
      return objects;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text with real addresses and secrets in place of the made-up ones of the examples. */
  public String filled(String text) {
    return text.replace("https://harbor.example.com", harbor.url())
        .replace("harbor.example.com", harbor.host())
        .replace("https://preheat.example.com", operator.webhookUrl())
        .replace("http://dragonfly-manager.dragonfly-system:8080", dragonfly.url())
        .replace("http://kraken-proxy:10050", kraken.proxyUrl())
        .replace("http://kraken-origin:80", kraken.originUrl())
        .replace("change-me-robot-secret", ROBOT_SECRET)
        .replace("Bearer change-me-webhook-secret", WEBHOOK_SECRET)
        .replace("change-me-dragonfly-token", DRAGONFLY_TOKEN);
  }

  /** Objects of our kinds in our types. */
  private static HasMetadata typed(HasMetadata object) {
    return switch (object.getKind()) {
      case "HarborRegistry" ->
          Serialization.unmarshal(Serialization.asJson(object), HarborRegistry.class);
      case "P2PProvider" ->
          Serialization.unmarshal(Serialization.asJson(object), P2PProvider.class);
      case "PreheatPolicy" ->
          Serialization.unmarshal(Serialization.asJson(object), PreheatPolicy.class);
      case "PreheatExecution" ->
          Serialization.unmarshal(Serialization.asJson(object), PreheatExecution.class);
      default -> object;
    };
  }

  /** The same provider, probed often, so that a scenario need not wait for half a minute. */
  private static P2PProviderSpec quick(P2PProviderSpec spec) {
    return P2PProviderSpecBuilder.builder()
        .type(spec.type())
        .dragonfly(quick(spec.dragonfly()))
        .kraken(spec.kraken())
        .auth(spec.auth())
        .tls(spec.tls())
        .limits(new P2PProviderSpec.Limits(32, 100))
        .healthCheck(new P2PProviderSpec.HealthCheck("2s", "2s"))
        .allowedNamespaces(spec.allowedNamespaces())
        .suspend(spec.suspend())
        .build();
  }

  /** A creation that a kill cut off is not waited for as long as a real Manager would need. */
  private static P2PProviderSpec.@Nullable Dragonfly quick(
      P2PProviderSpec.@Nullable Dragonfly spec) {
    return spec == null
        ? null
        : new P2PProviderSpec.Dragonfly(
            spec.url(),
            spec.schedulerClusterIDs(),
            spec.api(),
            spec.taskIDs(),
            spec.proxyURL(),
            "5s");
  }

  /** Starts the operator and waits until it is ready. */
  public void startOperator() throws InterruptedException {
    operator.start();
    operator.awaitReady(Duration.ofSeconds(60));
  }

  /** The API server. */
  public Kube kube() {
    return kube;
  }

  /** A client of the API server. */
  public KubernetesClient client() {
    return client;
  }

  /** The registry of the examples, whether it is there or not. */
  public Resource<HarborRegistry> registry() {
    return client().resources(HarborRegistry.class).inNamespace("default").withName("main");
  }

  /** All executions of the namespace in which everything is applied. */
  public List<PreheatExecution> executions() {
    return client().resources(PreheatExecution.class).inNamespace("default").list().getItems();
  }

  /** The Harbor. */
  public HarborSimulator harbor() {
    return harbor;
  }

  /** The Dragonfly. */
  public DragonflySimulator dragonfly() {
    return dragonfly;
  }

  /** The Kraken. */
  public KrakenSimulator kraken() {
    return kraken;
  }

  /** The operator. */
  public OperatorProcess operator() {
    return operator;
  }

  /** The kubeconfig with which kubectl works against the API server. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void close() {
    operator.close();
    client.close();
    kraken.close();
    dragonfly.close();
    harbor.close();
    kube.close();
  }
}
