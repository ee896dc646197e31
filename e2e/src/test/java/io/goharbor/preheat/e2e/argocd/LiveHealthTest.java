package io.goharbor.preheat.e2e.argocd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.argocd.HealthCheck.Health;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The health checks on what the operator really writes, from the first moment to the last. */
class LiveHealthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Subject REGISTRY = new Subject("HarborRegistry", "main");
  private static final Subject PROVIDER = new Subject("P2PProvider", "dragonfly");
  private static final Subject POLICY = new Subject("PreheatPolicy", "shop");
  private static final Subject GATE = new Subject("PreheatExecution", "web-gate");

  @TempDir private Path scratch;

  @Test
  void a_gate_holds_until_the_image_is_warm_and_then_passes() throws Exception {
    try (World world = world()) {
      world.apply("quickstart-dragonfly.yaml");
      world.apply("argocd-gate.yaml");
      for (Subject subject : List.of(REGISTRY, PROVIDER, POLICY, GATE)) {
        assertThat(health(world, subject).status()).as("%s", subject).isEqualTo("Progressing");
      }
      List<Health> seen = new CopyOnWriteArrayList<>();
      try (Watch watch = watch(world, GATE, seen)) {
        assertThat(watch).isNotNull();
        world.startOperator();
        awaitHealth(seen, "Healthy");
      }
      assertThat(seen.stream().map(Health::status).distinct())
          .containsExactly("Progressing", "Healthy");
      assertThat(seen.stream().map(Health::message)).anyMatch(text -> text.contains("0% warm"));
      assertThat(seen.getLast().message()).matches("all \\d tasks are warm");
      for (Subject subject : List.of(REGISTRY, PROVIDER, POLICY)) {
        awaitHealth(world, subject, health -> health.status().equals("Healthy"));
      }
    }
  }

  @Test
  void a_gate_waits_for_what_may_still_come_and_fails_on_its_deadline() throws Exception {
    try (World world = world()) {
      world.apply("quickstart-dragonfly.yaml");
      world.startOperator();
      awaitHealth(world, PROVIDER, health -> health.status().equals("Healthy"));
      world.dragonfly().server().stop();
      awaitHealth(
          world,
          PROVIDER,
          health ->
              health.status().equals("Progressing") && !health.message().startsWith("Waiting for"));
      List<Health> seen = new CopyOnWriteArrayList<>();
      try (Watch watch = watch(world, GATE, seen)) {
        assertThat(watch).isNotNull();
        gate(world, "\"activeDeadline\":\"10m\"", "\"activeDeadline\":\"4s\"").create();
        awaitHealth(seen, "Degraded");
      }
      assertThat(seen.stream().map(Health::status).distinct())
          .containsExactly("Progressing", "Degraded");
      assertThat(seen.stream().map(Health::message))
          .anyMatch(message -> message.contains("unreachable since"));
      assertThat(seen.getLast().message()).contains("activeDeadline");
    }
  }

  /** The order of a sync that brings the gate and all that it needs at once. */
  @Test
  void a_gate_waits_for_objects_that_come_after_it() throws Exception {
    try (World world = world()) {
      world.startOperator();
      List<Health> seen = new CopyOnWriteArrayList<>();
      try (Watch watch = watch(world, GATE, seen)) {
        assertThat(watch).isNotNull();
        gate(world, "", "").create();
        await()
            .atMost(PATIENCE)
            .until(() ->
                seen.stream().map(Health::message).anyMatch(text -> text.contains("HarborRegist")));
        world.apply("quickstart-dragonfly.yaml");
        awaitHealth(seen, "Healthy");
      }
      assertThat(seen.stream().map(Health::status).distinct())
          .containsExactly("Progressing", "Healthy");
    }
  }

  @Test
  void a_gate_in_a_wave_is_held_by_hand_and_let_go() throws Exception {
    try (World world = world()) {
      world.apply("quickstart-dragonfly.yaml");
      Subject wave = new Subject("PreheatExecution", "web-wave");
      PreheatExecution held =
          Serialization.unmarshal(
              Serialization.asJson(world.load("argocd-sync-wave.yaml").getFirst())
                  .replace("\"activeDeadline\"", "\"suspend\":true,\"activeDeadline\""),
              PreheatExecution.class);
      Resource<PreheatExecution> resource = world.client().resource(held).inNamespace("default");
      resource.create();
      world.startOperator();
      await()
          .atMost(PATIENCE)
          .until(() ->
              resource.get().getStatus() != null && resource.get().getStatus().tasks() != null);
      assertThat(health(world, wave).status()).isEqualTo("Suspended");
      resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":false}}");
      awaitHealth(world, wave, health -> health.status().equals("Healthy"));
      // What ended stays as it is.
      resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
      assertThat(health(world, wave).status()).isEqualTo("Healthy");
    }
  }

  @Test
  void a_registry_that_refuses_the_account_is_degraded_and_so_is_a_gate_whose_image_is_missing()
      throws Exception {
    try (World world = world()) {
      world.apply("quickstart-dragonfly.yaml");
      world.startOperator();
      awaitHealth(world, REGISTRY, health -> health.status().equals("Healthy"));
      gate(world, ":1.4.2", ":9.9.9").create();
      awaitHealth(world, GATE, health -> health.status().equals("Degraded"));
      assertThat(health(world, GATE).message()).contains("9.9.9");
      world
          .registry()
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"credentialsSecretRef\":{\"name\":\"nobody\"}}}");
      awaitHealth(
          world,
          REGISTRY,
          health -> health.status().equals("Degraded") && health.message().contains("nobody"));
    }
  }

  @Test
  void kubectl_waits_for_a_gate() throws Exception {
    assumeTrue(onPath("kubectl"), "skipped: kubectl is not on the PATH");
    try (World world = world()) {
      world.apply("quickstart-dragonfly.yaml");
      world.apply("argocd-gate.yaml");
      world.startOperator();
      Process kubectl =
          new ProcessBuilder(
                  "kubectl",
                  "--kubeconfig",
                  world.kubeconfig().toString(),
                  "wait",
                  "--for=condition=Complete",
                  "phx/web-gate",
                  "--timeout=60s")
              .redirectErrorStream(true)
              .start();
      String output =
          new String(
              kubectl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(kubectl.waitFor(70, TimeUnit.SECONDS)).isTrue();
      assertThat(output).contains("web-gate condition met");
      assertThat(health(world, GATE).status()).isEqualTo("Healthy");
    }
  }

  private World world() throws IOException {
    World world = new World(HealthCheck.ROOT, scratch);
    world
        .harbor()
        .pushIndex(
            "shop",
            "web",
            "1.4.2",
            List.of("linux/amd64", "linux/arm64"),
            Map.of("base", 28_000_000L, "web", 9_000_000L));
    return world;
  }

  /** The gate of the example, with something of its JSON replaced. */
  private static Resource<PreheatExecution> gate(World world, String of, String by) {
    String json = Serialization.asJson(world.load("argocd-gate.yaml").getFirst());
    assertThat(json).contains(of);
    return world
        .client()
        .resource(Serialization.unmarshal(json.replace(of, by), PreheatExecution.class))
        .inNamespace("default");
  }

  private static void awaitHealth(List<Health> seen, String last) {
    await().atMost(PATIENCE).until(() -> !seen.isEmpty() && seen.getLast().status().equals(last));
  }

  private static void awaitHealth(World world, Subject subject, Predicate<Health> wanted) {
    await().atMost(PATIENCE).until(() -> health(world, subject), wanted);
  }

  private static Health health(World world, Subject subject) throws IOException {
    return HealthCheck.of(subject.kind).of(json(subject.in(world.client()).get()));
  }

  /** Notes the health at each change, as Argo CD looks at it. */
  private static Watch watch(World world, Subject subject, List<Health> seen) throws IOException {
    HealthCheck check = HealthCheck.of(subject.kind);
    return subject
        .in(world.client())
        .watch(
            new Watcher<GenericKubernetesResource>() {
              @Override
              public void eventReceived(Action action, GenericKubernetesResource object) {
                Health health = check.of(json(object));
                if (seen.isEmpty() || !seen.getLast().equals(health)) {
                  seen.add(health);
                }
              }

              @Override
              public void onClose(WatcherException cause) {}
            });
  }

  private static JsonNode json(GenericKubernetesResource object) {
    try {
      return HealthCheck.YAML.readTree(Serialization.asJson(object));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean onPath(String program) {
    return java.util.Arrays.stream(
            System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
        .anyMatch(folder -> java.nio.file.Files.isExecutable(Path.of(folder, program)));
  }

  /** An object whose health is checked. */
  private record Subject(String kind, String name) {
    Resource<GenericKubernetesResource> in(KubernetesClient client) {
      return client
          .genericKubernetesResources(ApiGroup.NAME + "/" + ApiGroup.VERSION, kind)
          .inNamespace("default")
          .withName(name);
    }
  }
}
