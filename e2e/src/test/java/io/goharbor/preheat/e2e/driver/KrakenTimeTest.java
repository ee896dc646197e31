package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What time does to a job: caches and rings that change, downloads that never end, full origins.
 */
class KrakenTimeTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private static KrakenBench current() {
    return new KrakenBench(UnaryOperator.identity());
  }

  @Test
  void whatIsSaidToBeFetchedForEverEndsWithTheTimeLimitAndWhatIsHeld() {
    try (KrakenBench bench = current()) {
      AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
      bench.clock = now::get;
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);
      bench.kraken.lying(true);
      RunningJob job = KrakenBench.send(driver, image);

      now.set(job.submitted().plus(job.order().timeLimit()).minusSeconds(1));
      assertThat(KrakenBench.look(driver, job)).isEqualTo(new Observation.InProgress(0));

      now.set(job.submitted().plus(job.order().timeLimit()));
      assertThat(KrakenBench.look(driver, job))
          .isInstanceOfSatisfying(
              Observation.Finished.class,
              finished -> {
                assertThat(finished.warmth().verified()).isTrue();
                assertThat(finished.warmth().percent()).isZero();
                assertThat(finished.warmth().failedPeerCount()).isEqualTo(3);
                assertThat(finished.warmth().failedPeers().getFirst())
                    .contains("in its log", "timeout of its registry backend");
              });
    }
  }

  @Test
  void aLayerThatTakesLongerThanTheOriginsTimeoutIsExplained() {
    try (KrakenBench bench =
        new KrakenBench(setup -> setup.backendTimeout(Duration.ofMillis(50)))) {
      bench.kraken.downloadSpeed(10_000);
      P2PDriver driver = bench.driver();

      assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, bench.image("web", 1))))
          .isInstanceOfSatisfying(
              Observation.Failed.class,
              failed -> {
                assertThat(failed.reason()).isEqualTo(Reason.JOB_FAILED);
                assertThat(failed.message())
                    .contains("download blob: context", "raise timeout of the registry backend");
              });
    }
  }

  @Test
  void whatWasEvictedBetweenTwoLooksIsNotCounted() {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);
      String early = image.blobs().get(1).digest();
      String late = image.blobs().getLast().digest();
      RunningJob job = KrakenBench.send(driver, image);
      bench.awaitWarm(image);
      bench.kraken.owners(late).forEach(owner -> bench.kraken.evict(owner, late));
      // Sees the early layer, and asks for the late one.
      assertThat(KrakenBench.look(driver, job)).isInstanceOf(Observation.InProgress.class);
      bench.awaitWarm(image);
      bench.kraken.owners(early).forEach(owner -> bench.kraken.evict(owner, early));

      assertThat(KrakenBench.look(driver, job)).isInstanceOf(Observation.InProgress.class);
      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
      assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
    }
  }

  @Test
  void anOwnerThatLeavesTheRingIsReplaced() {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);
      String layer = image.blobs().getLast().digest();
      RunningJob job = KrakenBench.send(driver, image);
      bench.awaitWarm(image);
      int gone = bench.kraken.owners(layer).stream().filter(i -> i != 0).findFirst().orElseThrow();
      bench.kraken.member(gone, false);
      assertThat(bench.kraken.warm(layer)).as("its new owner lacks it").isFalse();

      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
      assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
    }
  }

  @Test
  void anOriginWithoutFreeWorkerIsLeftAloneForAWhile() {
    try (KrakenBench bench = current()) {
      AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
      bench.clock = now::get;
      P2PDriver driver = bench.driver();
      bench.kraken.busy(true);
      ImageManifest image = bench.image("web", 1);

      assertThat(driver.submit(KrakenBench.order(image)))
          .isInstanceOfSatisfying(
              Submission.NotNow.class,
              no -> {
                assertThat(no.patience()).isTrue();
                assertThat(no.providerFault()).isFalse();
                assertThat(no.retryAfter())
                    .isBetween(Duration.ofMillis(700), Duration.ofMillis(1300));
              });
      // Both owners of the manifest were asked: one that is busy says nothing of the other.
      assertThat(bench.asked(PREFETCH)).hasSize(2);

      bench.clearLogs();
      driver.submit(KrakenBench.order(image));
      assertThat(bench.asked(PREFETCH)).isEmpty();

      bench.kraken.busy(false);
      now.set(now.get().plusSeconds(2));
      assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, image)))
          .isInstanceOf(Observation.Finished.class);
    }
  }

  @Test
  void oneBusyOwnerIsNoReasonToWait() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      bench
          .kraken
          .origin(bench.kraken.owners(image.digest()).getFirst())
          .faults()
          .always(PREFETCH, Fault.status(503, ""));
      P2PDriver driver = bench.driver();

      assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, image)))
          .isInstanceOf(Observation.Finished.class);
    }
  }
}
