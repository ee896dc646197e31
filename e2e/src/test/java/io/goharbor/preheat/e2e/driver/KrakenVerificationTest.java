package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KrakenVerificationTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private static KrakenBench current() {
    return new KrakenBench(UnaryOperator.identity());
  }

  @Test
  void fillsEveryOwnerOfEveryBlobAndSaysSo() {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);

      RunningJob job = KrakenBench.send(driver, image);
      Observation end = KrakenBench.outcome(driver, job);

      assertThat(end).isEqualTo(new Observation.Finished(Warmth.complete(image.bytes(), 2)));
      assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
      assertThat(bench.kraken.notifications()).isEmpty();
      // Without local=true the registry behind would be asked, and always say yes.
      assertThat(bench.asked(ask -> ask.method().equals("HEAD")))
          .isNotEmpty()
          .allMatch(ask -> Objects.equals(ask.rawQuery(), "local=true"));
    }
  }

  @Test
  void aReplicaThatWasNotHandedOnIsAskedForAtItsOwner() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      String layer = image.blobs().getLast().digest();
      int second = bench.kraken.owners(layer).getLast();
      bench.kraken.breakReplication(second, true);
      P2PDriver driver = bench.driver();

      RunningJob job = KrakenBench.send(driver, image);
      Observation end = KrakenBench.outcome(driver, job);

      assertThat(end).isInstanceOf(Observation.Finished.class);
      assertThat(bench.kraken.holds(second, layer)).isTrue();
      assertThat(bench.kraken.origin(second).log(PREFETCH))
          .extracting(Ask::rawPath)
          .anyMatch(path -> path.contains(layer));
    }
  }

  @Test
  void oneOwnerThatLacksABlobIsEnoughNotToBeWarm() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      P2PDriver driver = bench.driver();
      RunningJob job = KrakenBench.send(driver, image);
      bench.awaitWarm(image);
      String layer = image.blobs().getLast().digest();
      bench.kraken.evict(bench.kraken.owners(layer).getLast(), layer);

      assertThat(KrakenBench.look(driver, job)).isInstanceOf(Observation.InProgress.class);
    }
  }

  @Test
  void whatIsKnownToBeHeldIsNotAskedForAgain() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      String layer = image.blobs().getLast().digest();
      bench.atOrigins(
          ask -> ask.method().equals("HEAD") && ask.rawPath().endsWith(layer),
          new Fault.Reply(Answer.status(404)));
      P2PDriver driver = bench.driver();
      RunningJob job = KrakenBench.send(driver, image);
      bench.awaitWarm(image);
      long without = image.bytes() - image.blobs().getLast().size();

      assertThat(KrakenBench.look(driver, job))
          .isEqualTo(new Observation.InProgress((int) (without * 100 / image.bytes())));
      bench.clearLogs();
      KrakenBench.look(driver, job);

      assertThat(bench.asked(ask -> true))
          .isNotEmpty()
          .allMatch(ask -> ask.rawPath().contains(layer));
    }
  }

  @Test
  void aLayerOfManyJobsIsLookedAtOnce() {
    try (KrakenBench bench = current()) {
      bench.kraken.lying(true);
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);
      List<RunningJob> jobs = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        jobs.add(new RunningJob("job-" + i, KrakenBench.order(image), Instant.now()));
      }

      Map<String, Observation> seen = driver.observe(jobs);

      assertThat(seen).hasSize(5).containsEntry("job-3", new Observation.InProgress(0));
      assertThat(bench.asked(Faults.on("GET", "/locations"))).hasSize(image.blobs().size() + 1);
    }
  }

  @Test
  void aKrakenThatOnlySaysYesIsNeverBelieved() {
    try (KrakenBench bench = current()) {
      bench.kraken.lying(true);
      P2PDriver driver = bench.driver();
      RunningJob job = KrakenBench.send(driver, bench.image("web", 1));

      for (int i = 0; i < 5; i++) {
        assertThat(KrakenBench.look(driver, job)).isEqualTo(new Observation.InProgress(0));
      }
    }
  }

  @Test
  void aDownloadThatFailedIsReportedInTheOriginsWords() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      bench.kraken.failDownload(image.blobs().getLast().digest(), "context deadline exceeded");
      P2PDriver driver = bench.driver();

      Observation end = KrakenBench.outcome(driver, KrakenBench.send(driver, image));

      assertThat(end)
          .isInstanceOfSatisfying(
              Observation.Failed.class,
              failed -> {
                assertThat(failed.reason()).isEqualTo(Reason.JOB_FAILED);
                assertThat(failed.message())
                    .contains(image.blobs().getLast().digest(), "context deadline exceeded");
              });
    }
  }

  @Test
  void anOwnerThatIsDownIsWaitedForUntilTheRingDropsIt() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      String layer = image.blobs().getLast().digest();
      // The first origin is where the locations are asked for.
      int down = bench.kraken.owners(layer).stream().filter(i -> i != 0).findFirst().orElseThrow();
      bench.kraken.origin(down).stop();
      P2PDriver driver = bench.driver();
      RunningJob job = KrakenBench.send(driver, image);

      assertThat(KrakenBench.outcome(driver, job))
          .isInstanceOfSatisfying(
              Observation.NoAnswer.class,
              no -> {
                assertThat(no.reason()).isEqualTo(Reason.UNREACHABLE);
                assertThat(no.message()).contains("127.0.0.1:" + bench.kraken.origin(down).port());
              });

      bench.kraken.healthy(down, false);
      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 200, 500, 1_000, 7_000, 10_000, 16_000, 3_600_000})
  void looksComeBeforeOriginsForgetAFailure(long millis) {
    try (KrakenBench bench = current()) {
      Duration age = Duration.ofMillis(millis);
      Duration pause = bench.driver().nextLook(age).minus(age);

      assertThat(pause).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(10));
      assertThat(bench.driver().nextLook(Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
    }
  }
}
