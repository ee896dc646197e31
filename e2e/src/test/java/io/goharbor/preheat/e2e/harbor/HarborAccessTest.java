package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Who may what: accounts, tokens, TLS, and secrets that stay secret. */
class HarborAccessTest extends HarborBench {
  private static final Predicate<Ask> TOKEN = Faults.on("GET", "/service/token");

  @Test
  void a_public_project_is_pulled_anonymously_and_with_a_token_all_the_same() throws Exception {
    harbor.createProject("library", true);
    String digest = harbor.push("library", "nginx", "1", LAYERS);
    HarborClient anonymous = client(new Credential.None());
    assertThat(anonymous.systemInfo().authenticated()).isFalse();
    assertThat(anonymous.manifest("library", "nginx", digest)).isPresent();
    assertThat(anonymous.pullAuthorization("library", "nginx").headerValue()).startsWith("Bearer ");
  }

  @Test
  void a_token_without_the_right_to_pull_is_told_before_it_is_handed_on() {
    harbor.push("shop", "web", "1", LAYERS);
    RemoteCallException anonymous =
        failure(() -> client(new Credential.None()).pullAuthorization("shop", "web"));
    assertThat(anonymous.reason()).isEqualTo(Reason.PULL_DENIED);
    assertThat(anonymous.describe())
        .isEqualTo(
            "Harbor default/main: shop/web cannot be pulled anonymously; set credentialsSecretRef,"
                + " or make the project public");
    harbor.addRobot("robot$reader", "s", "artifact:read", "artifact:list");
    RemoteCallException reader =
        failure(() ->
            client(new Credential.Basic("robot$reader", "s")).pullAuthorization("shop", "web"));
    assertThat(reader.failureClass()).isEqualTo(FailureClass.PERMANENT);
    assertThat(reader.describe()).contains("permission repository:pull");
  }

  @Test
  void the_clients_own_token_is_kept_and_minted_anew_when_it_is_refused() throws Exception {
    String one = harbor.push("shop", "web", "1", LAYERS);
    HarborClient client = client();
    client.manifest("shop", "web", one);
    client.manifest("shop", "web", one);
    assertThat(harbor.server().log(TOKEN)).hasSize(1);
    harbor.revokeTokens();
    assertThat(client.manifest("shop", "web", one)).isPresent();
    assertThat(harbor.server().log(TOKEN)).hasSize(2);
  }

  @Test
  void a_token_that_ends_soon_is_not_kept() throws Exception {
    harbor.tokenLife(Duration.ofSeconds(30));
    String digest = harbor.push("shop", "web", "1", LAYERS);
    HarborClient client = client();
    client.manifest("shop", "web", digest);
    client.manifest("shop", "web", digest);
    assertThat(harbor.server().log(TOKEN)).hasSize(2);
    PullAuthorization handedOn = client.pullAuthorization("shop", "web");
    assertThat(handedOn.expires())
        .isBetween(Instant.now().plusSeconds(20), Instant.now().plusSeconds(30));
    assertThat(handedOn.toString()).doesNotContain("eyJ");
  }

  @Test
  void what_a_robot_may_not_is_forbidden_and_what_an_expired_one_may_not_unauthorized() {
    harbor.push("shop", "web", "1", LAYERS);
    harbor.addRobot("robot$puller", "s", "repository:pull");
    HarborClient puller = client(new Credential.Basic("robot$puller", "s"));
    RemoteCallException forbidden =
        failure(() -> puller.artifact("shop", "web", "1", HarborArtifact.Detail.BASIC));
    assertThat(forbidden.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(forbidden.describe()).contains("403").contains("artifact:read");
    harbor.removeRobot("robot$puller");
    assertThat(failure(() -> puller.webhookPolicies("shop")).reason())
        .isEqualTo(Reason.UNAUTHORIZED);
  }

  @Test
  void patience_is_asked_for_in_seconds() {
    harbor
        .server()
        .faults()
        .always(ask -> true, new Fault.Reply(Answer.status(429).with("Retry-After", "17")));
    RemoteCallException failure = failure(() -> client().projects());
    assertThat(failure.failureClass()).isEqualTo(FailureClass.WAIT);
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(17));
  }

