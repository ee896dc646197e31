package io.goharbor.preheat.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What benchmark rest measures, small and by counts only; and that what sleeps wakes up. */
@Isolated("measures what another suite beside it would change")
class RestTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int POLICIES = 50;

  @Test
  void nothing_is_written_or_asked_at_rest_and_a_change_wakes_those_it_concerns(
      @TempDir Path scratch) throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(ROOT, scratch, kube)) {
      Rest.Result result =
          Rest.measure(
              world,
              kube,
              POLICIES,
              500,
              "1h",
              "256m",
              Duration.ofSeconds(3),
              Duration.ofSeconds(8));
      String log = world.operator().output();
      assertThat(result.start().writes()).as(log).isEmpty();
      assertThat(result.start().unexpectedOfHarbor()).as(log).isEmpty();
      assertThat(result.start().reconciliations()).isGreaterThanOrEqualTo(POLICIES);
      assertThat(result.rest().writes()).as(log).isEmpty();
      assertThat(result.rest().unexpectedOfHarbor()).as(log).isEmpty();
      assertThat(result.rest().harbor().keySet())
          .as("no sweep is due")
          .noneMatch(kind -> kind.startsWith(RestMeter.SWEEP));
      // Registries and providers are probed; of policies and executions none is checked.
      assertThat(result.rest().reconciliations()).isLessThanOrEqualTo(4);

      P2PProvider kraken =
          world
              .client()
              .resources(P2PProvider.class)
              .inNamespace("default")
              .withName("kraken")
              .get();
      world.client().resource(kraken).delete();
      await().atMost(Duration.ofSeconds(30)).until(() -> reasons(world), all("ProviderNotFound"));
      kraken.getMetadata().setResourceVersion(null);
      kraken.getMetadata().setUid(null);
      kraken.setStatus(null);
      world.client().resource(kraken).create();
      await().atMost(Duration.ofSeconds(30)).until(() -> reasons(world), all("Ready"));
    }
  }

  private static java.util.function.Predicate<List<String>> all(String reason) {
    return reasons ->
        reasons.size() == POLICIES
            && reasons.stream()
                // Each fiftieth is suspended, which is told only where nothing else is wrong.
                .allMatch(known -> known.equals(reason) || known.equals("Suspended"));
  }

  private static List<String> reasons(World world) {
    return world
        .client()
        .resources(PreheatPolicy.class)
        .inNamespace("default")
        .list()
        .getItems()
        .stream()
        .map(policy ->
            Conditions.find(policy.getStatus().conditions(), "Ready")
                .map(ready -> ready.getReason())
                .orElse(""))
        .toList();
  }
}
