package io.goharbor.preheat.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.Allocated;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HostileServer;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A Harbor that wants to harm whoever asks it. */
class HostileHarborTest {
  private static final long SMALL = 8L << 20;
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final ArtifactQuery ALL =
      new ArtifactQuery(null, null, true, HarborArtifact.Detail.BASIC);

  interface Call {
    void on(HarborClient harbor) throws RemoteCallException;
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        Arguments.of("version", (Call) HarborClient::systemInfo),
        Arguments.of("projects", (Call) HarborClient::projects),
        Arguments.of("webhooks", (Call) harbor -> harbor.webhookPolicies("shop")),
        Arguments.of(
            "artifact",
            (Call) harbor -> harbor.artifact("shop", "web", "1.0", HarborArtifact.Detail.BASIC)),
        Arguments.of("artifacts", (Call) harbor -> harbor.artifacts("shop", ALL, a -> {})),
        Arguments.of("page", (Call) harbor -> harbor.artifactsByPush("shop", ALL, 1)),
        Arguments.of("token", (Call) harbor -> harbor.pullAuthorization("shop", "web")),
        Arguments.of("manifest", (Call) harbor -> harbor.manifest("shop", "web", DIGEST)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void a_packed_answer_of_many_small_values_takes_little_memory(String name, Call call)
      throws Exception {
    boolean list = Stream.of("projects", "webhooks", "artifacts", "page").anyMatch(name::equals);
    byte[] bomb =
        HostileServer.bomb(
            list ? "[{\"a\":[" : "{\"a\":[", "{},", 32 * 1024 * 1024 / 3, list ? "{}]}]" : "{}]}");
    assertThat(bomb).hasSizeLessThan(64 * 1024);
    try (HostileServer server = new HostileServer(withTokens(HostileServer.packed(bomb), name))) {
      assertRefused(server, call);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void an_answer_that_is_deep_is_refused(String name, Call call) throws Exception {
    try (HostileServer server =
        new HostileServer(withTokens(HostileServer.json("[{\"a\":".repeat(900) + "1"), name))) {
      assertRefused(server, call);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void one_long_value_takes_little_memory(String name, Call call) throws Exception {
    try (HostileServer server =
        new HostileServer(
            withTokens(
                HostileServer.packed(HostileServer.bomb("\"", "abcdefgh", 64 << 17, "\"")),
                name))) {
      assertRefused(server, call);
    }
  }

  @Test
  void a_list_that_repeats_its_page_is_noticed() throws Exception {
    String page = "[{\"project_id\":1,\"name\":\"shop\"},{\"project_id\":2,\"name\":\"web\"}]";
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200, "X-Total-Count: 999999999999"));
          out.write(page.getBytes(StandardCharsets.UTF_8));
        })) {
      RemoteCallException failure = failure(server, HarborClient::projects);
      assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      assertThat(failure.describe()).contains("page 2", "/api/v2.0/projects", "same as page 1");
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void a_list_that_never_ends_is_given_up() throws Exception {
    AtomicInteger id = new AtomicInteger();
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200, "X-Total-Count: 999999999999"));
          out.write(
              ("[{\"project_id\":" + id.incrementAndGet() + ",\"name\":\"p\"}]")
                  .getBytes(StandardCharsets.UTF_8));
        })) {
      RemoteCallException failure = failure(server, HarborClient::projects);
      assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      assertThat(failure.describe()).contains("200 pages", "/api/v2.0/projects");
      assertThat(server.requests()).isEqualTo(200);
    }
  }

  @Test
  void a_list_ends_where_its_first_page_said() throws Exception {
    AtomicInteger id = new AtomicInteger();
    try (HostileServer server =
        new HostileServer((target, out) -> {
          int now = id.incrementAndGet();
          out.write(HostileServer.head(200, "X-Total-Count: " + now * 1000));
          out.write(
              ("[{\"project_id\":" + now + ",\"name\":\"p\"}]").getBytes(StandardCharsets.UTF_8));
        })) {
      assertThat(failure(server, HarborClient::projects).describe())
          .contains("1000 items", "/api/v2.0/projects");
      assertThat(server.requests()).isLessThan(50);
    }
  }

  /** Manifests are read with a token, which is a call of its own. */
  private static HostileServer.Handler withTokens(HostileServer.Handler hostile, String name) {
    HostileServer.Handler token = HostileServer.json("{\"token\":\"t\"}");
    return (target, out) ->
        (name.equals("manifest") && target.startsWith("/service/token") ? token : hostile)
            .answer(target, out);
  }

  private static void assertRefused(HostileServer server, Call call) throws Exception {
    // Classes are loaded, and connections made, once.
    failure(server, call);
    RemoteCallException[] failure = new RemoteCallException[1];
    long taken = Allocated.by(() -> failure[0] = failure(server, call));
    assertThat(failure[0].reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
    assertThat(failure[0].failureClass()).isNotEqualTo(FailureClass.WAIT);
    assertThat(taken).isLessThan(SMALL);
  }

  private static RemoteCallException failure(HostileServer server, Call call) {
    HarborClient harbor =
        new HarborClient(
            new HttpClients()
                .open(
                    "Harbor default/main",
                    ConnectionSettings.of(
                        server.url(), new Credential.None(), TlsSettings.SYSTEM, 1000)),
            server.url());
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, () -> call.on(harbor));
    assertThat(failure).isNotNull();
    return failure;
  }
}
