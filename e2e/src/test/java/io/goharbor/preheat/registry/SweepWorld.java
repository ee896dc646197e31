package io.goharbor.preheat.registry;

import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.policy.Denials;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.ExecutionFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A Harbor, an API server, and the sweep of an operator that comes and goes. */
final class SweepWorld implements AutoCloseable {
  private static final ObjectKey REGISTRY = new ObjectKey("default", "main");

  private Duration ahead = Duration.ZERO;
  private Duration skew = Duration.ZERO;
  private final InstantSource clock = () -> Instant.now().plus(ahead);
  private final EmbeddedKube kube = EmbeddedKube.start();
  private final World world;
  private final HarborSimulator harbor =
      new HarborSimulator(() -> clock.instant().plus(skew), 0.001);
  private final KubernetesClient client;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final HarborRegistry registry = new HarborRegistry();
  private Sweeps sweeps;
  private @Nullable CatchUpStatus status;

  SweepWorld(Path scratch) throws IOException {
    world = new World(Path.of("..").toAbsolutePath().normalize(), scratch, kube);
    harbor.addRobot("robot$sweep", "secret");
    harbor.createProject("shop", false);
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(kube.config())
                    .withNamespace("default")
                    // What is refused is refused to those who come so.
                    .withOauthToken("kubeconfig")
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .withHttpClientFactory(new OkHttpClientFactory())
            .build();
    registry.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("default")
            .withName("main")
            .withCreationTimestamp(clock.instant().toString())
            .build());
    registry.setSpec(new HarborRegistrySpec(harbor.url(), null, null, null, null, null, null));
    sweeps = newSweeps();
  }

  HarborSimulator harbor() {
    return harbor;
  }

  EmbeddedKube kube() {
    return kube;
  }

  KubernetesClient client() {
    return client;
  }

  /** What the registry's status tells. */
  CatchUpStatus status() {
    return requireNonNull(status);
  }

  double missedMetric() {
    return meters.get("preheat.catchup.missed").counter().count();
  }

  /** Time goes by; what was pushed before is not too young any more. */
  void later(Duration time) {
    ahead = ahead.plus(time);
  }

  /** Harbor's clock is off by so much from here on. */
  void skew(Duration by) {
    skew = by;
  }

  /** The operator is killed and starts again, or another replica leads. */
  void restart() {
    sweeps = newSweeps();
  }

  /** So many pages a sweep may read, at an interval of ten minutes. */
  void requestsPerSecond(int limit) {
    registry.setSpec(new HarborRegistrySpec(harbor.url(), null, null, null, limit, null, null));
  }

  private Sweeps newSweeps() {
    ResourceStore<PreheatPolicy> policies = new ResourceStore<>();
    ResourceStore<PreheatExecution> executions = new ResourceStore<>();
    Sweeps made =
        new Sweeps(
            new CatchUp(
                client,
                policies,
                executions,
                new ExecutionCreation(
                    client,
                    new Denials(
                        client,
                        policies,
                        new EventRecorder(client, clock, new Redactor(clock)),
                        clock))),
            new RegistryMetrics(meters),
            clock);
    policies.connect(new ApiCache<>(client, PreheatPolicy.class), Map.of());
    executions.connect(
        new ApiCache<>(client, PreheatExecution.class),
        Map.of(
            ExecutionReconciler.BY_POLICY,
            execution ->
                List.of("default/" + requireNonNull(execution.getSpec().policyRef()).name())));
    return made;
  }

  /** Sweeps as the reconciler does, eleven minutes after the last time. */
  @Nullable RemoteCallException sweep() throws RemoteCallException {
    later(Duration.ofMinutes(11));
    return sweepNow();
  }

  /** Sweeps if it is due; what ended it early, if anything did. */
  @Nullable RemoteCallException sweepNow() throws RemoteCallException {
    HarborClient harborClient =
        new HarborClient(
            new HttpClients()
                .open(
                    "Harbor " + REGISTRY,
                    ConnectionSettings.of(
                        harbor.url(),
                        new Credential.Basic("robot$sweep", "secret"),
                        TlsSettings.SYSTEM,
                        1000)),
            harbor.url());
    Sweeps.Result result =
        sweeps.sweepIfDue(
            registry,
            harborClient,
            harborClient.systemInfo(),
            status,
            clock.instant(),
            () -> false);
    status = result.status();
    return result.failure();
  }

  /** Creates a policy for pushes. */
  void policy(String name, String selector) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withNamespace("default").withName(name).build());
    policy.setSpec(
        requireNonNull(
            Serialization.unmarshal(
                "harborRef: {name: main}\nproviderRefs: [{name: d}]\n"
                    + "triggers: {events: [Pushed]}\nselector: {projects: {include: ['**']}"
                    + (selector.isEmpty() ? "" : ", " + selector)
                    + "}",
                PreheatPolicySpec.class)));
    client.resource(policy).create();
  }

  /** A webhook told of an artifact, and its execution was stored. */
  void heard(String policy, String repository, String tag, String digest) {
    List<ArtifactRef> artifacts = List.of(new ArtifactRef(repository, tag, digest));
    client
        .resource(
            ExecutionFactory.of(
                requireNonNull(
                    client
                        .resources(PreheatPolicy.class)
                        .inNamespace("default")
                        .withName(policy)
                        .get()),
                Trigger.EVENT,
                digest + tag,
                artifacts))
        .create();
  }

  String push(String project, String repository, String tag) {
    return harbor.push(project, repository, tag, Map.of(repository + tag, 100L));
  }

  /** Digests of all that executions of a policy by the sweep were made for, each as often. */
  List<String> found(String policy) {
    return client
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .list()
        .getItems()
        .stream()
        .filter(execution -> execution.getSpec().effectiveTrigger() == Trigger.CATCH_UP)
        .filter(execution -> requireNonNull(execution.getSpec().policyRef()).name().equals(policy))
        .flatMap(execution -> requireNonNull(execution.getSpec().artifacts()).stream())
        .map(artifact -> String.valueOf(artifact.digest()))
        .toList();
  }

  /** Events with a reason. */
  List<Event> events(String reason) {
    return client.v1().events().inNamespace("default").list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .toList();
  }

  /** All finished executions are deleted, as the limits of the history do. */
  void forgetExecutions() {
    client.resources(PreheatExecution.class).inNamespace("default").delete();
  }

  /** What Harbor was asked since the last call, without the probe. */
  List<Ask> asked() {
    Set<String> probe = Set.of("/api/v2.0/systeminfo");
    List<Ask> asked = harbor.server().log(ask -> !probe.contains(ask.rawPath()));
    harbor.server().clearLog();
    return asked;
  }

  @Override
  public void close() {
    client.close();
    harbor.close();
    world.close();
  }
}
