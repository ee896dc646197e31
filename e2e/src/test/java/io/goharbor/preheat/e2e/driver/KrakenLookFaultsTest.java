package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KrakenLookFaultsTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private static final Predicate<Ask> LOCATIONS = Faults.on("GET", "/locations");

  private static final Predicate<Ask> HEAD = Faults.on("HEAD", "/internal/");

  private final KrakenBench bench = new KrakenBench(UnaryOperator.identity());

  @AfterEach
  void close() {
    bench.close();
  }

  static Stream<Arguments> faultsOfLooks() {
    return Stream.of(
        argumentSet(
            "source gone",
            PREFETCH,
            Fault.status(404, ""),
            Observation.Failed.class,
            Reason.PULL_DENIED,
            "cannot find shop/web@sha256:"),
        argumentSet(
            "download failed",
            PREFETCH,
            Fault.status(500, "get blob: timeout"),
            Observation.Failed.class,
            Reason.JOB_FAILED,
            "get blob: timeout"),
        argumentSet(
            "too big",
            PREFETCH,
            Fault.status(500, "60GB blob exceeds size limit of 50GB"),
            Observation.Failed.class,
            Reason.JOB_FAILED,
            "exceeds size limit"),
        argumentSet(
            "no free worker",
            PREFETCH,
            Fault.status(503, ""),
            Observation.InProgress.class,
            null,
            ""),
        argumentSet(
            "version without the call",
            PREFETCH,
            Fault.status(404, "404 page not found\n"),
            Observation.InProgress.class,
            null,
            ""),
        argumentSet(
            "request dropped",
            PREFETCH,
            new Fault.Drop(),
            Observation.NoAnswer.class,
            Reason.UNREACHABLE,
            "127.0.0.1"),
        argumentSet(
            "client certificate wanted",
            PREFETCH,
            Fault.status(403, ""),
            Observation.NoAnswer.class,
            Reason.TLS_FAILED,
            "tls.clientCertificateSecretRef"),
        argumentSet(
            "stat fails",
            HEAD,
            Fault.status(500, ""),
            Observation.NoAnswer.class,
            Reason.UNREACHABLE,
            "HEAD of shop/web@sha256:"),
        argumentSet(
            "stat dropped",
            HEAD,
            new Fault.Drop(),
            Observation.NoAnswer.class,
            Reason.UNREACHABLE,
            "127.0.0.1"),
        argumentSet(
            "locations fail",
            LOCATIONS,
            Fault.status(502, "bad gateway"),
            Observation.NoAnswer.class,
            Reason.UNREACHABLE,
            "bad gateway"));
  }

  @ParameterizedTest
  @MethodSource("faultsOfLooks")
  void whatALookMeetsIsClassified(
      Predicate<Ask> when,
      Fault fault,
      Class<? extends Observation> type,
      @Nullable Reason reason,
      String words) {
    bench.kraken.lying(true);
    P2PDriver driver = bench.driver();
    RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
    bench.atOrigins(when, fault);

    Observation seen = KrakenBench.look(driver, job);

    assertThat(seen).isInstanceOf(type);
    switch (seen) {
      case Observation.Failed failed -> {
        assertThat(failed.reason()).isEqualTo(reason);
        assertThat(failed.message()).contains(words);
      }
      case Observation.NoAnswer no -> {
        assertThat(no.reason()).isEqualTo(reason);
        assertThat(no.message()).contains(words);
      }
      default -> assertThat(reason).isNull();
    }
  }

  @Test
  void anOriginThatDoesNotAnswerIsAskedAFewTimesInALookNotOnceForEachBlob() {
    ImageManifest image =
        bench.registry.push(
            "shop", "web", TinyRegistry.OCI, 1, IntStream.rangeClosed(1, 40).toArray());
    bench.kraken.lying(true);
    P2PDriver driver = bench.driver();
    RunningJob job = KrakenBench.send(driver, image);
    bench.kraken.origin(0).faults().always(LOCATIONS, new Fault.Drop());
    bench.clearLogs();

    KrakenBench.look(driver, job);

    // As many as are under way at once when the first fails.
    assertThat(bench.asked(LOCATIONS)).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void aJobGoesOnWhenTheTroubleEnds() {
    P2PDriver driver = bench.driver();
    ImageManifest image = bench.image("web", 1);
    RunningJob job = KrakenBench.send(driver, image);
    bench.atOrigins(HEAD, new Fault.Drop());
    assertThat(KrakenBench.look(driver, job)).isInstanceOf(Observation.NoAnswer.class);

    for (int i = 0; i < bench.kraken.origins(); i++) {
      bench.kraken.origin(i).faults().clear();
    }

    assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
  }
}
