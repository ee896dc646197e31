package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KrakenDriverTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");

  private static KrakenBench current() {
    return new KrakenBench(UnaryOperator.identity());
  }

  @Test
  void eachBlobIsDownloadedOnceAlthoughSeveralOriginsOwnIt() {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);

      RunningJob job = KrakenBench.send(driver, image);
      bench.awaitWarm(image);
      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);

      assertThat(bench.registry.server().log(Faults.on("GET", "/blobs/sha256")))
          .extracting(Ask::rawPath)
          .filteredOn(path -> !path.endsWith(image.digest()))
          .hasSize(image.blobs().size())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void sendingAgainAfterACrashCostsNothingThatIsHeld() {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web", 1);
      PreheatOrder order = KrakenBench.order(image);
      Submission first = bench.driver().submit(order);
      bench.awaitWarm(image);
      int downloads = bench.registry.server().log(Faults.on("GET", "/v2/")).size();

      Submission again = bench.driver().adopt(order);

      assertThat(again).isEqualTo(first);
      assertThat(bench.registry.server().log(Faults.on("GET", "/v2/"))).hasSize(downloads);
    }
  }

  @Test
  void olderOriginsAreFilledByNotificationAndStillVerified() {
    try (KrakenBench bench = new KrakenBench(KrakenSetup::old)) {
      P2PDriver driver = bench.driver();
      driver.probe();
      ImageManifest image =
          bench.registry.push("shop", "web", TinyRegistry.DOCKER, 1, 3000, 2000, 1000);

      Observation end = KrakenBench.outcome(driver, KrakenBench.send(driver, image));

      assertThat(end).isEqualTo(new Observation.Finished(Warmth.complete(image.bytes(), 2)));
      assertThat(bench.kraken.notifications()).hasSize(1);
      assertThat(bench.asked(PREFETCH)).hasSize(1); // the probe's
    }
  }

  @Test
  void olderOriginsAreFoundOutWithoutAProbeToo() {
    try (KrakenBench bench = new KrakenBench(KrakenSetup::old)) {
      KrakenBench.send(bench.driver(), bench.image("web", 1));

      assertThat(bench.kraken.notifications()).hasSize(1);
    }
  }

  /** The old proxy drops events of OCI manifests without a word. */
  @Test
  void whatAnOldProxyIgnoresIsFetchedThroughTheOrigins() {
    try (KrakenBench bench = new KrakenBench(KrakenSetup::old)) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);

      RunningJob job = KrakenBench.send(driver, image);
      assertThat(bench.registry.server().log()).as("nothing pulled yet").isEmpty();

      assertThat(KrakenBench.outcome(driver, job)).isInstanceOf(Observation.Finished.class);
      assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
    }
  }

  @Test
  void withoutOriginsTheProxyIsNotifiedAndNothingIsClaimed() throws Exception {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.blindDriver();
      ImageManifest image = bench.image("web/api", 1);

      RunningJob job = KrakenBench.send(driver, image);

      assertThat(KrakenBench.look(driver, job))
          .isEqualTo(
              new Observation.Finished(
                  Warmth.unverified(
                      image.bytes(),
                      "The proxy was notified. Kraken's origins cannot be asked: set"
                          + " spec.kraken.originURL of the P2PProvider; a kraken-proxy from before"
                          + " June 2026 passes over OCI manifests without a word")));
      List<Ask> sent = bench.kraken.notifications();
      assertThat(sent).hasSize(1);
      var event = sent.getFirst().json().path("events").path(0);
      assertThat(event.path("action").asText()).isEqualTo("push");
      assertThat(Instant.parse(event.path("timestamp").asText())).isBefore(Instant.now());
      var target = event.path("target");
      assertThat(target.path("mediaType").asText()).isEqualTo(TinyRegistry.OCI);
      assertThat(target.path("digest").asText()).isEqualTo(image.digest());
      assertThat(target.path("repository").asText()).isEqualTo("shop/web/api");
      bench.awaitWarm(image);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "{project}/{repository}, shop/web/api, shop%2Fweb%2Fapi",
    "{repository}, web/api, web%2Fapi",
    "mirror/{project}/x-{repository}, mirror/shop/x-web/api, mirror%2Fshop%2Fx-web%2Fapi",
    "all-images, all-images, all-images",
  })
  void theNamespaceFollowsTheTemplate(String template, String namespace, String escaped)
      throws Exception {
    try (KrakenBench bench = current()) {
      ImageManifest image = bench.image("web/api", 1);

      bench
          .driver(bench.kraken.proxyUrl(), bench.kraken.originUrl(), template)
          .submit(KrakenBench.order(image));
      bench.driver(bench.kraken.proxyUrl(), null, template).submit(KrakenBench.order(image));

      assertThat(bench.asked(PREFETCH))
          .isNotEmpty()
          .allMatch(ask -> ask.rawPath().startsWith("/namespace/" + escaped + "/blobs/sha256:"));
      assertThat(
              bench
                  .kraken
                  .notifications()
                  .getFirst()
                  .json()
                  .at("/events/0/target/repository")
                  .asText())
          .isEqualTo(namespace);
    }
  }

  @Test
  void theProvidersCredentialGoesToTheConfiguredUrlsOnly() {
    try (KrakenBench bench = current()) {
      P2PDriver driver =
          bench.driver(
              bench.kraken.proxyUrl(),
              bench.kraken.originUrl(),
              null,
              new Credential.Bearer("s3cret"),
              TlsSettings.SYSTEM,
              "5s");
      driver.probe();
      KrakenBench.outcome(driver, KrakenBench.send(driver, bench.image("web", 1)));

      assertThat(bench.kraken.proxy().log())
          .isNotEmpty()
          .allMatch(ask -> ask.header("Authorization").isPresent());
      assertThat(bench.kraken.origin(0).log())
          .isNotEmpty()
          .allMatch(ask -> ask.header("Authorization").isPresent());
      for (int named = 1; named < bench.kraken.origins(); named++) {
        assertThat(bench.kraken.origin(named).log())
            .isNotEmpty()
            .allMatch(ask -> ask.header("Authorization").isEmpty());
      }
    }
  }

  @Test
  void originsPullWithTheirOwnAccount() {
    try (KrakenBench bench =
        new KrakenBench(
            new TinyRegistry("kraken", "own"), setup -> setup.account("kraken", "own"))) {
      P2PDriver driver = bench.driver();

      assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, bench.image("web", 1))))
          .isInstanceOf(Observation.Finished.class);
    }
  }

  @Test
  void aProjectThatOriginsMayNotPullIsExplained() {
    try (KrakenBench bench =
        new KrakenBench(new TinyRegistry("kraken", "own"), UnaryOperator.identity())) {
      assertThat(bench.driver().submit(KrakenBench.order(bench.image("web", 1))))
          .isInstanceOfSatisfying(
              Submission.NotNow.class,
              no -> {
                assertThat(no.reason()).isEqualTo(Reason.PULL_DENIED);
                assertThat(no.message())
                    .contains("401", "the account in the origin's own configuration");
                assertThat(no.patience()).isFalse();
                assertThat(no.providerFault()).isFalse();
              });
    }
  }

  @Test
  void targetsBeyondTheRingAreRefused() {
    try (KrakenBench bench = current()) {
      P2PDriver driver = bench.driver();
      ImageManifest image = bench.image("web", 1);

      assertThat(
              driver.submit(
                  KrakenBench.order(image, new Target(Target.Scope.ALL_PEERS, null, null, null))))
          .isEqualTo(
              new Submission.Refused(
                  Reason.NOT_SUPPORTED, "Kraken: target.scope AllPeers is not supported"));
      assertThat(
              driver.submit(
                  KrakenBench.order(
                      image, new Target(Target.Scope.ALL_SEED_PEERS, null, null, null))))
          .isInstanceOf(Submission.Accepted.class);
    }
  }

  @Test
  void otherDigestsThanSha256AreRefused() {
    try (KrakenBench bench = current()) {
      ImageManifest image =
          new ImageManifest(
              "http://harbor",
              "shop",
              "web",
              "sha512:" + "a".repeat(128),
              TinyRegistry.OCI,
              List.of());

      assertThat(bench.driver().submit(KrakenBench.order(image)))
          .isInstanceOfSatisfying(
              Submission.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(Reason.NOT_PREHEATABLE));
    }
  }
}
