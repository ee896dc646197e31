package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.driver.FaultRow.Outcome;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import java.time.Instant;
import java.util.function.Predicate;

/** What looks at Kraken can meet, what can become of the work, and what evictions can meet. */
final class KrakenResultRows {
  private final KrakenRows rows;

  KrakenResultRows(KrakenRows rows) {
    this.rows = rows;
  }

  void add() {
    looks();
    results();
    peers();
    evictions();
  }

  private void looks() {
    rows.look(
        "502 on one look",
        KrakenRows.LOCATIONS,
        Fault.status(502, "Bad Gateway"),
        Outcome.LOOKED_AGAIN);
    rows.look("500 on a look", KrakenRows.STAT, Fault.status(500, ""), Outcome.LOOKED_AGAIN);
    rows.look(
        "503 on a look: no worker free",
        KrakenRows.PREFETCH,
        Fault.status(503, ""),
        Outcome.STILL_RUNNING);
    rows.look(
        "Invalid answer on a look: no locations",
        KrakenRows.LOCATIONS,
        new Fault.Reply(Answer.text(200, "{")),
        Outcome.LOOKED_AGAIN);
    rows.look(
        "Unknown state on a look",
        KrakenRows.PREFETCH,
        Fault.status(418, "teapot"),
        Outcome.LOOKED_AGAIN);
    rows.look("429 on a look", KrakenRows.PREFETCH, Fault.status(429, ""), Outcome.STILL_RUNNING);
    rows.look(
        "Layer that takes longer than the origins' time-out of 60 s",
        KrakenRows.PREFETCH,
        Fault.status(500, "download: context deadline exceeded (Client.Timeout)"),
        Outcome.JOB_FAILED);
    rows.look(
        "Download failed at an origin",
        KrakenRows.PREFETCH,
        Fault.status(500, "get blob: timeout"),
        Outcome.JOB_FAILED);
    rows.look(
        "Layer beyond the origins' size limit",
        KrakenRows.PREFETCH,
        Fault.status(500, "60GB blob exceeds size limit of 50GB"),
        Outcome.JOB_FAILED);
    rows.look(
        "Source gone meanwhile", KrakenRows.PREFETCH, Fault.status(404, ""), Outcome.JOB_FAILED);
  }

  private void results() {
    rows.row(
        "Lying success: 200, and no origin holds anything",
        Outcome.STILL_RUNNING,
        bench -> {
          bench.kraken.lying(true);
          P2PDriver driver = bench.driver();
          return KrakenBench.look(driver, KrakenBench.send(driver, bench.image("web", 1)));
        });
    rows.row(
        "Lying success for as long as the task may take",
        Outcome.MEASURED,
        bench -> {
          bench.kraken.lying(true);
          P2PDriver driver = bench.driver();
          RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
          return KrakenBench.look(driver, new RunningJob(job.jobId(), job.order(), Instant.EPOCH));
        });
    rows.row(
        "Lying success of an old proxy: OCI manifests are passed over",
        Outcome.MEASURED,
        KrakenSetup::old,
        bench -> {
          P2PDriver driver = bench.driver();
          return KrakenBench.outcome(driver, KrakenBench.send(driver, bench.image("web", 1)));
        });
    rows.row(
        "Lying success of a notification, no origin configured",
        Outcome.UNVERIFIED,
        bench -> {
          P2PDriver driver = bench.blindDriver();
          return KrakenBench.look(driver, KrakenBench.send(driver, bench.image("web", 1)));
        });
    rows.row(
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
    rows.row(
        "Partial failure: an owner is not handed its copy",
        Outcome.MEASURED,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          bench.kraken.breakReplication(bench.kraken.owners(image.digest()).getLast(), true);
          return KrakenBench.outcome(driver, KrakenBench.send(driver, image));
        });
    rows.row(
        "Partial failure: one origin down",
        Outcome.LOOKED_AGAIN,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          int down =
              bench.kraken.owners(image.digest()).stream().filter(i -> i != 0).findFirst().get();
          bench.kraken.origin(down).stop();
          return KrakenBench.look(driver, KrakenBench.send(driver, image));
        });
    rows.row(
        "Ring changed: another origin owns a blob now",
        Outcome.MEASURED,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          RunningJob job = KrakenBench.send(driver, image);
          bench.awaitWarm(image);
          bench.kraken.member(2, false);
          return KrakenBench.outcome(driver, job);
        });
    rows.row(
        "Work vanished: a layer is evicted before the rest has come",
        Outcome.STILL_RUNNING,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          String layer = image.blobs().getLast().digest();
          RunningJob job = KrakenBench.send(driver, image);
          bench.awaitWarm(image);
          bench.kraken.owners(layer).forEach(owner -> bench.kraken.evict(owner, layer));
          return KrakenBench.look(driver, job);
        });
    rows.row(
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
    rows.row(
        "Many origins: every one of nine holds it",
        Outcome.MEASURED,
        setup -> setup.ring(9, 9),
        bench -> {
          P2PDriver driver = bench.driver();
          RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
          return KrakenBench.outcome(driver, job);
        });
  }

  private void peers() {
    rows.row(
        "Peers asked while the origins are away",
        Outcome.LOOKED_AGAIN,
        bench -> {
          for (int i = 0; i < bench.kraken.origins(); i++) {
            bench.kraken.origin(i).stop();
          }
          return bench.driver().verify(KrakenBench.order(bench.image("web", 1)));
        });
    rows.row(
        "Peers asked without origins configured",
        Outcome.CANNOT_TELL,
        bench -> bench.blindDriver().verify(KrakenBench.order(bench.image("web", 1))));
    rows.row(
        "Peers asked when one copy is missing",
        Outcome.MEASURED,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          KrakenBench.outcome(driver, KrakenBench.send(driver, image));
          String layer = image.blobs().getLast().digest();
          bench.kraken.evict(bench.kraken.owners(layer).getLast(), layer);
          return driver.verify(KrakenBench.order(image));
        });
  }

  private void evictions() {
    Predicate<Ask> delete = ask -> ask.method().equals("DELETE");
    rows.evict("Eviction: client certificate wanted", delete, Fault.status(403, ""));
    rows.evict("Eviction: an origin's error", delete, Fault.status(500, "delete: disk"));
    rows.row(
        "Eviction: an origin keeps its copies",
        Outcome.INCOMPLETE,
        bench -> {
          P2PDriver driver = bench.driver();
          ImageManifest image = bench.image("web", 1);
          KrakenBench.outcome(driver, KrakenBench.send(driver, image));
          bench.kraken.origin(1).faults().always(delete, Fault.status(202, ""));
          return driver.evict(KrakenBench.order(image));
        });
    rows.row(
        "Eviction without origins configured",
        Outcome.CANNOT_TELL,
        bench -> bench.blindDriver().evict(KrakenBench.order(bench.image("web", 1))));
  }
}
