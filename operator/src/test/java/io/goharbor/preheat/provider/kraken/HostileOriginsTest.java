package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Allocated;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HostileServer;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Origins that want to harm whoever asks them. */
class HostileOriginsTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final BlobName BLOB = new BlobName("shop/web", DIGEST);

  @Test
  void metainfo_is_not_kept() throws Exception {
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200));
          out.write(new byte[8 << 20]);
        })) {
      KrakenOrigins origins = origins(server);
      String address = URI.create(server.url()).getAuthority();
      assertThat(origins.metainfo(address, BLOB)).isEqualTo(KrakenOrigins.Fetch.HELD);
      long taken = Allocated.by(() -> origins.metainfo(address, BLOB));
      assertThat(taken).isLessThan(2L << 20);
    }
  }

  @Test
  void a_bomb_is_refused_wherever_it_is() throws Exception {
    byte[] bomb = HostileServer.bomb("", "0123456789", 4 << 20, "");
    try (HostileServer server = new HostileServer(HostileServer.packed(bomb))) {
      KrakenOrigins origins = origins(server);
      assertThat(failure(origins::readiness).reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      long taken = Allocated.by(() -> failure(origins::readiness));
      assertThat(taken).isLessThan(2L << 20);
    }
  }

  @Test
  void more_owners_than_a_blob_can_have_are_not_asked() throws Exception {
    String owners =
        IntStream.range(0, 1000).mapToObj(i -> "10.0.0.1:" + i).collect(Collectors.joining(","));
    try (HostileServer server =
        new HostileServer(
            (target, out) -> out.write(HostileServer.head(200, "Origin-Locations: " + owners)))) {
      RemoteCallException failure = failure(() -> origins(server).locations(DIGEST));
      assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      assertThat(failure.describe()).contains("named 1000 origins", "at most 64");
    }
  }

  @Test
  void an_origin_that_drips_ends_with_the_time_of_the_probe() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.drip("", 50))) {
      Instant start = Instant.now();
      assertThat(failure(origins(server)::readiness).reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }
  }

  private interface Call {
    void run() throws RemoteCallException;
  }

  private static RemoteCallException failure(Call call) {
    RemoteCallException failure = catchThrowableOfType(RemoteCallException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static KrakenOrigins origins(HostileServer server) {
    return new KrakenOrigins(
        new HttpClients(),
        "Kraken origin of a/b",
        ConnectionSettings.of(server.url(), new Credential.None(), TlsSettings.SYSTEM, 1000),
        Duration.ofMillis(500));
  }
}
