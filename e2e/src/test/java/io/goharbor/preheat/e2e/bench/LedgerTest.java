package io.goharbor.preheat.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The ledger of a short run; {@code ./bench ledger} makes a long one. */
@Isolated("measures what another suite beside it would change")
class LedgerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void nothing_is_lost_and_nothing_done_twice_whoever_is_killed(@TempDir Path scratch)
      throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(ROOT, scratch, kube)) {
      Map<String, Number> entries =
          Ledger.run(world, kube, new Ledger.Size(600, 20, Duration.ofSeconds(8), 7));

      assertThat(entries)
          .containsKeys("kills of operator", "kills of api_server", "kills of harbor");
      // Else there would be little to balance.
      for (String entry :
          List.of(
              "wanted artifacts acknowledged",
              "wanted artifacts stored",
              "wanted artifacts warm")) {
        assertThat(entries.getOrDefault(entry, 0).intValue()).as(entry).isGreaterThan(100);
      }
      entries.forEach((entry, count) -> {
        if (entry.startsWith("balance")) {
          assertThat(count).as("%s in %s", entry, entries).isEqualTo(0);
        }
      });
    }
  }
}
