package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.HarborRegistryStatus.SweepPass;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HostileServer;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A Harbor that has ever more artifacts of the same second, among which no sweep can stop. */
class HostileSweepTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @Test
  void a_second_without_end_ends_the_look_at_its_project() throws Exception {
    AtomicInteger number = new AtomicInteger();
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200, "X-Total-Count: 999999999"));
          out.write(
              ("[{\"digest\":\"sha256:"
                      + number.incrementAndGet()
                      + "\",\"repository_name\":\"shop/web\",\"push_time\":\""
                      + NOON
                      + "\"}]")
                  .getBytes(StandardCharsets.UTF_8));
        })) {
      HarborClient harbor =
          new HarborClient(
              new HttpClients()
                  .open(
                      "Harbor default/main",
                      ConnectionSettings.of(
                          server.url(), new Credential.None(), TlsSettings.SYSTEM, 1_000_000)),
              server.url());
      Backlog backlog = new Backlog(SweepPass.NONE, NOON);
      ArtifactWalk walk =
          new ArtifactWalk(
              harbor,
              new TreeMap<>(Map.of("shop", HarborArtifact.Detail.BASIC)),
              new RequestBudget(10, NOON.plusSeconds(60), InstantSource.fixed(NOON), () -> false),
              backlog,
              new SweepPass(null, NOON, null, null, null));

      walk.go(NOON.minusSeconds(60), null, (project, artifacts) -> {});

      assertThat(walk.ended()).isTrue();
      assertThat(backlog.of(walk.at(), NOON).leftOut())
          .singleElement()
          .satisfies(left ->
              assertThat(left.message())
                  .contains("project shop", "1000 pages", "within one second", NOON.toString()));
      assertThat(server.requests()).isEqualTo(1001);
    }
  }
}
