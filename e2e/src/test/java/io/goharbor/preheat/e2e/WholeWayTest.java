package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.chart.Permissions;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.Scenario;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scenario of {@code ./demo --once}: undisturbed, and with a crash of the operator in it. */
class WholeWayTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void every_expected_outcome_is_observed(@TempDir Path scratch) throws Exception {
    play(scratch, Scenario.Disturbance.none());
  }

  @Test
  void a_crash_in_the_middle_changes_no_outcome(@TempDir Path scratch) throws Exception {
    play(
        scratch,
        world -> {
          world.operator().kill();
          world.startOperator();
        });
  }

  private static void play(Path scratch, Scenario.Disturbance disturbance)
      throws IOException, InterruptedException {
    try (World world = new World(ROOT, scratch)) {
      world.startOperator();
      List<Scenario.Outcome> outcomes = new Scenario(world, new Silent(), disturbance).play();
      String log = world.operator().output();
      assertThat(outcomes).as(log).allMatch(Scenario.Outcome::observed);
      NoSecrets.check(world);
      Permissions.ofTheChart().checkCover(((EmbeddedKube) world.kube()).askedByKubeconfig());
    }
  }

  static final class Silent implements Scenario.Watcher {
    @Override
    public void step(String title) {
      System.out.println("== " + title);
    }

    @Override
    public void outcome(Scenario.Outcome outcome) {
      System.out.println("   " + outcome);
    }
  }
}
