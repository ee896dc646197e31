package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Notice;
import io.goharbor.preheat.provider.P2PDriver;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KrakenProbeTest {
  private final KrakenBench bench = new KrakenBench(UnaryOperator.identity());

  @AfterEach
  void close() {
    bench.close();
  }

  private static final Notice NOTIFIABLE =
      new Notice("Notifiable", true, Reason.READY, "The proxy takes notifications.");
  private static final Notice VERIFIABLE =
      new Notice("Verifiable", true, Reason.READY, "The origins are asked what they hold.");
  private static final Set<Capability> ALL =
      Set.of(
          Capability.SINGLE_SEED_PEER,
          Capability.ALL_SEED_PEERS,
          Capability.VERIFICATION,
          Capability.EVICTION);

  @Test
  void withOriginsItCanVerifyAndEvict() {
    assertThat(bench.driver().probe())
        .isEqualTo(new Health.Usable(null, ALL, List.of(VERIFIABLE, NOTIFIABLE)));
  }

  @Test
  void originsAloneAreEnough() {
    assertThat(bench.originsDriver().probe())
        .isEqualTo(new Health.Usable(null, ALL, List.of(VERIFIABLE)));
  }

  @Test
  void withoutOriginsItCannotAndSaysWhatToSet() {
    assertThat(bench.blindDriver().probe())
        .isEqualTo(
            new Health.Usable(
                null,
                Set.of(Capability.SINGLE_SEED_PEER, Capability.ALL_SEED_PEERS),
                List.of(
                    new Notice(
                        "Verifiable",
                        false,
                        Reason.UNVERIFIED,
                        "Kraken's origins cannot be asked: set spec.kraken.originURL of the"
                            + " P2PProvider"),
                    NOTIFIABLE)));
  }

  @Test
  void aProxyThatCannotBeUsedIsNotedWhereTheOriginsCan() {
    P2PDriver wrong = bench.driver(bench.kraken.nginxUrl(), bench.kraken.originUrl(), null);

    assertThat(wrong.probe())
        .isInstanceOfSatisfying(
            Health.Usable.class,
            usable -> {
              assertThat(usable.capabilities()).isEqualTo(ALL);
              assertThat(usable.notices()).contains(VERIFIABLE);
              Notice notice = usable.notices().getLast();
              assertThat(notice.condition()).isEqualTo("Notifiable");
              assertThat(notice.status()).isFalse();
              assertThat(notice.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
              assertThat(notice.message())
                  .contains("kraken.proxyURL is the proxy's nginx port", "leave it out");
            });
  }

  @Test
  void aProbeMakesKrakenFetchNothing() {
    bench.driver().probe();

    assertThat(bench.kraken.notifications()).isEmpty();
    assertThat(bench.registry.server().log(Faults.on("GET", "/"))).isEmpty();
  }

  @Test
  void anUpgradeOfTheOriginsIsNoticed() {
    P2PDriver driver = bench.driver();
    bench.atOrigins(Faults.on("POST", "/prefetch"), Fault.status(404, "404 page not found\n"));
    driver.probe();
    KrakenBench.send(driver, bench.image("web", 1));
    assertThat(bench.kraken.notifications()).hasSize(1);

    for (int i = 0; i < bench.kraken.origins(); i++) {
      bench.kraken.origin(i).faults().clear();
    }
    driver.probe();
    KrakenBench.send(driver, bench.image("web", 2));

    assertThat(bench.kraken.notifications()).hasSize(1);
  }

  @Test
  void theNginxPortIsFoundBeforeAnythingIsSent() {
    unusable(
        bench.driver(bench.kraken.nginxUrl(), null, null),
        Reason.UNEXPECTED_ANSWER,
        true,
        "kraken.proxyURL is the proxy's nginx port");
  }

  @Test
  void aProxyThatIsDownIsUnreachable() {
    P2PDriver driver = bench.blindDriver();
    bench.kraken.proxy().stop();

    unusable(driver, Reason.UNREACHABLE, false, "kraken.proxyURL: ");
  }

  @Test
  void anOriginThatIsDownIsUnreachable() {
    P2PDriver driver = bench.driver();
    bench.kraken.origin(0).stop();

    unusable(driver, Reason.UNREACHABLE, false, "kraken.originURL: ");
  }

  @Test
  void anOriginThatIsNotReadyIsQuoted() {
    bench
        .kraken
        .origin(0)
        .faults()
        .always(
            Faults.on("GET", "/readiness"),
            new Fault.Reply(Answer.text(503, "not ready to serve traffic: backend harbor")));

    unusable(
        bench.driver(),
        Reason.RATE_LIMITED,
        true,
        "kraken.originURL: ",
        "not ready to serve traffic: backend harbor");
  }

  @Test
  void aProbeEndsWithinItsTimeout() {
    bench.kraken.proxy().faults().always(ask -> true, new Fault.Delay(Duration.ofMillis(350)));
    P2PDriver driver =
        bench.driver(
            bench.kraken.proxyUrl(),
            null,
            null,
            new Credential.None(),
            TlsSettings.SYSTEM,
            "500ms");

    // Each of its two calls is answered in time, both together are not.
    unusable(driver, Reason.UNREACHABLE, false, "healthCheck.timeout (500 ms)");
  }

  private static void unusable(
      P2PDriver driver, Reason reason, boolean reachable, String... words) {
    assertThat(driver.probe())
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            unusable -> {
              assertThat(unusable.reason()).isEqualTo(reason);
              assertThat(unusable.reachable()).isEqualTo(reachable);
              assertThat(unusable.message()).contains(words);
            });
  }
}
