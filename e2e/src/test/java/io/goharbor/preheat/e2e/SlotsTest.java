package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slots of a provider: what cannot use one leaves it to others, whatever happens meanwhile. */
class SlotsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path scratch;
  private World world;
  private Runs runs;

  @BeforeEach
  void start() throws Exception {
    world = new World(ROOT, scratch);
    runs = new Runs(world);
    for (int i = 1; i <= 6; i++) {
      world.harbor().push("shop", "web", "v" + i, Map.of("web-" + i, 1000L));
    }
    world.harbor().push("shop", "api", "v1", Map.of("api", 1000L));
    world.dragonfly().jobTime(Duration.ofSeconds(130));
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    runs.patch(
        P2PProvider.class, "dragonfly", "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":2}}}");
  }

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void a_suspended_run_leaves_its_slots_to_others() throws Exception {
    create("first");
    await().atMost(SOON).until(() -> inFlight("first") == 2);

    runs.patch(PreheatExecution.class, "first", "{\"spec\":{\"suspend\":true}}");
    runs.create(
        "second",
        """
        policyRef: {name: shop}
        artifacts: [{repository: shop/api, tag: v1}]
        """);

    runs.awaitPhase("second", Phase.SUCCEEDED, SOON);
    assertThat(runs.status("first").effectivePhase().terminal()).isFalse();
    runs.patch(PreheatExecution.class, "first", "{\"spec\":{\"suspend\":false}}");
    runs.awaitPhase("first", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_job_goes_on_when_its_registry_gets_other_credentials() throws Exception {
    create("run");
    await().atMost(SOON).until(() -> running("run") == 2);

    Secret before = world.client().secrets().inNamespace("default").withName("harbor-robot").get();
    world
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("harbor-robot-2")
                .withNamespace("default")
                .endMetadata()
                .withType(before.getType())
                .withData(before.getData())
                .build())
        .create();
    runs.patch(
        HarborRegistry.class,
        "main",
        "{\"spec\":{\"credentialsSecretRef\":{\"name\":\"harbor-robot-2\"}}}");
    world.client().resource(before).delete();

    runs.awaitPhase("run", Phase.SUCCEEDED, SOON);
  }

  private void create(String name) {
    runs.create(
        name,
        "policyRef: {name: shop}\nartifacts: ["
            + IntStream.rangeClosed(1, 6)
                .mapToObj(i -> "{repository: shop/web, tag: v" + i + "}")
                .collect(Collectors.joining(", "))
            + "]");
  }

  private long inFlight(String name) {
    return runs.status(name).taskList().stream().filter(task -> task.state().inFlight()).count();
  }

  private long running(String name) {
    return runs.status(name).taskList().stream()
        .filter(task -> task.state() == TaskState.RUNNING)
        .count();
  }
}
