package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.driver.FaultRow.Outcome;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import java.time.Duration;
import java.util.List;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** What Kraken and what is between it and the operator can do wrong when work is sent. */
final class KrakenFaultRows {
  private final KrakenRows rows = new KrakenRows();

  /** All rows about Kraken. */
  List<FaultRow> rows() {
    connections();
    answersOfOrigins();
    answersOfTheProxy();
    new KrakenResultRows(rows).add();
    return rows.all();
  }

  private void connections() {
    rows.row(
        "Connection refused by the proxy",
        Outcome.HELD,
        bench -> {
          bench.kraken.proxy().stop();
          return bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1)));
        });
    rows.row(
        "Connection refused by every origin",
        Outcome.HELD,
        bench -> {
          for (int i = 0; i < bench.kraken.origins(); i++) {
            bench.kraken.origin(i).stop();
          }
          return bench.driver().submit(KrakenBench.order(bench.image("web", 1)));
        });
    rows.row(
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
    rows.row(
        "Connection refused by the proxy, and the origins are there",
        Outcome.ACCEPTED,
        bench -> {
          bench.kraken.proxy().stop();
          return bench.driver().probe();
        });
    rows.row(
        "Time-out of a probe",
        Outcome.HELD,
        bench -> {
          bench.atOrigins(ask -> true, new Fault.Delay(Duration.ofSeconds(1)));
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
    rows.row(
        "Certificate of the operator missing: probe",
        Outcome.HELD,
        bench -> {
          bench.atOrigins(KrakenRows.PREFETCH, Fault.status(403, ""));
          return bench.driver().probe();
        });
    rows.row(
        "503: an origin's backend is not ready",
        Outcome.HELD,
        bench -> {
          bench.atOrigins(
              KrakenRows.ends("/readiness"),
              Fault.status(503, "not ready to serve traffic: backend harbor"));
          return bench.driver().probe();
        });
    rows.send(
        "Connection broken off by an origin",
        KrakenRows.PREFETCH,
        new Fault.Drop(),
        Outcome.LOOKED_FOR);
    rows.send(
        "Half-closed connection: an origin's answer lost",
        KrakenRows.PREFETCH,
        new Fault.HandleThenDrop(),
        Outcome.LOOKED_FOR);
    rows.look(
        "Connection broken off during a look",
        KrakenRows.STAT,
        new Fault.Drop(),
        Outcome.LOOKED_AGAIN);
  }

  private void answersOfOrigins() {
    rows.send(
        "401 of something before an origin",
        KrakenRows.PREFETCH,
        Fault.status(401, "who?"),
        Outcome.HELD);
    rows.send(
        "403: client certificate wanted", KrakenRows.PREFETCH, Fault.status(403, ""), Outcome.HELD);
    rows.send(
        "404: not in the registry for Kraken",
        KrakenRows.PREFETCH,
        Fault.status(404, ""),
        Outcome.REFUSED);
    rows.send(
        "404: version without prefetch",
        KrakenRows.PREFETCH,
        Fault.status(404, "404 page not found\n"),
        Outcome.ACCEPTED);
    rows.send(
        "429 of an origin", KrakenRows.PREFETCH, Fault.status(429, "slow down"), Outcome.PATIENCE);
    rows.send("409 of an origin", KrakenRows.PREFETCH, Fault.status(409, "conflict"), Outcome.HELD);
    rows.send(
        "Unknown state: an answer that no version gives",
        KrakenRows.PREFETCH,
        Fault.status(206, "half"),
        Outcome.HELD);
    rows.send(
        "500: the registry refuses Kraken's account",
        KrakenRows.PREFETCH,
        Fault.status(500, "stat: head blob: 401"),
        Outcome.RETRIED);
    rows.send(
        "502 of something before an origin",
        KrakenRows.PREFETCH,
        Fault.status(502, "Bad Gateway"),
        Outcome.HELD);
    rows.send("503: no worker free", KrakenRows.PREFETCH, Fault.status(503, ""), Outcome.PATIENCE);
    rows.send(
        "Invalid answer: no locations",
        KrakenRows.LOCATIONS,
        new Fault.Reply(Answer.text(200, "welcome")),
        Outcome.HELD);
    rows.send(
        "Invalid answer: a ring of nonsense",
        KrakenRows.LOCATIONS,
        new Fault.Reply(Answer.status(200).with("Origin-Locations", "a/b?c")),
        Outcome.HELD);
  }

  private void answersOfTheProxy() {
    rows.notification(
        "404: the port of nginx", Fault.status(404, "404 page not found\n"), Outcome.HELD);
    rows.notification(
        "403 of the proxy: client certificate wanted", Fault.status(403, ""), Outcome.HELD);
    rows.notification(
        "500 of the proxy: body not read", Fault.status(500, "decode body: EOF"), Outcome.REFUSED);
    rows.notification("500 of the proxy", Fault.status(500, "boom"), Outcome.HELD_AND_COUNTED);
    rows.notification("502 before the proxy", Fault.status(502, "Bad Gateway"), Outcome.HELD);
    rows.notification("429 of the proxy", Fault.status(429, ""), Outcome.PATIENCE);
    rows.notification("503 of the proxy", Fault.status(503, ""), Outcome.PATIENCE);
    rows.notification("Connection broken off by the proxy", new Fault.Drop(), Outcome.LOOKED_FOR);
  }
}
