package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asking the origins without fetching, emptying them, and what cannot be stopped. */
class KrakenEvictionTest {
  private final KrakenBench bench = new KrakenBench(UnaryOperator.identity());
  private final P2PDriver driver = bench.driver();

  @AfterEach
  void close() {
    bench.close();
  }

  private ImageManifest warm() {
    ImageManifest image = bench.image("web", 1);
    assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, image)))
        .isInstanceOf(Observation.Finished.class);
    return image;
  }

  private VerificationResult verify(ImageManifest image) {
    return driver.verify(KrakenBench.order(image));
  }

  private static Warmth warmth(VerificationResult finding) {
    assertThat(finding).isInstanceOf(VerificationResult.Known.class);
    assertThat(((VerificationResult.Known) finding).everyPeer()).isTrue();
    return ((VerificationResult.Known) finding).warmth();
  }

  @Test
  void verifyingFetchesNothing() {
    ImageManifest image = bench.image("web", 1);

    Warmth found = warmth(verify(image));

    assertThat(found.percent()).isZero();
    assertThat(found.verified()).isTrue();
    assertThat(found.expectedBytes()).isEqualTo(image.bytes());
    assertThat(found.failedPeerCount()).isEqualTo(3);
    assertThat(bench.registry.server().log()).isEmpty();
    assertThat(bench.asked(ask -> true))
        .isNotEmpty()
        .allMatch(ask -> ask.method().equals("HEAD") || ask.rawPath().endsWith("/locations"));
  }

  @Test
  void whatIsWarmIsFoundSo() {
    ImageManifest image = warm();

    assertThat(verify(image))
        .isEqualTo(new VerificationResult.Known(Warmth.complete(image.bytes(), 2), true));
  }

  @Test
  void aCopyThatIsMissingCountsByItsBytesAndNamesItsOwner() {
    ImageManifest image = warm();
    ImageManifest.Blob layer = image.blobs().get(1);
    int owner = bench.kraken.owners(layer.digest()).getLast();
    bench.kraken.evict(owner, layer.digest());

    Warmth found = warmth(verify(image));

    assertThat(found.heldBytes()).isEqualTo(image.bytes() - layer.size() / 2);
    assertThat(found.peers()).isEqualTo(1);
    assertThat(found.failedPeers())
        .containsExactly(
            "127.0.0.1:" + bench.kraken.origin(owner).port() + " lacks " + layer.digest());
  }

  @Test
  void aManifestThatIsMissingAloneIsNotWarm() {
    ImageManifest image = warm();
    bench.kraken.owners(image.digest()).forEach(o -> bench.kraken.evict(o, image.digest()));

    assertThat(warmth(verify(image)).percent()).isEqualTo(99);
  }

  @Test
  void anOwnerThatCannotBeAskedLeavesItOpen() {
    ImageManifest image = warm();
    bench.kraken.origin(bench.kraken.owners(image.digest()).getLast()).stop();

    assertThat(verify(image))
        .isInstanceOfSatisfying(
            VerificationResult.NoAnswer.class,
            no -> assertThat(no.reason()).isEqualTo(Reason.UNREACHABLE));
  }

  @Test
  void evictionEmptiesEveryOwner() {
    ImageManifest image = warm();

    assertThat(driver.evict(KrakenBench.order(image)))
        .isEqualTo(new Eviction.Evicted(2 * KrakenBench.digests(image).size()));

    for (int i = 0; i < bench.kraken.origins(); i++) {
      assertThat(bench.kraken.cached(i)).isEmpty();
    }
    assertThat(warmth(verify(image)).percent()).isZero();
    assertThat(driver.evict(KrakenBench.order(image))).isEqualTo(new Eviction.Evicted(0));
  }

  @Test
  void whatWasEvictedIsFetchedWhenItIsSentAgain() {
    ImageManifest image = warm();
    driver.evict(KrakenBench.order(image));

    assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, image)))
        .isInstanceOf(Observation.Finished.class);
    assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
  }

  @Test
  void sharedLayersGoForAll() {
    List<ImageManifest> images = bench.sharing(2, 2);
    images.forEach(image -> KrakenBench.outcome(driver, KrakenBench.send(driver, image)));

    driver.evict(KrakenBench.order(images.getFirst()));

    assertThat(warmth(verify(images.getLast())).percent()).isBetween(0, 99);
  }

  @Test
  void anOriginThatIsDownLeavesItsCopies() {
    ImageManifest image = warm();
    int down = bench.kraken.owners(image.digest()).stream().filter(i -> i != 0).findAny().get();
    bench.kraken.origin(down).stop();

    assertThat(driver.evict(KrakenBench.order(image)))
        .isInstanceOfSatisfying(
            Eviction.Incomplete.class,
            some -> {
              assertThat(some.copies()).isPositive();
              assertThat(some.message()).contains("127.0.0.1:" + bench.kraken.origin(down).port());
            });

    bench.kraken.origin(down).start();
    // The first call may still use a connection from before.
    await()
        .untilAsserted(() ->
            assertThat(driver.evict(KrakenBench.order(image)))
                .isInstanceOf(Eviction.Evicted.class));
    assertThat(bench.kraken.cached(down)).isEmpty();
  }

  @Test
  void aDeletionThatOnlyPretendsIsFoundOut() {
    ImageManifest image = warm();
    bench.atOrigins(Faults.on("DELETE", "/internal/blobs/"), Fault.status(202, ""));

    assertThat(driver.evict(KrakenBench.order(image)))
        .isInstanceOfSatisfying(
            Eviction.Incomplete.class,
            some -> assertThat(some.message()).contains("held again", "shop/web@sha256:"));
  }

  @Test
  void withoutOriginsNothingCanBeAskedOrEmptied() {
    P2PDriver blind = bench.blindDriver();
    ImageManifest image = bench.image("web", 1);

    assertThat(blind.verify(KrakenBench.order(image)))
        .isInstanceOfSatisfying(
            VerificationResult.CannotTell.class,
            no -> assertThat(no.message()).contains("spec.kraken.originURL"));
    assertThat(blind.evict(KrakenBench.order(image)))
        .isInstanceOfSatisfying(
            Eviction.NotOffered.class,
            no -> assertThat(no.message()).contains("spec.kraken.originURL"));
  }

  @Test
  void cancellingStopsNothingAndSaysSo() {
    ImageManifest image = bench.image("web", 1);
    bench.kraken.downloadSpeed(20_000);

    assertThat(driver.cancel(KrakenBench.send(driver, image)))
        .isInstanceOf(Cancellation.GoesOn.class);

    bench.awaitWarm(image);
  }
}
