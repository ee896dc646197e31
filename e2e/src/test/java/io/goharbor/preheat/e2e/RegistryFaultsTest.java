package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Harbor, or one project of it, that fails in the middle of what is asked of it. */
class RegistryFaultsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path scratch;
  private World world;

  @BeforeEach
  void start() throws Exception {
    world = new World(ROOT, scratch);
    world.startOperator();
  }

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void a_harbor_that_fails_after_its_first_answer_is_told_and_recovers() {
    world
        .harbor()
        .server()
        .faults()
        .always(Faults.on("GET", "/api/v2.0/projects"), Fault.status(500, "no database"));
    world.apply("quickstart-dragonfly.yaml");

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(condition("Ready").getReason()).isEqualTo("Unreachable");
          assertThat(condition("Ready").getMessage()).contains("500");
          assertThat(condition("Reachable").getStatus()).isEqualTo("True");
        });
    assertThat(registry().getStatus().conditions())
        .extracting(Condition::getType)
        .doesNotHaveDuplicates();
    assertThat(world.operator().output()).doesNotContain("Uncaught error");

    world.harbor().server().faults().clear();
    await().atMost(SOON).until(() -> condition("Ready").getStatus().equals("True"));
  }

  private HarborRegistry registry() {
    return world
        .client()
        .resources(HarborRegistry.class)
        .inNamespace("default")
        .withName("main")
        .get();
  }

  private Condition condition(String type) {
    HarborRegistry registry = registry();
    List<Condition> conditions =
        registry.getStatus() == null ? List.of() : registry.getStatus().conditions();
    return Conditions.find(conditions, type).orElseGet(Condition::new);
  }
}
