package io.goharbor.preheat.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Each outage once and for seconds; {@code ./bench outages} makes more and longer ones. */
@Isolated("measures what another suite beside it would change")
class OutagesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  static final Outages.Size SHORT =
      new Outages.Size(
          Outages.Kind.values().length,
          Duration.ofSeconds(7),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Map.of(
              "PREHEAT_LEADER_ELECTION_LEASE_DURATION", "8s",
              "PREHEAT_LEADER_ELECTION_RENEW_DEADLINE", "6s",
              "PREHEAT_LEADER_ELECTION_RETRY_PERIOD", "1s"),
          3);

  @Test
  void one_leads_and_nothing_is_lost_whatever_fails(@TempDir Path scratch) throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(ROOT, scratch, kube)) {
      Map<String, Number> figures =
          new Outages.Run(world, new EmbeddedApi(kube), scratch, SHORT).run();
      check(figures);
    }
  }

  static void check(Map<String, Number> figures) {
    figures.forEach((name, figure) -> System.out.println(name + ": " + figure));

    assertThat(figures.getOrDefault("changes of leader", 0).intValue()).isGreaterThanOrEqualTo(3);
    assertThat(figures.getOrDefault("what leaders wrote and sent", 0).intValue())
        .isGreaterThan(100);
    assertThat(figures.getOrDefault("wanted artifacts warm", 0).intValue()).isGreaterThan(30);
    for (String none :
        new String[] {
          "processes that needed a person",
          "acts of a replica that another had followed",
          "balance: wanted, not warm",
          "balance: acknowledged, not stored"
        }) {
      assertThat(figures.getOrDefault(none, -1).intValue()).as("%s in %s", none, figures).isZero();
    }
  }
}
