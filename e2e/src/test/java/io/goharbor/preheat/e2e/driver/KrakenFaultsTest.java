package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KrakenFaultsTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private static final Predicate<Ask> LOCATIONS = Faults.on("GET", "/locations");

  private static final Predicate<Ask> NOTIFY = Faults.on("POST", "/registry/notifications");

  private final KrakenBench bench = new KrakenBench(UnaryOperator.identity());

  @AfterEach
  void close() {
    bench.close();
  }

  /** What must come of a submission; null: not looked at. */
  record Expected(
      Class<? extends Submission> type,
      @Nullable Reason reason,
      @Nullable Boolean providerFault,
      @Nullable Boolean patience,
      String... words) {}

  private static Expected accepted() {
    return new Expected(Submission.Accepted.class, null, null, null);
  }

  private static Expected refused(Reason reason, String... words) {
    return new Expected(Submission.Refused.class, reason, null, null, words);
  }

  private static Expected notNow(
      Reason reason, boolean providerFault, boolean patience, String... words) {
    return new Expected(Submission.NotNow.class, reason, providerFault, patience, words);
  }

  private static Expected unknown() {
    return new Expected(Submission.Unknown.class, null, null, null);
  }

  private static void check(Submission outcome, Expected expected) {
    assertThat(outcome).isInstanceOf(expected.type());
    switch (outcome) {
      case Submission.Refused refused -> {
        assertThat(refused.reason()).isEqualTo(expected.reason());
        says(refused.message(), expected);
      }
      case Submission.NotNow notNow -> {
        assertThat(notNow.reason()).isEqualTo(expected.reason());
        assertThat(notNow.providerFault()).isEqualTo(expected.providerFault());
        assertThat(notNow.patience()).isEqualTo(expected.patience());
        says(notNow.message(), expected);
      }
      case Submission.Concluded concluded -> {}
      case Submission.Accepted accepted -> {}
      case Submission.Unknown unknown -> {}
    }
  }

  private static void says(String message, Expected expected) {
    assertThat(expected.words()).allSatisfy(words -> assertThat(message).contains(words));
    assertThat(message).startsWith("Kraken ");
  }

  static Stream<Arguments> originFaults() {
    return Stream.of(
        argumentSet(
            "blob not in the backend",
            PREFETCH,
            Fault.status(404, ""),
            refused(Reason.PULL_DENIED, "kraken.namespaceTemplate", "account", "no credentials")),
        argumentSet(
            "version without the call",
            PREFETCH,
            Fault.status(404, "404 page not found\n"),
            accepted()),
        argumentSet(
            "no free worker",
            PREFETCH,
            Fault.status(503, ""),
            notNow(Reason.RATE_LIMITED, false, true)),
        argumentSet(
            "too many requests",
            PREFETCH,
            Fault.status(429, "slow down"),
            notNow(Reason.RATE_LIMITED, false, true, "slow down")),
        argumentSet(
            "backend error",
            PREFETCH,
            Fault.status(500, "stat: head blob: EOF"),
            notNow(Reason.JOB_FAILED, false, false, "stat: head blob: EOF", "shop/web@sha256:")),
        argumentSet(
            "account refused",
            PREFETCH,
            Fault.status(500, "stat: head blob: 401"),
            notNow(Reason.PULL_DENIED, false, false, "stat: head blob: 401", "account")),
        argumentSet(
            "client certificate wanted",
            PREFETCH,
            Fault.status(403, "<html>403 Forbidden</html>"),
            notNow(Reason.TLS_FAILED, true, true, "tls.clientCertificateSecretRef")),
        argumentSet(
            "gateway without origin",
            PREFETCH,
            Fault.status(502, "bad gateway"),
            notNow(Reason.UNREACHABLE, true, true, "bad gateway")),
        argumentSet(
            "digest not taken",
            PREFETCH,
            Fault.status(400, "parse digest"),
            refused(Reason.REJECTED, "parse digest")),
        argumentSet("connection dropped", PREFETCH, new Fault.Drop(), unknown()),
        argumentSet("answer lost", PREFETCH, new Fault.HandleThenDrop(), unknown()),
        argumentSet(
            "not an origin",
            LOCATIONS,
            new Fault.Reply(Answer.text(200, "welcome")),
            notNow(Reason.UNEXPECTED_ANSWER, true, true, "kraken.originURL")),
        argumentSet(
            "a ring of nonsense",
            LOCATIONS,
            new Fault.Reply(Answer.status(200).with("Origin-Locations", "a/b?c")),
            notNow(Reason.UNEXPECTED_ANSWER, true, true, "a/b?c")),
        argumentSet(
            "locations fail",
            LOCATIONS,
            Fault.status(500, "boom"),
            notNow(Reason.UNREACHABLE, true, false, "boom")));
  }

  @ParameterizedTest
  @MethodSource("originFaults")
  void whatAnOriginAnswersToASubmissionIsClassified(
      Predicate<Ask> when, Fault fault, Expected expected) {
    bench.atOrigins(when, fault);

    check(bench.driver().submit(KrakenBench.order(bench.image("web", 1))), expected);
  }

  static Stream<Arguments> proxyFaults() {
    return Stream.of(
        argumentSet(
            "no such path",
            Fault.status(404, "404 page not found\n"),
            notNow(Reason.UNEXPECTED_ANSWER, true, true, "kraken.proxyURL", "server.listener")),
        argumentSet(
            "client certificate wanted",
            Fault.status(403, "<html>403 Forbidden</html>"),
            notNow(Reason.TLS_FAILED, true, true, "tls.clientCertificateSecretRef")),
        argumentSet(
            "body not read",
            Fault.status(500, "decode body: EOF"),
            refused(Reason.REJECTED, "decode body: EOF")),
        argumentSet(
            "server error",
            Fault.status(500, "boom"),
            notNow(Reason.UNREACHABLE, true, false, "boom")),
        argumentSet("not ready", Fault.status(503, ""), notNow(Reason.RATE_LIMITED, false, true)),
        argumentSet(
            "too many requests", Fault.status(429, ""), notNow(Reason.RATE_LIMITED, false, true)),
        argumentSet("connection dropped", new Fault.Drop(), unknown()),
        argumentSet("answer lost", new Fault.HandleThenDrop(), unknown()));
  }

  @ParameterizedTest
  @MethodSource("proxyFaults")
  void whatTheProxyAnswersToANotificationIsClassified(Fault fault, Expected expected) {
    bench.kraken.proxy().faults().always(NOTIFY, fault);

    check(bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1))), expected);
  }

  @Test
  void theNginxPortIsNamedAsTheMistakeThatItIs() {
    P2PDriver driver = bench.driver(bench.kraken.nginxUrl(), null, null);

    check(
        driver.submit(KrakenBench.order(bench.image("web", 1))),
        notNow(Reason.UNEXPECTED_ANSWER, true, true, "kraken.proxyURL is the proxy's nginx port"));
  }

  @Test
  void aProxyThatIsDownCostsNoAttempt() {
    bench.kraken.proxy().stop();

    check(
        bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1))),
        notNow(Reason.UNREACHABLE, true, true));
  }

  @Test
  void thePauseThatAnOriginAsksForIsKept() {
    bench.atOrigins(PREFETCH, new Fault.Reply(Answer.status(503).with("Retry-After", "7")));

    assertThat(bench.driver().submit(KrakenBench.order(bench.image("web", 1))))
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            no -> assertThat(no.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
  }

  @Test
  void theNextOwnerIsAskedWhenTheFirstCannotBeReached() {
    ImageManifest image = bench.image("web", 1);
    // The first origin is where the locations are asked for.
    int down = bench.kraken.owners(image.digest()).getFirst();
    int entry = down == 0 ? 1 : 0;
    P2PDriver driver =
        bench.driver(bench.kraken.proxyUrl(), bench.kraken.origin(entry).url(), null);
    bench.kraken.origin(down).stop();

    check(driver.submit(KrakenBench.order(image)), accepted());
  }

  @Test
  void noOtherOwnerIsAskedForWhatMayHaveArrived() {
    ImageManifest image = bench.image("web", 1);
    bench.atOrigins(PREFETCH, new Fault.HandleThenDrop());

    check(bench.driver().submit(KrakenBench.order(image)), unknown());

    // Not the downloads: a quick first owner hands the blob on before another could be asked.
    assertThat(bench.asked(PREFETCH)).hasSize(1);
  }
}
