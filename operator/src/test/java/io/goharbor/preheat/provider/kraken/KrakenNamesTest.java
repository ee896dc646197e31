package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HostileTexts;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RecordingServer;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither a namespace nor an address that a cluster names leads a request elsewhere. */
class KrakenNamesTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  private final AtomicReference<String> locations = new AtomicReference<>("");
  private final RecordingServer server =
      new RecordingServer(line ->
          line.contains("/locations")
              ? "200 OK\r\nOrigin-Locations: " + locations.get() + "\r\n\r\n"
              : "200 OK\r\n\r\n");
  private final KrakenOrigins origins =
      new KrakenOrigins(
          new HttpClients(),
          "Kraken origin",
          ConnectionSettings.of(
              server.url(), new Credential.Bearer("secret"), TlsSettings.SYSTEM, 1000),
          Duration.ofSeconds(5));

  private interface Call {
    Object ask() throws RemoteCallException;
  }

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @MethodSource("io.goharbor.preheat.http.HostileTexts#all")
  void a_namespace_or_digest_that_is_none_is_not_asked_for(String text) throws Exception {
    String address = server.address();
    for (String name : List.of(text, text + "/a", "a/" + text)) {
      List<Call> calls =
          List.of(
              () -> origins.holds(address, new BlobName(name, DIGEST)),
              () -> origins.prefetch(address, new BlobName(name, DIGEST)),
              () -> origins.metainfo(address, new BlobName(name, DIGEST)),
              () -> origins.holds(address, new BlobName("shop/web", name)),
              () -> origins.delete(address, name),
              () -> origins.locations(name));
      for (Call call : calls) {
        try {
          call.ask();
        } catch (InvalidSpecException | RemoteCallException refused) {
          // What went out is checked below.
        }
      }
    }
    assertThat(server.targets())
        .allSatisfy(target -> {
          assertThat(HostileTexts.isPlain(target)).as(target).isTrue();
          assertThat(target).matches("/(internal/)?(namespace/[^/]+/)?blobs/.*");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:1?x=",
        "127.0.0.1:1/x",
        "127.0.0.1:1#x",
        "user@127.0.0.1:1",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:123456",
        ":1",
        "[::1]",
        "::1:80",
        "http://127.0.0.1:1",
        "127.0.0.1:1 x",
        "127.0.0.1:1\\x",
        "a..b:1",
        "%2e:1"
      })
  void an_address_is_host_and_port_or_refused(String address) {
    locations.set(server.address() + "," + address);
    assertThatThrownBy(() -> origins.locations(DIGEST))
        .isInstanceOfSatisfying(
            RemoteCallException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
              assertThat(e.describe()).contains("'" + address + "'").contains("not host:port");
            });
  }

  @Test
  void names_and_addresses_of_both_kinds_are_origins() throws Exception {
    locations.set("kraken-origin-0.kraken:15002, 10.0.0.7:80,[fd00::1]:80");
    assertThat(origins.locations(DIGEST))
        .containsExactly("kraken-origin-0.kraken:15002", "10.0.0.7:80", "[fd00::1]:80");
  }
}