  @Test
  void a_server_that_quotes_the_request_gives_no_secret_away() {
    Fault echo =
        new Fault.Reply(
            Answer.json(
                400,
                Map.of(
                    "errors",
                    List.of(
                        Map.of(
                            "code",
                            "BAD_REQUEST",
                            "message",
                            "user "
                                + ROBOT
                                + " password "
                                + SECRET
                                + " hook hidden-hook-value")))));
    harbor.server().faults().always(ask -> true, echo);
    WebhookPolicy policy =
        new WebhookPolicy(
            0,
            "w",
            "",
            true,
            Set.of("PUSH_ARTIFACT"),
            "http://127.0.0.1:9/",
            "Bearer hidden-hook-value",
            false,
            "Default");
    assertThat(failure(() -> client().createWebhookPolicy("shop", policy)).describe())
        .contains("BAD_REQUEST user robot$preheat password *** hook ***");
  }

  @Test
  void broken_json_of_the_token_service_is_not_quoted() {
    harbor
        .server()
        .faults()
        .always(
            TOKEN,
            new Fault.Reply(
                Answer.text(200, "{\"token\":\"secret-token")
                    .with("Content-Type", "application/json")));
    RemoteCallException failure = failure(() -> client().pullAuthorization("shop", "web"));
    assertThat(failure.describe())
        .isEqualTo(
            "Harbor default/main, GET /service/token: the answer of status 200 is not JSON (22"
                + " bytes)");
  }

  @Test
  void a_page_of_a_proxy_is_named_and_not_quoted() {
    harbor.server().faults().always(ask -> true, Fault.status(200, "<html>Please sign in</html>"));
    assertThat(failure(() -> client().systemInfo()).describe())
        .contains("not JSON but text/plain", "an HTML page")
        .doesNotContain("sign in");
  }

  @Test
  void a_certificate_is_trusted_only_when_its_authority_is_known() throws Exception {
    HeldCertificate authority = new HeldCertificate.Builder().certificateAuthority(0).build();
    try (HarborSimulator secure = secureHarbor(authority)) {
      Credential robot = new Credential.Basic(ROBOT, SECRET);
      RemoteCallException failure =
          failure(() -> client(secure.url(), robot, TlsSettings.SYSTEM).systemInfo());
      assertThat(failure.reason()).isEqualTo(Reason.TLS_FAILED);
      assertThat(failure.failureClass()).isEqualTo(FailureClass.PERMANENT);
      assertThat(failure.describe()).doesNotContain(SECRET);
      TlsSettings known = new TlsSettings(authority.certificatePem(), null, null, false);
      assertThat(client(secure.url(), robot, known).systemInfo().authenticated()).isTrue();
      TlsSettings careless = new TlsSettings(null, null, null, true);
      assertThat(client(secure.url(), robot, careless).systemInfo().authenticated()).isTrue();
    }
  }

  @Test
  void a_tls_connection_that_breaks_off_says_nothing_about_trust() throws Exception {
    try (ServerSocket starting = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket connection = starting.accept()) {
              connection.getInputStream().read();
            } catch (IOException e) {
              // The test is over.
            }
          });
      String url = "https://127.0.0.1:" + starting.getLocalPort();
      RemoteCallException failure =
          failure(() -> client(url, new Credential.None(), TlsSettings.SYSTEM).systemInfo());
      assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(failure.failureClass()).isEqualTo(FailureClass.RETRY);
    }
  }

  static HarborSimulator secureHarbor(HeldCertificate authority) throws GeneralSecurityException {
    HeldCertificate server =
        new HeldCertificate.Builder()
            .addSubjectAlternativeName("127.0.0.1")
            .signedBy(authority)
            .build();
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(server)
            .addTrustedCertificate(authority.certificate())
            .build();
    HarborSimulator secure =
        new HarborSimulator(Clock.systemUTC(), 0.002, certificates.sslContext());
    secure.addRobot(ROBOT, SECRET);
    return secure;
  }

  private static RemoteCallException failure(ThrowingCallable call) {
    return catchThrowableOfType(RemoteCallException.class, call);
  }
}
