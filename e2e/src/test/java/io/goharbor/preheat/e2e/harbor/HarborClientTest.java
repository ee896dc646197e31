package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The client against the simulated Harbor, over HTTP. */
class HarborClientTest {
  private static final String SECRET = "robot-secret-2e9d";
  private static final Map<String, Long> LAYERS = Map.of("base", 1_000_000L, "app", 20_000L);

  private HarborSimulator harbor;
  private HarborClient client;

  @BeforeEach
  void start() {
    harbor = new HarborSimulator(Clock.systemUTC(), 0.002);
    harbor.addRobot("robot$preheat", SECRET);
    harbor.createProject("shop", false);
    client = client(new Credential.Basic("robot$preheat", SECRET), Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    harbor.close();
  }

  private HarborClient client(Credential credential, Duration readTimeout) {
    return new HarborClient(
        new HttpClients()
            .open(
                "Harbor",
                ConnectionSettings.of(harbor.url(), credential, TlsSettings.SYSTEM, 1000)
                    .withReadTimeout(readTimeout)),
        harbor.url());
  }

  @Test
  void a_wrong_secret_shows_in_systeminfo() throws Exception {
    assertThat(client.systemInfo().authenticated()).isTrue();
    assertThat(client.systemInfo().version()).startsWith("v2.");
    HarborClient wrong =
        client(new Credential.Basic("robot$preheat", "wrong"), Duration.ofSeconds(5));
    assertThat(wrong.systemInfo().authenticated()).isFalse();
  }

  @Test
  void a_repository_with_slashes_is_found() throws Exception {
    String digest = harbor.push("shop", "team/api/web", "1.0", LAYERS);
    harbor.addLabel("shop", "team/api/web", "1.0", "prod");
    harbor.addAccessory("shop", "team/api/web", "1.0", "signature.cosign");
    harbor.scanned("shop", "team/api/web", "1.0", "Medium");
    HarborArtifact artifact =
        client
            .artifact("shop", "team/api/web", "1.0", new HarborArtifact.Detail(true, true, true))
            .orElseThrow();
    assertThat(artifact.digest()).isEqualTo(digest);
    assertThat(artifact.repository()).isEqualTo("team/api/web");
    assertThat(artifact.tags()).containsExactly("1.0");
    assertThat(artifact.labels()).containsExactly("prod");
    assertThat(artifact.signatures()).containsExactly(SignatureKind.COSIGN);
    assertThat(artifact.scan()).isEqualTo(new HarborArtifact.Scan(true, "Medium"));
    assertThat(client.artifact("shop", "team/api/web", "2.0", HarborArtifact.Detail.BASIC))
        .isEmpty();
  }

  @Test
  void only_what_is_needed_is_asked_for() throws Exception {
    harbor.push("shop", "web", "1.0", LAYERS);
    client.artifact("shop", "web", "1.0", HarborArtifact.Detail.BASIC);
    assertThat(harbor.server().log(ask -> ask.rawPath().endsWith("/artifacts/1.0")))
        .singleElement()
        .satisfies(ask -> {
          assertThat(ask.rawQuery()).isEqualTo("with_tag=true");
          assertThat(ask.header("Cookie")).isEmpty();
        });
  }

  @Test
  void all_pages_are_read() throws Exception {
    for (int i = 0; i < 250; i++) {
      harbor.push("shop", "web", "t" + i, Map.of("layer " + i, 1000L));
    }
    List<String> tags = new ArrayList<>();
    client.artifacts(
        "shop",
        new ArtifactQuery(null, null, true, HarborArtifact.Detail.BASIC),
        artifact -> tags.addAll(artifact.tags()));
    assertThat(tags).hasSize(250).doesNotHaveDuplicates();
    assertThat(harbor.server().log(ask -> ask.rawPath().endsWith("/projects/shop/artifacts")))
        .hasSize(3);
  }

  @Test
  void listing_is_narrowed_by_push_time() throws Exception {
    harbor.push("shop", "web", "1.0", LAYERS);
    List<String> found = new ArrayList<>();
    ArtifactQuery future =
        new ArtifactQuery(null, Instant.now().plusSeconds(3600), true, HarborArtifact.Detail.BASIC);
    client.artifacts("shop", future, artifact -> found.add(artifact.digest()));
    assertThat(found).isEmpty();
  }

  @Test
  void an_index_names_its_platforms_and_a_manifest_its_blobs() throws Exception {
    harbor.pushIndex("shop", "web", "1.0", List.of("linux/amd64", "linux/arm64"), LAYERS);
    HarborArtifact index =
        client.artifact("shop", "web", "1.0", HarborArtifact.Detail.BASIC).orElseThrow();
    assertThat(index.isIndex()).isTrue();
    assertThat(index.children())
        .extracting(HarborArtifact.Child::platform)
        .containsExactlyInAnyOrder("linux/amd64", "linux/arm64");
    ImageManifest manifest =
        client.manifest("shop", "web", index.children().getFirst().digest()).orElseThrow();
    assertThat(manifest.blobs()).hasSize(3);
    long config = manifest.blobs().getFirst().size();
    assertThat(manifest.bytes()).isEqualTo(1_020_000L + config);
    assertThat(client.manifest("shop", "web", "sha256:" + "0".repeat(64))).isEmpty();
    assertThatThrownBy(() -> client.manifest("shop", "web", index.digest()))
        .isInstanceOfSatisfying(
            RemoteCallException.class,
            e -> assertThat(e.failureClass()).isEqualTo(FailureClass.PERMANENT));
  }

  @Test
  void a_gate_of_the_project_is_told_in_harbors_words() {
    String digest = harbor.push("shop", "web", "1.0", LAYERS);
    harbor.contentTrust("shop", true);
    assertThatThrownBy(() -> client.manifest("shop", "web", digest))
        .isInstanceOfSatisfying(
            RemoteCallException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.PULL_DENIED);
              assertThat(e.failureClass()).isEqualTo(FailureClass.PERMANENT);
            })
        .hasMessageContaining("not signed by cosign");
  }

  @Test
  void webhooks_are_created_changed_and_deleted() throws Exception {
    WebhookPolicy policy =
        new WebhookPolicy(
            0,
            "preheat",
            "",
            true,
            Set.of("PUSH_ARTIFACT"),
            "http://127.0.0.1:9/hook",
            "Bearer hidden-value",
            false,
            "CloudEvents");
    long id = client.createWebhookPolicy("shop", policy);
    WebhookPolicy created = client.webhookPolicies("shop").getFirst();
    assertThat(created).isEqualTo(policy.withId(id));
    assertThat(created.toString()).doesNotContain("hidden-value");
    assertThatThrownBy(() -> client.createWebhookPolicy("shop", policy))
        .hasMessageContaining("409");
    client.deleteWebhookPolicy("shop", created.id());
    client.deleteWebhookPolicy("shop", created.id());
    assertThat(client.webhookPolicies("shop")).isEmpty();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("401", Fault.status(401, "no"), FailureClass.PERMANENT, Reason.UNAUTHORIZED),
        Arguments.of("403", Fault.status(403, "no"), FailureClass.PERMANENT, Reason.FORBIDDEN),
        Arguments.of(
            "409", Fault.status(409, "no"), FailureClass.PERMANENT, Reason.UNEXPECTED_ANSWER),
        Arguments.of("429", Fault.status(429, "slow"), FailureClass.WAIT, Reason.RATE_LIMITED),
        Arguments.of("500", Fault.status(500, "oops"), FailureClass.RETRY, Reason.UNREACHABLE),
        Arguments.of("502", Fault.status(502, "oops"), FailureClass.RETRY, Reason.UNREACHABLE),
        Arguments.of(
            "503 with Retry-After",
            new Fault.Reply(Answer.status(503).with("Retry-After", "7")),
            FailureClass.WAIT,
            Reason.UNREACHABLE),
        Arguments.of("dropped", new Fault.Drop(), FailureClass.RETRY, Reason.UNREACHABLE),
        Arguments.of(
            "half an answer", new Fault.HalfAnswer(), FailureClass.RETRY, Reason.UNREACHABLE),
        Arguments.of(
            "too slow",
            new Fault.Delay(Duration.ofSeconds(2)),
            FailureClass.RETRY,
            Reason.UNREACHABLE),
        Arguments.of(
            "not JSON", Fault.status(200, "<html>"), FailureClass.RETRY, Reason.UNEXPECTED_ANSWER));
  }

  @ParameterizedTest(name = "{0}: {2}, {3}")
  @MethodSource("faults")
  void every_failure_has_its_class(
      String name, Fault fault, FailureClass failureClass, Reason reason) {
    harbor.server().faults().always(ask -> true, fault);
    HarborClient hasty =
        client(new Credential.Basic("robot$preheat", SECRET), Duration.ofMillis(300));
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, hasty::systemInfo);
    assertThat(failure).as(name).isNotNull();
    assertThat(failure.failureClass()).isEqualTo(failureClass);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.describe()).doesNotContain(SECRET);
  }

  @Test
  void a_refused_connection_did_not_arrive() {
    harbor.server().stop();
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, client::systemInfo);
    assertThat(failure.failureClass()).isEqualTo(FailureClass.RETRY);
    assertThat(failure.mayHaveArrived()).isFalse();
    assertThat(failure.describe()).contains("cannot be connected to");
  }
}
