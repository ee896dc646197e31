package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.driver.FaultRow.Outcome;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** What Kraken and what is between it and the operator can do wrong. */
final class KrakenFaultRows {
  private static final Predicate<Ask> PREFETCH = ends("/prefetch");
  private static final Predicate<Ask> LOCATIONS = ends("/locations");
  private static final Predicate<Ask> STAT = ends("?local=true");
  private static final Predicate<Ask> NOTIFY = ends("/registry/notifications");

  private final List<FaultRow> rows = new ArrayList<>();

  /** All rows; each has a Kraken of its own. */
  List<FaultRow> rows() {
    connections();
    answersOfOrigins();
    answersOfTheProxy();
    looks();
    results();
    return List.copyOf(rows);
  }

  private void connections() {
    row(
        "Connection refused by the proxy",
        Outcome.HELD,
        bench -> {
          bench.kraken.proxy().stop();
          return bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1)));
        });
    row(
        "Connection refused by every origin",
        Outcome.HELD,
        bench -> {
          for (int i = 0; i < bench.kraken.origins(); i++) {
            bench.kraken.origin(i).stop();
          }
          return bench.driver().submit(KrakenBench.order(bench.image("web", 1)));
        });
    row(
        "Certificate of an unknown authority",
        Outcome.HELD,
        setup ->
            setup.tls(
                new HandshakeCertificates.Builder()
                    .heldCertificate(
                        new HeldCertificate.Builder()
                            .addSubjectAlternativeName("127.0.0.1")
                            .build())
                    .build()
                    .sslContext()),
        bench -> bench.driver().submit(KrakenBench.order(bench.image("web", 1))));
    row(
        "Time-out of a probe",
        Outcome.HELD,
        bench -> {
          bench.kraken.proxy().faults().always(ask -> true, new Fault.Delay(Duration.ofSeconds(1)));
          return bench
              .driver(
                  bench.kraken.proxyUrl(),
                  bench.kraken.originUrl(),
                  null,
                  new Credential.None(),
                  TlsSettings.SYSTEM,
                  "300ms")
              .probe();
        });
    send("Connection broken off by an origin", PREFETCH, new Fault.Drop(), Outcome.LOOKED_FOR);
    send(
        "Half-closed connection: an origin's answer lost",
        PREFETCH,
        new Fault.HandleThenDrop(),
        Outcome.LOOKED_FOR);
    look("Connection broken off during a look", STAT, new Fault.Drop(), Outcome.LOOKED_AGAIN);
  }

  private void answersOfOrigins() {
    send("401 of something before an origin", PREFETCH, Fault.status(401, "who?"), Outcome.HELD);
    send("403: client certificate wanted", PREFETCH, Fault.status(403, ""), Outcome.HELD);
    send("404: not in the registry for Kraken", PREFETCH, Fault.status(404, ""), Outcome.REFUSED);
    send(
        "404: version without prefetch",
        PREFETCH,
        Fault.status(404, "404 page not found\n"),
        Outcome.ACCEPTED);
    send("429 of an origin", PREFETCH, Fault.status(429, "slow down"), Outcome.PATIENCE);
    send(
        "500: the registry refuses Kraken's account",
        PREFETCH,
        Fault.status(500, "stat: head blob: 401"),
        Outcome.RETRIED);
    send(
        "502 of something before an origin",
        PREFETCH,
        Fault.status(502, "Bad Gateway"),
        Outcome.HELD);
    send("503: no worker free", PREFETCH, Fault.status(503, ""), Outcome.PATIENCE);
    send(
        "Invalid answer: no locations",
        LOCATIONS,
        new Fault.Reply(Answer.text(200, "welcome")),
        Outcome.HELD);
    send(
        "Invalid answer: a ring of nonsense",
        LOCATIONS,
        new Fault.Reply(Answer.status(200).with("Origin-Locations", "a/b?c")),
        Outcome.HELD);
  }

  private void answersOfTheProxy() {
    notification("404: the port of nginx", Fault.status(404, "404 page not found\n"), Outcome.HELD);
    notification(
        "403 of the proxy: client certificate wanted", Fault.status(403, ""), Outcome.HELD);
    notification(
        "500 of the proxy: body not read", Fault.status(500, "decode body: EOF"), Outcome.REFUSED);
    notification("503 of the proxy", Fault.status(503, ""), Outcome.PATIENCE);
    notification("Connection broken off by the proxy", new Fault.Drop(), Outcome.LOOKED_FOR);
  }

  private void looks() {
    look("502 on one look", LOCATIONS, Fault.status(502, "Bad Gateway"), Outcome.LOOKED_AGAIN);
    look("500 on a look", STAT, Fault.status(500, ""), Outcome.LOOKED_AGAIN);
    look("503 on a look: no worker free", PREFETCH, Fault.status(503, ""), Outcome.STILL_RUNNING);
    look(
        "Download failed at an origin",
        PREFETCH,
        Fault.status(500, "get blob: timeout"),
        Outcome.JOB_FAILED);
    look(
        "Layer beyond the origins' size limit",
        PREFETCH,
        Fault.status(500, "60GB blob exceeds size limit of 50GB"),
        Outcome.JOB_FAILED);
    look("Source gone meanwhile", PREFETCH, Fault.status(404, ""), Outcome.JOB_FAILED);
  }

  private void results() {
    row(
        "Lying success: 200, and no origin holds anything",
        Outcome.STILL_RUNNING,
        bench -> {
          bench.kraken.lying(true);
          P2PDriver driver = bench.driver();
          return KrakenBench.look(driver, KrakenBench.send(driver, bench.image("web", 1)));
        });
    row(
        "Lying success of a notification, no origin configured",
        Outcome.MEASURED,
        bench -> {
          P2PDriver driver = bench.blindDriver();
          return KrakenBench.look(driver, KrakenBench.send(driver, bench.image("web", 1)));
        });
    row(
        "Partial failure: one owner lacks what another holds",
        Outcome.STILL_RUNNING,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          RunningJob job = KrakenBench.send(driver, image);
          bench.awaitWarm(image);
          String layer = image.blobs().getLast().digest();
          bench.kraken.lying(true);
          bench.kraken.evict(bench.kraken.owners(layer).getLast(), layer);
          return KrakenBench.look(driver, job);
        });
    row(
        "Kraken restarted with empty caches",
        Outcome.STILL_RUNNING,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          RunningJob job = KrakenBench.send(driver, image);
          bench.awaitWarm(image);
          for (String digest : KrakenBench.digests(image)) {
            bench.kraken.owners(digest).forEach(owner -> bench.kraken.evict(owner, digest));
          }
          return KrakenBench.look(driver, job);
        });
    row(
        "Many origins: every one of nine holds it",
        Outcome.MEASURED,
        setup -> setup.ring(9, 9),
        bench -> {
          P2PDriver driver = bench.driver();
          RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
          return KrakenBench.outcome(driver, job);
        });
    row(
        "Peers asked while the origins are away",
        Outcome.LOOKED_AGAIN,
        bench -> {
          for (int i = 0; i < bench.kraken.origins(); i++) {
            bench.kraken.origin(i).stop();
          }
          return bench.driver().verify(KrakenBench.order(bench.image("web", 1)));
        });
    row(
        "Peers asked without origins configured",
        Outcome.CANNOT_TELL,
        bench -> bench.blindDriver().verify(KrakenBench.order(bench.image("web", 1))));
  }

  private static Predicate<Ask> ends(String with) {
    return ask -> ask.toString().endsWith(with);
  }

  private interface Act {
    Object on(KrakenBench bench);
  }

  private void send(String behaviour, Predicate<Ask> when, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.atOrigins(when, fault);
          return bench.driver().submit(KrakenBench.order(bench.image("web", 1)));
        });
  }

  private void notification(String behaviour, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.kraken.proxy().faults().always(NOTIFY, fault);
          return bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1)));
        });
  }

  private void look(String behaviour, Predicate<Ask> when, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.kraken.lying(true);
          P2PDriver driver = bench.driver();
          RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
          bench.atOrigins(when, fault);
          return KrakenBench.look(driver, job);
        });
  }

  private void row(String behaviour, Outcome expected, Act act) {
    row(behaviour, expected, UnaryOperator.identity(), act);
  }

  private void row(String behaviour, Outcome expected, UnaryOperator<KrakenSetup> setup, Act act) {
    Callable<Object> run =
        () -> {
          try (KrakenBench bench = new KrakenBench(setup)) {
            return act.on(bench);
          }
        };
    rows.add(new FaultRow(behaviour, expected, run));
  }
}
