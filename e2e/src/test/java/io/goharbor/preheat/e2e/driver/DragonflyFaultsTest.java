package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Submission;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Dragonfly answers wrong, and what the driver makes of it. */
class DragonflyFaultsTest extends DragonflyBench {
  static Stream<Arguments> answersToACreation() {
    return Stream.of(
        arguments(fault(401, Map.of("message", "Unauthorized")), "hold", Reason.UNAUTHORIZED),
        arguments(fault(403, Map.of("message", "Token has expired")), "hold", Reason.FORBIDDEN),
        arguments(fault(301, Map.of()), "hold", Reason.UNEXPECTED_ANSWER),
        arguments(
            fault(404, Map.of("message", "scheduler cluster id 1: record not found")),
            "hold",
            Reason.INVALID_SPEC),
        arguments(fault(409, Map.of("message", "Conflict")), "again", Reason.UNEXPECTED_ANSWER),
        arguments(fault(422, Map.of("errors", "Unknow type")), "refused", Reason.REJECTED),
        arguments(
            text(422, "{\"errors\":\"one\"}{\"errors\":\"two\"}"), "refused", Reason.REJECTED),
        arguments(text(429, "rate limit exceeded"), "patience", Reason.RATE_LIMITED),
        arguments(
            fault(500, Map.of("message", "unauthorized: authentication required")),
            "again",
            Reason.PULL_DENIED),
        arguments(
            fault(500, Map.of("message", "no matching manifest for platform linux/arm64")),
            "refused",
            Reason.NOT_PREHEATABLE),
        arguments(
            fault(500, Map.of("message", "Get \"https://h/v2/\": x509: unknown authority")),
            "again",
            Reason.TLS_FAILED),
        arguments(
            fault(500, Map.of("message", "parse access url failed")), "refused", Reason.REJECTED),
        arguments(
            fault(500, Map.of("message", "candidate schedulers not found")),
            "hold",
            Reason.UNREACHABLE),
        arguments(text(502, "<html>Bad Gateway</html>"), "unknown", null),
        arguments(text(503, "no healthy upstream"), "hold", Reason.UNREACHABLE),
        arguments(text(200, "not JSON"), "unknown", null),
        arguments(text(200, "null"), "unknown", null),
        arguments(fault(200, Map.of("state", "PENDING")), "unknown", null),
        arguments(named("dropped", new Fault.Drop()), "unknown", null),
        arguments(named("half an answer", new Fault.HalfAnswer()), "unknown", null));
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @MethodSource("answersToACreation")
  void a_creation_that_goes_wrong(Fault fault, String what, @Nullable Reason reason) {
    dragonfly.server().faults().always(CREATE, fault);

    Submission submission = driver().submit(order("o"));

    switch (submission) {
      case Submission.Refused refused -> {
        assertThat(what).isEqualTo("refused");
        assertThat(refused.reason()).isEqualTo(reason);
      }
      case Submission.NotNow notNow -> {
        assertThat(notNow.reason()).isEqualTo(reason);
        assertThat(what)
            .isEqualTo(notNow.providerFault() ? "hold" : notNow.patience() ? "patience" : "again");
      }
      case Submission.Unknown unknown -> assertThat(what).isEqualTo("unknown");
      case Submission.Accepted accepted -> assertThat(what).isEqualTo("accepted");
      case Submission.Concluded concluded -> assertThat(what).isEqualTo("concluded");
    }
  }

  static Stream<Arguments> answersToALook() {
    return Stream.of(
        arguments(fault(401, Map.of("message", "Unauthorized")), Observation.NoAnswer.class),
        arguments(fault(403, Map.of("message", "Token is inactive")), Observation.NoAnswer.class),
        arguments(
            fault(404, Map.of("message", "record not found")), Observation.OutcomeUnknown.class),
        arguments(text(404, "default backend - 404"), Observation.NoAnswer.class),
        arguments(text(429, "rate limit exceeded"), Observation.NoAnswer.class),
        arguments(text(500, "Internal Server Error"), Observation.NoAnswer.class),
        arguments(text(502, "Bad Gateway"), Observation.NoAnswer.class),
        arguments(text(200, "{\"id\":1,\"args\":{\"headers\""), Observation.NoAnswer.class),
        arguments(fault(200, List.of()), Observation.NoAnswer.class),
        arguments(fault(200, Map.of("id", 1, "state", "NEW")), Observation.InProgress.class),
        arguments(fault(200, Map.of("id", 1, "state", "FAILURE")), Observation.Failed.class),
        arguments(named("dropped", new Fault.Drop()), Observation.NoAnswer.class),
        arguments(named("half an answer", new Fault.HalfAnswer()), Observation.NoAnswer.class));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("answersToALook")
  void a_look_that_goes_wrong_once(Fault fault, Class<? extends Observation> what) {
    P2PDriver driver = driver();
    PreheatOrder order = order("o");
    String job = accepted(driver.submit(order));
    dragonfly.server().faults().next(1, READ, fault);

    assertThat(look(driver, order, job)).isInstanceOf(what);
    assertThat(look(driver, order, job)).isInstanceOf(Observation.Finished.class);
  }

  static Stream<Arguments> probes() {
    return Stream.of(
        arguments("/healthy", text(503, "starting"), Reason.UNREACHABLE, "503"),
        arguments("/healthy", fault(301, Map.of()), Reason.UNEXPECTED_ANSWER, "Open API"),
        arguments("/oapi/v1/jobs", fault(301, Map.of()), Reason.UNEXPECTED_ANSWER, "2.1.0"),
        arguments("/oapi/v1/jobs", text(200, "<html>"), Reason.UNEXPECTED_ANSWER, "JSON"),
        arguments("/oapi/v1/jobs", text(500, "Internal Server Error"), Reason.UNREACHABLE, "500"),
        arguments("/oapi/v1/clusters", text(500, "no database"), Reason.UNREACHABLE, "500"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("probes")
  void a_probe_that_goes_wrong(String path, Fault fault, Reason reason, String words) {
    dragonfly.server().faults().always(Faults.on("GET", path), fault);

    assertUnusable(driver().probe(), reason, words);
  }

  @Test
  void a_token_without_the_scope_job_is_named_by_the_probe() {
    dragonfly.token(Set.of("cluster"), true, false);
    assertUnusable(driver().probe(), Reason.FORBIDDEN, "Required permission: job");
    dragonfly.token(Set.of("job", "cluster"), true, true);
    assertUnusable(driver().probe(), Reason.FORBIDDEN, "Put a new personal access token");
    dragonfly.token(Set.of("job", "cluster"), false, false);
    assertUnusable(driver().probe(), Reason.FORBIDDEN, "Activate");
    assertUnusable(
        driver(dragonfly.url(), List.of(1), "wrong-token").probe(),
        Reason.UNAUTHORIZED,
        "spec.auth");
  }

  @Test
  void a_token_without_the_scope_cluster_is_enough() {
    dragonfly.token(Set.of("job"), true, false);

    assertThat(driver().probe()).isInstanceOf(Health.Usable.class);
  }

  @Test
  void a_scheduler_cluster_that_the_manager_does_not_have_is_named() {
    for (int id = 2; id <= 60; id++) {
      dragonfly.addCluster(id, 1, 0);
    }

    assertThat(driver(dragonfly.url(), List.of(1, 60), DragonflySubject.TOKEN).probe())
        .isInstanceOf(Health.Usable.class);
    assertUnusable(
        driver(dragonfly.url(), List.of(1, 99), DragonflySubject.TOKEN).probe(),
        Reason.INVALID_SPEC,
        "spec.dragonfly.schedulerClusterIDs: the Manager has no scheduler cluster 99");
  }

  @Test
  void a_certificate_that_is_not_trusted_holds_the_provider() {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
    try (DragonflySimulator secure =
        new DragonflySimulator(
            Clock.systemUTC(),
            DragonflySubject.TOKEN,
            new HandshakeCertificates.Builder().heldCertificate(own).build().sslContext())) {
      P2PDriver driver = driver(secure.url(), List.of(1), DragonflySubject.TOKEN);

      assertUnusable(driver.probe(), Reason.TLS_FAILED, "TLS to 127.0.0.1");
      assertThat(driver.submit(order("o")))
          .isInstanceOfSatisfying(
              Submission.NotNow.class,
              notNow -> {
                assertThat(notNow.reason()).isEqualTo(Reason.TLS_FAILED);
                assertThat(notNow.providerFault()).isTrue();
                assertThat(notNow.patience()).isTrue();
              });
    }
  }

  private static void assertUnusable(Health health, Reason reason, String words) {
    assertThat(health)
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            unusable -> {
              assertThat(unusable.reason()).isEqualTo(reason);
              assertThat(unusable.message()).contains(words);
            });
  }

  private static Object fault(int status, Object json) {
    return named(status + " " + json, new Fault.Reply(Answer.json(status, json)));
  }

  private static Object text(int status, String body) {
    return named(
        status + " " + body,
        new Fault.Reply(
            new Answer(
                status,
                Map.of("Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8))));
  }
}
