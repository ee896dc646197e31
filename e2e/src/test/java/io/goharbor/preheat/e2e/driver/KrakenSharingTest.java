package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Layers that images share: asked for once, and looked at for each. */
class KrakenSharingTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private final KrakenBench bench = new KrakenBench(UnaryOperator.identity());
  private final P2PDriver driver = bench.driver();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void twentyImagesAskForTheirFiveCommonLayersOnce() {
    List<ImageManifest> images = bench.sharing(20, 5);
    // The common layers are on their way while the other images are sent.
    bench.kraken.downloadSpeed(4000);

    List<RunningJob> jobs = images.stream().map(image -> KrakenBench.send(driver, image)).toList();

    // Each image has a manifest, a config and a layer of its own.
    assertThat(posts()).hasSize(5 + 20 * 3).allSatisfy((blob, times) -> assertThat(times).isOne());

    // Later on they are not looked at together.
    bench.clearLogs();
    jobs.forEach(job -> KrakenBench.look(driver, job));
    assertThat(posts()).allSatisfy((blob, times) -> assertThat(times).isOne());

    bench.kraken.downloadSpeed(0);
    for (RunningJob job : jobs) {
      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
    }
    assertThat(bench.kraken.downloads())
        .hasSize(5 + 20 * 3)
        .allSatisfy((blob, times) -> assertThat(times).isOne());
  }

  @Test
  void whatWasHeldAMomentAgoIsNotAskedForAndStillLookedAt() {
    List<ImageManifest> images = bench.sharing(2, 5);
    KrakenBench.outcome(driver, KrakenBench.send(driver, images.getFirst()));
    bench.clearLogs();

    RunningJob second = KrakenBench.send(driver, images.getLast());

    assertThat(posts()).hasSize(3);
    assertThat(KrakenBench.outcome(driver, second)).isInstanceOf(Observation.Finished.class);
    for (String digest : KrakenBench.digests(images.getLast())) {
      assertThat(bench.asked(Faults.on("HEAD", digest))).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void whatWasEvictedSinceIsNoticedAndFetchedAgain() {
    List<ImageManifest> images = bench.sharing(2, 5);
    KrakenBench.outcome(driver, KrakenBench.send(driver, images.getFirst()));
    String layer = images.getLast().blobs().get(1).digest();
    bench.kraken.owners(layer).forEach(owner -> bench.kraken.evict(owner, layer));

    RunningJob second = KrakenBench.send(driver, images.getLast());
    assertThat(bench.kraken.warm(layer)).isFalse();
    assertThat(KrakenBench.look(driver, second)).isInstanceOf(Observation.InProgress.class);

    assertThat(KrakenBench.outcome(driver, second)).isInstanceOf(Observation.Finished.class);
    assertThat(bench.kraken.warm(layer)).isTrue();
  }

  @Test
  void aLayerThatOneRepositoryLacksIsFetchedFromTheOther() {
    List<ImageManifest> images = bench.sharing(2, 1);
    String layer = images.getFirst().blobs().get(1).digest();
    bench.kraken.lying(true);
    RunningJob first = KrakenBench.send(driver, images.getFirst());
    RunningJob second = KrakenBench.send(driver, images.getLast());
    bench.kraken.lying(false);
    bench.registry.remove(images.getFirst().fullRepository(), layer);

    driver.observe(List.of(first, second));
    bench.awaitWarm(images.getFirst());

    assertThat(driver.observe(List.of(first, second)).values())
        .allSatisfy(seen -> assertThat(seen).isInstanceOf(Observation.Finished.class));
  }

  @Test
  void aLayerThatNoRepositoryHasAnyMoreIsToldToEachByItsOwnName() {
    List<ImageManifest> images = bench.sharing(2, 1);
    String layer = images.getFirst().blobs().get(1).digest();
    bench.kraken.lying(true);
    List<RunningJob> jobs = images.stream().map(image -> KrakenBench.send(driver, image)).toList();
    bench.kraken.lying(false);
    images.forEach(image -> bench.registry.remove(image.fullRepository(), layer));

    Map<String, Observation> seen = driver.observe(jobs);

    for (RunningJob job : jobs) {
      assertThat(seen.get(job.jobId()))
          .isInstanceOfSatisfying(
              Observation.Failed.class,
              failed -> {
                assertThat(failed.reason()).isEqualTo(Reason.PULL_DENIED);
                assertThat(failed.message())
                    .contains("cannot find " + job.order().manifest().fullRepository() + "@");
              });
    }
  }

  @Test
  void aRefusalOfOneImageDoesNotKeepTheNextFromAsking() {
    List<ImageManifest> images = bench.sharing(2, 1);
    bench.registry.remove(
        images.getFirst().fullRepository(), images.getFirst().blobs().get(1).digest());

    assertThat(driver.submit(KrakenBench.order(images.getFirst())))
        .isInstanceOf(Submission.Refused.class);
    assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, images.getLast())))
        .isInstanceOf(Observation.Finished.class);
  }

  @Test
  void twoOrdersForOneImageEndTogether() {
    ImageManifest image = bench.image("web", 1);
    RunningJob first = KrakenBench.send(driver, image);
    RunningJob second = KrakenBench.send(driver, image);
    assertThat(posts()).allSatisfy((blob, times) -> assertThat(times).isOne());
    bench.awaitWarm(image);

    assertThat(driver.observe(List.of(first, second)))
        .isEqualTo(
            Map.of(
                first.jobId(),
                new Observation.Finished(Warmth.complete(image.bytes(), 2)),
                second.jobId(),
                new Observation.Finished(Warmth.complete(image.bytes(), 2))));
  }

  @Test
  void theNextJobAsksWhenTheOneThatDidIsCancelled() {
    List<ImageManifest> images = bench.sharing(2, 1);
    String layer = images.getFirst().blobs().get(1).digest();
    bench.kraken.lying(true);
    RunningJob first = KrakenBench.send(driver, images.getFirst());
    RunningJob second = KrakenBench.send(driver, images.getLast());
    bench.clearLogs();

    KrakenBench.look(driver, second);
    assertThat(posts()).doesNotContainKey(layer);

    driver.cancel(first);
    KrakenBench.look(driver, second);
    assertThat(posts()).containsEntry(layer, 1L);
  }

  /** How often each blob was asked for, by digest. */
  private Map<String, Long> posts() {
    return bench.asked(PREFETCH).stream()
        .collect(
            Collectors.groupingBy(
                ask -> ask.rawPath().replaceAll(".*/blobs/|/prefetch", ""), Collectors.counting()));
  }
}
