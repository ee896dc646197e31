package io.goharbor.preheat.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HostileTexts;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RecordingServer;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No name leads a request, and with it the robot's credentials, past where it belongs. */
class HarborNamesTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);
  private static final HarborArtifact.Detail NOTHING_MORE =
      new HarborArtifact.Detail(false, false, false);
  private static final ArtifactQuery ALL = new ArtifactQuery(null, null, true, NOTHING_MORE);

  private final RecordingServer server = new RecordingServer(HarborNamesTest::answer);
  private final HarborClient harbor =
      new HarborClient(
          new HttpClients()
              .open(
                  "Harbor",
                  ConnectionSettings.of(
                      server.url() + "/base",
                      new Credential.Basic("robot", "secret"),
                      TlsSettings.SYSTEM,
                      1000)),
          server.url() + "/base");

  private interface Call {
    Object ask() throws RemoteCallException;
  }

  private static String answer(String line) {
    return line.contains("/service/token")
        ? "200 OK\r\nContent-Type: application/json\r\n\r\n{\"token\":\"t\"}"
        : "404 Not Found\r\n\r\n";
  }

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @MethodSource("io.goharbor.preheat.http.HostileTexts#all")
  void a_name_that_is_none_is_not_asked_for(String text) {
    List<Call> calls = new ArrayList<>();
    for (String name : List.of(text, text + "/a", "a/" + text)) {
      calls.add(() -> harbor.artifact(name, "web", "1", NOTHING_MORE));
      calls.add(() -> harbor.artifact("shop", name, "1", NOTHING_MORE));
      calls.add(() -> harbor.artifact("shop", "web", name, NOTHING_MORE));
      calls.add(() -> harbor.artifact("shop", "web", "sha256:" + name, NOTHING_MORE));
      calls.add(() -> harbor.artifactsByPush(name, ALL, 1));
      calls.add(() -> {
        harbor.artifacts("shop", new ArtifactQuery(name, null, true, NOTHING_MORE), found -> {});
        return "";
      });
      calls.add(() -> harbor.anyManifest(name, "web", DIGEST));
      calls.add(() -> harbor.anyManifest("shop", name, DIGEST));
      calls.add(() -> harbor.manifest("shop", "web", name));
      calls.add(() -> harbor.pullAuthorization(name, "web"));
      calls.add(() -> harbor.pullAuthorization("shop", name));
      calls.add(() -> harbor.webhookPolicies(name));
    }
    for (Call call : calls) {
      try {
        call.ask();
      } catch (RemoteCallException e) {
        if (e.reason() == Reason.INVALID_SPEC) {
          assertThat(e.failureClass()).isEqualTo(FailureClass.PERMANENT);
          assertThat(e.describe()).startsWith("Harbor is not asked: ").matches("[ -~]*");
        }
      }
    }
    assertThat(server.targets())
        .allSatisfy(target -> {
          assertThat(HostileTexts.isPlain(target)).as(target).isTrue();
          assertThat(target)
              .matches("/base/(api/v2\\.0/projects/|v2/|service/token\\?).*")
              .doesNotContain("scope=repository:shop/web:pull%20");
        });
    assertThat(server.heads()).noneMatch(head -> head.contains("X-Injected"));
  }

  @Test
  void what_can_be_a_name_is_asked_for_as_harbor_wants_it() throws Exception {
    harbor.artifact("shop", "api/web", "1.0", NOTHING_MORE);
    harbor.artifact("shop", "web", DIGEST, NOTHING_MORE);
    harbor.anyManifest("shop", "api/web", DIGEST);
    assertThat(server.targets())
        .extracting(target -> target.split("\\?", 2)[0])
        .containsExactly(
            "/base/api/v2.0/projects/shop/repositories/api%252Fweb/artifacts/1.0",
            "/base/api/v2.0/projects/shop/repositories/web/artifacts/" + DIGEST,
            "/base/service/token",
            "/base/v2/shop/api/web/manifests/" + DIGEST);
  }
}
