package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import io.goharbor.preheat.e2e.world.Scenario;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same scenario on a real API server, with a crash in it; and what only such a one can judge.
 */
class RealApiServerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void the_scenario_holds_on_a_real_api_server(@TempDir Path scratch) throws Exception {
    RealKube kube = RealKubes.startOrSkip(scratch.resolve("kube"));
    try (World world = new World(ROOT, scratch, kube)) {
      world.startOperator();
      List<Scenario.Outcome> outcomes =
          new Scenario(
                  world,
                  new WholeWayTest.Silent(),
                  disturbed -> {
                    disturbed.operator().kill();
                    disturbed.startOperator();
                  })
              .play();
      assertThat(outcomes).as(world.operator().output()).allMatch(Scenario.Outcome::observed);
      assertThat(world.registry().get().getStatus().webhook())
          .as("written beside what the reconciler writes")
          .satisfies(webhook -> {
            assertThat(webhook.path()).isNotNull();
            assertThat(webhook.lastEventTime()).isNotNull();
          });
      BadInput.check(world.client());
      BadStatus.check(world.client().getConfiguration());
      PreheatExecution finished =
          world
              .client()
              .resources(PreheatExecution.class)
              .inNamespace("default")
              .withName("by-hand")
              .get();
      assertThat(
              world
                  .client()
                  .resources(PreheatExecution.class)
                  .inNamespace("default")
                  .withField("status.phase", "Failed")
                  .list()
                  .getItems())
          .extracting(execution -> execution.getMetadata().getName())
          .containsExactly("missing");
      assertThat(finished.getStatus().observedGeneration()).isEqualTo(1);
      assertThatThrownBy(() ->
              world
                  .client()
                  .resource(finished)
                  .inNamespace("default")
                  .edit(BadInput::withOtherTrigger))
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("trigger is immutable");
    }
  }
}
