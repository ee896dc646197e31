package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatPolicy;
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

  @Test
  void a_closed_project_is_named_with_the_missing_permission_and_harbor_can_be_used() {
    world.harbor().createProject("closed", false);
    world
        .harbor()
        .server()
        .faults()
        .always(Faults.on("GET", "/projects/closed/artifacts"), Fault.status(403, "no"));
    world.apply("quickstart-dragonfly.yaml");
    Runs runs = new Runs(world);
    runs.patch(HarborRegistry.class, "main", "{\"spec\":{\"catchUp\":{\"interval\":\"30s\"}}}");
    runs.patch(
        PreheatPolicy.class,
        "shop",
        "{\"spec\":{\"selector\":{\"projects\":{\"include\":[\"*\"]}}}}");

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(condition("CatchUpComplete").getReason()).isEqualTo("CatchUpIncomplete");
          assertThat(condition("CatchUpComplete").getMessage())
              .contains("project closed: ", "403", "artifact: list");
          assertThat(condition("Ready").getStatus()).isEqualTo("True");
        });

    world.harbor().server().faults().clear();
    await().atMost(SOON).until(() -> condition("CatchUpComplete").getStatus().equals("True"));
  }

  private HarborRegistry registry() {
    return world.registry().get();
  }

  private Condition condition(String type) {
    HarborRegistry registry = registry();
    List<Condition> conditions =
        registry.getStatus() == null ? List.of() : registry.getStatus().conditions();
    return Conditions.find(conditions, type)
        .orElseGet(() -> new ConditionBuilder().withStatus("").build());
  }
}
