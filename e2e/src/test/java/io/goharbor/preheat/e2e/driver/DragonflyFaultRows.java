package io.goharbor.preheat.e2e.driver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.e2e.driver.FaultRow.Outcome;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.e2e.sim.dragonfly.ManagerVersion;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** What Dragonfly and what is between it and the operator can do wrong. */
final class DragonflyFaultRows extends DragonflyBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Target ALL_PEERS = new Target(Scope.ALL_PEERS, null, null, null);

  private final List<FaultRow> rows = new ArrayList<>();

  /** All rows; they share one simulator, which each puts right again. */
  List<FaultRow> rows() {
    dragonfly.rateLimit(1000);
    connections();
    answersToACreation();
    answersToALook();
    endsOfJobs();
    results();
    peersAndCaches();
    return List.copyOf(rows);
  }

  private void connections() {
    row("Connection refused", Outcome.HELD, this::down);
    row(
        "Connection refused while a job runs",
        Outcome.LOOKED_AGAIN,
        () -> {
          PreheatOrder order = order("refused");
          String job = accepted(driver().submit(order));
          dragonfly.server().stop();
          try {
            return look(driver(), order, job);
          } finally {
            dragonfly.server().start();
          }
        });
    row(
        "Certificate of an unknown authority",
        Outcome.HELD,
        () -> {
          HeldCertificate own =
              new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
          try (DragonflySimulator secure =
              new DragonflySimulator(
                  Clock.systemUTC(),
                  DragonflySubject.TOKEN,
                  new HandshakeCertificates.Builder().heldCertificate(own).build().sslContext())) {
            return driver(secure.url(), List.of(1), DragonflySubject.TOKEN).submit(order("tls"));
          }
        });
    row(
        "Time-out of a probe",
        Outcome.HELD,
        () -> {
          dragonfly
              .server()
              .faults()
              .always(Faults.on("GET", "/healthy"), new Fault.Delay(Duration.ofMillis(2500)));
          return driver().probe();
        });
    send("Connection broken off during a creation", new Fault.Drop(), Outcome.LOOKED_FOR);
    send("Creation done, answer lost", new Fault.HandleThenDrop(), Outcome.LOOKED_FOR);
    send("Half-closed connection during a creation", new Fault.HalfAnswer(), Outcome.LOOKED_FOR);
    lookAt("Half-closed connection during a look", new Fault.HalfAnswer(), Outcome.LOOKED_AGAIN);
    lookAt("Connection broken off during a look", new Fault.Drop(), Outcome.LOOKED_AGAIN);
  }

  private void answersToACreation() {
    send("401 on a creation", error(401, "Unauthorized"), Outcome.HELD);
    send("403: token expired", error(403, "Token has expired"), Outcome.HELD);
    send(
        "404: scheduler cluster unknown",
        error(404, "scheduler cluster id 1: record not found"),
        Outcome.HELD);
    send("301: not a Manager, or its console", Fault.status(301, ""), Outcome.HELD);
    send("409 on a creation", error(409, "Conflict"), Outcome.RETRIED);
    send(
        "422, two JSON objects in a row",
        Fault.status(422, "{\"errors\":\"one\"}{\"errors\":\"two\"}"),
        Outcome.REFUSED);
    send(
        "429: rate limit, unknown cluster, or no Redis",
        Fault.status(429, "rate limit exceeded"),
        Outcome.PATIENCE);
    send(
        "500: registry wants another token",
        error(500, "unauthorized: authentication required"),
        Outcome.RETRIED);
    send(
        "500: registry forbids the pull (Harbor's 412)",
        error(500, "unknown: The image is not signed in Cosign."),
        Outcome.REFUSED);
    send(
        "500: registry's certificate not trusted",
        error(
            500,
            "Get \"https://harbor.example.com/v2/\": x509: certificate signed by unknown authority"),
        Outcome.RETRIED);
    send(
        "500: no manifest of that platform",
        error(500, "no matching manifest for platform linux/arm64"),
        Outcome.REFUSED);
    send("500: no active scheduler", error(500, "candidate schedulers not found"), Outcome.HELD);
    send("500: database or Redis away", error(500, "Internal Server Error"), Outcome.HELD);
    send("502 on a creation", Fault.status(502, "Bad Gateway"), Outcome.LOOKED_FOR);
    send("503 on a creation", Fault.status(503, "no healthy upstream"), Outcome.HELD);
    send("Invalid JSON on a creation", Fault.status(200, "<html>"), Outcome.LOOKED_FOR);
  }

  private void answersToALook() {
    lookAt("401 on a look", error(401, "Unauthorized"), Outcome.LOOKED_AGAIN);
    lookAt("429 on a look", Fault.status(429, "rate limit exceeded"), Outcome.LOOKED_AGAIN);
    lookAt("500 on a look", error(500, "Internal Server Error"), Outcome.LOOKED_AGAIN);
    lookAt("502 on one look", Fault.status(502, "Bad Gateway"), Outcome.LOOKED_AGAIN);
    lookAt(
        "404 of something in between",
        Fault.status(404, "default backend - 404"),
        Outcome.LOOKED_AGAIN);
    lookAt("Invalid JSON on a look", Fault.status(200, "{\"id\":1,\"args\""), Outcome.LOOKED_AGAIN);
    lookAt(
        "Unknown state",
        Fault.status(200, "{\"id\":1,\"state\":\"PAUSED\"}"),
        Outcome.STILL_RUNNING);
    for (String state : List.of("RECEIVED", "STARTED", "RETRY")) {
      lookAt(
          "State " + state,
          Fault.status(200, "{\"id\":1,\"state\":\"" + state + "\"}"),
          Outcome.STILL_RUNNING);
    }
  }

  private void endsOfJobs() {
    row(
        "Job vanished (404 after garbage collection)",
        Outcome.PEERS_ASKED,
        () -> {
          PreheatOrder order = order("vanished");
          String job = accepted(driver().submit(order));
          dragonfly.collectGarbage();
          return look(driver(), order, job);
        });
    lookAt(
        "Manager stopped watching: FAILURE with a pending result",
        Fault.status(200, "{\"id\":1,\"state\":\"FAILURE\",\"result\":{\"state\":\"PENDING\"}}"),
        Outcome.PEERS_ASKED);
    row(
        "Manager restarted: PENDING for ever",
        Outcome.STILL_RUNNING,
        () -> {
          try (DragonflySimulator slow =
              new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
            P2PDriver driver = driver(slow.url(), List.of(1), DragonflySubject.TOKEN);
            PreheatOrder order = order("orphan");
            String job = accepted(driver.submit(order));
            slow.restart();
            slow.finishAtOnce();
            return look(driver, order, job);
          }
        });
    lookAt(
        "FAILURE with the scheduler's words",
        Fault.status(
            200,
            "{\"id\":1,\"state\":\"FAILURE\",\"result\":{\"state\":\"FAILURE\",\"job_states\":"
                + "[{\"error\":\"cluster 1 scheduler 10.0.3.1 no available seed peer\"}]}}"),
        Outcome.JOB_FAILED);
    row(
        "Pull token expired while the job ran",
        Outcome.JOB_FAILED,
        () -> {
          registry
              .server()
              .faults()
              .always(ask -> ask.rawPath().contains("/blobs/"), Fault.status(401, "expired"));
          try {
            return seen("expired", registry.push("shop", "expired", 2), ALL_PEERS);
          } finally {
            registry.server().faults().clear();
          }
        });
  }

  private void results() {
    row(
        "Lying success: SUCCESS, and no peer holds anything",
        Outcome.MEASURED,
        () -> {
          dragonfly.lying(true);
          try {
            PreheatOrder order = order("lie", Target.DEFAULT);
            return look(driver(), order, accepted(driver().submit(order)));
          } finally {
            dragonfly.lying(false);
          }
        });
    row(
        "Partial failure: SUCCESS, and one peer lacks a layer",
        Outcome.MEASURED,
        () -> failing("partial", (host, blob) -> host.equals("node-1"), ALL_PEERS));
    row(
        "Single seed peer: a layer failed without a word",
        Outcome.MEASURED,
        () ->
            failing(
                "silent",
                (host, blob) -> blob.equals(image.blobs().getLast().digest()),
                Target.DEFAULT));
    row(
        "Every peer failed",
        Outcome.JOB_FAILED,
        () -> failing("all", (host, blob) -> true, ALL_PEERS));
    row(
        "1,000 peers' results, 100 of them failed",
        Outcome.MEASURED,
        () -> {
          try (DragonflySimulator large =
              new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
            large.finishAtOnce();
            large.addCluster(2, 1, 1000);
            large.blobFails((host, blob) -> host.endsWith("7"));
            ImageManifest many = registry.push("shop", "many-layers", 49);
            PreheatOrder order =
                new PreheatOrder(
                    "large",
                    many,
                    null,
                    null,
                    ALL_PEERS,
                    Duration.ofMinutes(10),
                    order("any").pullAuthority());
            P2PDriver driver = driver(large.url(), List.of(2), DragonflySubject.TOKEN);
            return look(driver, order, accepted(driver.submit(order)));
          }
        });
  }

  private void peersAndCaches() {
    row(
        "Peers asked while the Manager is away",
        Outcome.LOOKED_AGAIN,
        () -> {
          dragonfly.server().stop();
          try {
            return driver().verify(order("away"));
          } finally {
            dragonfly.server().start();
          }
        });
    row(
        "Version that cannot ask seed peers",
        Outcome.CANNOT_TELL,
        () -> {
          dragonfly.version(ManagerVersion.V2_1);
          try {
            return driver().verify(order("old"));
          } finally {
            dragonfly.version(ManagerVersion.V2_5);
          }
        });
    row(
        "Eviction by a scheduler that forgot its tasks",
        Outcome.INCOMPLETE,
        () -> {
          PreheatOrder order = order("forgot");
          accepted(driver().submit(order));
          dragonfly.restartScheduler(1);
          return driver().evict(order);
        });
    row(
        "Token without the scope job",
        Outcome.HELD,
        () -> {
          dragonfly.token(Set.of("cluster"), true, false);
          try {
            return driver().probe();
          } finally {
            dragonfly.token(Set.of("job", "cluster"), true, false);
          }
        });
    row(
        "Redis away",
        Outcome.PATIENCE,
        () -> {
          dragonfly.redisDown(true);
          try {
            return driver().submit(order("redis"));
          } finally {
            dragonfly.redisDown(false);
          }
        });
  }

  private void send(String behaviour, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        () -> {
          dragonfly.server().faults().next(1, CREATE, fault);
          return driver().submit(order(behaviour));
        });
  }

  private void lookAt(String behaviour, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        () -> {
          P2PDriver driver = driver();
          PreheatOrder order = order(behaviour);
          String job = accepted(driver.submit(order));
          dragonfly.server().faults().next(1, READ, fault);
          return look(driver, order, job);
        });
  }

  private Object failing(String id, BiPredicate<String, String> fails, Target target) {
    ImageManifest own = registry.push("shop", id, 2);
    dragonfly.blobFails((host, blob) ->
        fails.test(host, blob)
            || (blob.equals(own.blobs().getLast().digest())
                && fails.test(host, image.blobs().getLast().digest())));
    try {
      return seen(id, own, target);
    } finally {
      dragonfly.blobFails((host, blob) -> false);
    }
  }

  private Object seen(String id, ImageManifest fresh, Target target) {
    PreheatOrder order =
        new PreheatOrder(
            id, fresh, null, null, target, Duration.ofMinutes(10), order(id).pullAuthority());
    return look(driver(), order, accepted(driver().submit(order)));
  }

  private Object down() {
    P2PDriver driver = driver();
    dragonfly.server().stop();
    try {
      return driver.submit(order("down"));
    } finally {
      dragonfly.server().start();
    }
  }

  private static Fault error(int status, String message) {
    try {
      return Fault.status(status, JSON.writeValueAsString(Map.of("message", message)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void row(String behaviour, Outcome expected, Callable<Object> act) {
    rows.add(
        new FaultRow(
            behaviour,
            expected,
            () -> {
              try {
                return act.call();
              } finally {
                dragonfly.server().faults().clear();
              }
            }));
  }
}
