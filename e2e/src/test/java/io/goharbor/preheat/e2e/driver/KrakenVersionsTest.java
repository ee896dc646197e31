package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.kraken.KrakenVersion;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every version by what it can do: prefetch, else notifications, else metainfo. */
class KrakenVersionsTest {
  private static final Predicate<Ask> PREFETCH = Faults.on("POST", "/prefetch");
  private static final Predicate<Ask> METAINFO = Faults.on("GET", "/metainfo");

  enum Proxy {
    USABLE,
    NOT_CONFIGURED,
    DOWN,
    NGINX_PORT,
    WANTS_CERTIFICATE
  }

  private static P2PDriver driver(KrakenBench bench, Proxy proxy) {
    return switch (proxy) {
      case USABLE -> bench.driver();
      case NOT_CONFIGURED -> bench.originsDriver();
      case DOWN -> {
        bench.kraken.proxy().stop();
        yield bench.driver();
      }
      case NGINX_PORT -> bench.driver(bench.kraken.nginxUrl(), bench.kraken.originUrl(), null);
      case WANTS_CERTIFICATE -> {
        bench
            .kraken
            .proxy()
            .faults()
            .always(Faults.on("POST", "/registry/notifications"), Fault.status(403, ""));
        yield bench.driver();
      }
    };
  }

  @ParameterizedTest
  @CsvSource({
    "V0_1_4, USABLE, DOCKER, 1, false",
    "V0_1_4, NOT_CONFIGURED, OCI, 0, true",
    "V0_1_9, USABLE, DOCKER, 1, false",
    // Passed over by that proxy: found missing at the first look, and then asked for.
    "V0_1_9, USABLE, OCI, 1, true",
    "V0_1_9, NOT_CONFIGURED, DOCKER, 0, true",
    "V0_1_9, DOWN, DOCKER, 0, true",
    "V0_1_9, NGINX_PORT, OCI, 0, true",
    "V0_1_9, WANTS_CERTIFICATE, DOCKER, 0, true",
    "OCTOBER_2025, USABLE, OCI, 0, false",
    "OCTOBER_2025, NOT_CONFIGURED, DOCKER, 0, false",
    "JUNE_2026, USABLE, OCI, 0, false",
    "JUNE_2026, NOT_CONFIGURED, OCI, 0, false",
    "JUNE_2026, DOWN, OCI, 0, false",
  })
  void everyVersionIsFilledByTheBestWayThatItHas(
      KrakenVersion version, Proxy proxy, String format, int notifications, boolean metainfo) {
    try (KrakenBench bench = new KrakenBench(setup -> setup.version(version))) {
      P2PDriver driver = driver(bench, proxy);
      driver.probe();
      String mediaType = format.equals("OCI") ? TinyRegistry.OCI : TinyRegistry.DOCKER;
      ImageManifest image = bench.registry.push("shop", "web", mediaType, 1, 3000, 2000);
      // Time for what the proxy hands out by itself.
      var job = KrakenBench.send(driver, image);
      if (notifications == 1 && !metainfo) {
        bench.awaitWarm(image);
      }

      assertThat(KrakenBench.outcome(driver, job))
          .isEqualTo(new Observation.Finished(Warmth.complete(image.bytes(), 2)));
      assertThat(KrakenBench.digests(image)).allMatch(bench.kraken::warm);
      assertThat(bench.kraken.downloads()).allSatisfy((blob, times) -> assertThat(times).isOne());
      assertThat(bench.kraken.proxy().running() ? bench.kraken.notifications().size() : 0)
          .isEqualTo(proxy == Proxy.WANTS_CERTIFICATE ? 1 : notifications);
      assertThat(bench.asked(METAINFO).isEmpty()).isEqualTo(!metainfo);
    }
  }

  @Test
  void originsThatAreUpgradedOneByOneAreAllAsked() {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      ImageManifest image = bench.image("web", 1);
      int upgraded = bench.kraken.owners(image.digest()).getFirst();
      for (int i = 0; i < bench.kraken.origins(); i++) {
        if (i != upgraded) {
          bench
              .kraken
              .origin(i)
              .faults()
              .always(PREFETCH, Fault.status(404, "404 page not found\n"));
        }
      }
      P2PDriver driver = bench.originsDriver();

      assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, image)))
          .isInstanceOf(Observation.Finished.class);
    }
  }

  @Test
  void aServerWithNeitherCallIsNoOrigin() {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      Fault noSuchPath = Fault.status(404, "404 page not found\n");
      bench.atOrigins(PREFETCH.or(METAINFO), noSuchPath);

      assertThat(bench.originsDriver().submit(KrakenBench.order(bench.image("web", 1))))
          .isInstanceOfSatisfying(
              Submission.NotNow.class,
              no -> {
                assertThat(no.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
                assertThat(no.message()).contains("kraken.originURL is not an origin's URL");
              });
    }
  }

  @Test
  void aProxyThatAsksForPatienceGetsIt() {
    try (KrakenBench bench = new KrakenBench(setup -> setup.version(KrakenVersion.V0_1_9))) {
      bench
          .kraken
          .proxy()
          .faults()
          .always(Faults.on("POST", "/registry/notifications"), Fault.status(429, ""));

      assertThat(bench.driver().submit(KrakenBench.order(bench.image("web", 1))))
          .isInstanceOfSatisfying(
              Submission.NotNow.class, no -> assertThat(no.patience()).isTrue());
      assertThat(bench.asked(METAINFO)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.example.thing.v1+json"
      })
  void whatNoProxyLooksAtNeedsTheOrigins(String mediaType) {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      ImageManifest artifact = bench.registry.push("shop", "odd", mediaType, 1, 500);

      assertThat(bench.blindDriver().submit(KrakenBench.order(artifact)))
          .isInstanceOfSatisfying(
              Submission.Refused.class,
              no -> {
                assertThat(no.reason()).isEqualTo(Reason.NOT_PREHEATABLE);
                assertThat(no.message()).contains(mediaType, "spec.kraken.originURL");
              });
      assertThat(bench.kraken.notifications()).isEmpty();
      P2PDriver seeing = bench.driver();
      assertThat(KrakenBench.outcome(seeing, KrakenBench.send(seeing, artifact)))
          .isInstanceOf(Observation.Finished.class);
    }
  }

  @Test
  void severalImagesAreSeveralNotifications() {
    try (KrakenBench bench = new KrakenBench(setup -> setup.version(KrakenVersion.V0_1_4))) {
      P2PDriver driver = bench.blindDriver();
      List<ImageManifest> images =
          List.of(
              bench.registry.push("shop", "a", TinyRegistry.DOCKER, 1, 500),
              bench.registry.push("shop", "b", TinyRegistry.DOCKER, 2, 500));

      images.forEach(image -> KrakenBench.send(driver, image));

      // In one notification the first would be lost with this version.
      assertThat(bench.kraken.notifications()).hasSize(2);
      images.forEach(bench::awaitWarm);
    }
  }
}
