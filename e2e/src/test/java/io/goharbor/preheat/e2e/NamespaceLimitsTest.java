package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is beyond a limit of its namespace says so, and goes on when others are gone. */
class NamespaceLimitsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    world
        .operator()
        .with("PREHEAT_LIMITS_REGISTRIES_PER_NAMESPACE", "1")
        .with("PREHEAT_LIMITS_EXECUTIONS_PER_NAMESPACE", "1");
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    await()
        .atMost(SOON)
        .until(() -> ready("main").filter(it -> it.getStatus().equals("True")).isPresent());
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  void a_younger_run_waits_for_an_older_one_to_be_gone() {
    Runs runs = new Runs(world);
    world.harbor().push("shop", "limited", "1.0", Map.of("limited", 1000L));
    // The webhook's own run is over before the limit is tried.
    await()
        .atMost(SOON)
        .until(() ->
            !world.executions().isEmpty()
                && world.executions().stream()
                    .allMatch(run ->
                        run.getStatus() != null && run.getStatus().phase() == Phase.SUCCEEDED));
    String spec =
        "policyRef: {name: shop}\nartifacts: [{repository: shop/limited, tag: '1.0'}]\n%s";
    runs.create("older", spec.formatted("suspend: true"));
    await().atMost(SOON).until(() -> runs.status("older").phase() != null);
    runs.create("younger", spec.formatted(""));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(Conditions.find(runs.status("younger").conditions(), "Ready"))
                .hasValueSatisfying(told -> {
                  assertThat(told.getReason()).isEqualTo("NamespaceLimit");
                  assertThat(told.getMessage())
                      .contains("namespace default has more than 1 unfinished executions");
                }));
    assertThat(runs.status("younger").phase()).isEqualTo(Phase.PENDING);

    execution("older").delete();

    runs.awaitPhase("younger", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_younger_registry_is_not_used_and_says_so() {
    HarborRegistry second = new HarborRegistry();
    second.setMetadata(new ObjectMetaBuilder().withName("second").withNamespace("default").build());
    second.setSpec(registry("main").require().getSpec());
    world.client().resource(second).create();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(ready("second"))
                .hasValueSatisfying(told -> {
                  assertThat(told.getStatus()).isEqualTo("False");
                  assertThat(told.getReason()).isEqualTo("NamespaceLimit");
                  assertThat(told.getMessage())
                      .contains("namespace default has more than 1 HarborRegistry objects");
                }));
    assertThat(ready("main").orElseThrow().getStatus()).isEqualTo("True");
    registry("second").delete();
  }

  private static Optional<Condition> ready(String registry) {
    HarborRegistry found = registry(registry).get();
    return found == null || found.getStatus() == null
        ? Optional.empty()
        : Conditions.find(found.getStatus().conditions(), "Ready");
  }

  private static Resource<HarborRegistry> registry(String name) {
    return world.client().resources(HarborRegistry.class).inNamespace("default").withName(name);
  }

  private static Resource<PreheatExecution> execution(String name) {
    return world.client().resources(PreheatExecution.class).inNamespace("default").withName(name);
  }
}
