package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Submission;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What Dragonfly does, rightly and wrongly, behind answers that look right. */
class DragonflyBehaviourTest extends DragonflyBench {
  @Test
  void a_job_for_each_scheduler_cluster_and_a_look_at_both() {
    dragonfly.addCluster(2, 1, 0);
    P2PDriver driver = driver(dragonfly.url(), List.of(1, 2), DragonflySubject.TOKEN);

    String job = accepted(driver.submit(order("o")));

    assertThat(job).isEqualTo("1,2");
    assertThat(warmPercent(look(driver, order("o"), job))).isEqualTo(100);
    assertThat(dragonfly.holders(image.blobs().getFirst().digest()))
        .containsExactly("seed-0", "seed-1", "seed-2-0");
  }

  @Test
  void what_one_cluster_has_is_kept_and_what_another_lacks_is_sent_later() {
    dragonfly.addCluster(2, 1, 0);
    dragonfly.schedulerActive(2, false);
    P2PDriver driver = driver(dragonfly.url(), List.of(1, 2), DragonflySubject.TOKEN);

    assertThat(driver.submit(order("o"))).isInstanceOf(Submission.Unknown.class);
    dragonfly.schedulerActive(2, true);

    assertThat(accepted(driver.adopt(order("o")))).isEqualTo("1,2");
    assertThat(dragonfly.preheated()).hasSize(2);
  }

  @Test
  void without_clusters_the_manager_chooses() {
    dragonfly.addCluster(2, 1, 0);
    P2PDriver driver = driver(dragonfly.url(), null, DragonflySubject.TOKEN);

    String job = accepted(driver.submit(order("o")));

    assertThat(job).isEqualTo("1");
    assertThat(dragonfly.server().log(CREATE).getFirst().text())
        .doesNotContain("scheduler_cluster_ids");
    assertThat(warmPercent(look(driver, order("o"), job))).isEqualTo(100);
  }

  @Test
  void a_job_is_found_again_behind_hundreds_of_others() {
    P2PDriver driver = driver();
    dragonfly.rateLimit(1000);
    String job = accepted(driver.submit(order("old")));
    for (int i = 0; i < 120; i++) {
      accepted(driver.submit(order("new-" + i)));
    }
    dragonfly.server().clearLog();

    assertThat(accepted(driver.adopt(order("old")))).isEqualTo(job);
    assertThat(dragonfly.server().log(CREATE)).isEmpty();
    assertThat(dragonfly.server().log(Faults.on("GET", "/oapi/v1/jobs"))).hasSize(3);
  }

  @Test
  void a_manager_that_lies_is_not_believed() {
    dragonfly.lying(true);

    for (Scope scope : Scope.values()) {
      PreheatOrder order = order("lie-" + scope, new Target(scope, null, null, null));
      String job = accepted(driver().submit(order));
      assertThat(warmPercent(look(driver(), order, job))).as(scope.name()).isZero();
    }
  }

  @Test
  void a_peer_that_failed_is_named() {
    String layer = image.blobs().getLast().digest();
    dragonfly.blobFails((host, blob) -> host.equals("seed-1") && blob.equals(layer));
    String job = accepted(driver().submit(order("o")));

    assertThat(look(driver(), order("o"), job))
        .isInstanceOfSatisfying(
            Observation.Finished.class,
            end -> {
              assertThat(end.warmth().percent()).isBetween(49, 50);
              assertThat(end.warmth().peers()).isEqualTo(1);
              assertThat(end.warmth().failedPeers())
                  .singleElement()
                  .asString()
                  .startsWith("seed-1 (10.0.4.11): task");
            });
    assertThat(dragonfly.holds("seed-1", layer)).isFalse();
  }

  @Test
  void a_blob_that_vanished_with_a_single_seed_peer_is_missed() {
    String config = image.blobs().getFirst().digest();
    dragonfly.blobFails((host, blob) -> blob.equals(config));
    PreheatOrder order = order("o", Target.DEFAULT);

    assertThat(warmPercent(look(driver(), order, accepted(driver().submit(order)))))
        .isBetween(1, 99);
  }

  @Test
  void all_peers_failing_is_a_failure() {
    dragonfly.blobFails((host, blob) -> true);
    String job = accepted(driver().submit(order("o")));

    assertThat(look(driver(), order("o"), job))
        .isInstanceOfSatisfying(
            Observation.Failed.class,
            failed -> assertThat(failed.message()).contains("all peers preheat failed", "seed-0"));
  }

  @Test
  void a_token_that_expired_meanwhile_shows_as_a_denied_pull() {
    AtomicInteger minted = new AtomicInteger();
    PreheatOrder order =
        new PreheatOrder(
            "o",
            image,
            null,
            null,
            new Target(Scope.ALL_SEED_PEERS, null, null, null),
            Duration.ofMinutes(10),
            () -> {
              minted.incrementAndGet();
              return new PullAuthorization(PULL, null);
            });
    // The creation reads the manifest, then the blobs are asked for one by one.
    registry
        .server()
        .faults()
        .always(ask -> ask.rawPath().contains("/blobs/"), Fault.status(401, "token expired"));

    String job = accepted(driver().submit(order));

    assertThat(minted).hasValue(1);
    assertThat(look(driver(), order, job))
        .isInstanceOfSatisfying(
            Observation.Failed.class,
            failed -> assertThat(failed.reason()).isEqualTo(Reason.PULL_DENIED));
  }

  @Test
  void addresses_are_addressed() {
    List<String> all = dragonfly.addresses(1, false);
    PreheatOrder order =
        order("o", new Target(Scope.ALL_PEERS, null, null, List.of(all.get(1), "10.9.9.9")));

    Observation seen = look(driver(), order, accepted(driver().submit(order)));

    assertThat(warmPercent(seen)).isBetween(49, 50);
    assertThat(seen).asString().contains("10.9.9.9");
    assertThat(dragonfly.holders(image.blobs().getFirst().digest())).containsExactly("node-1");
  }

  @Test
  void a_job_orphaned_by_a_restart_stays_at_work_until_it_is_swept_away() {
    try (DragonflySimulator slow =
        new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
      P2PDriver driver = driver(slow.url(), List.of(1), DragonflySubject.TOKEN);
      String job = accepted(driver.submit(order("o")));
      slow.restart();
      slow.finishAtOnce();

      assertThat(look(driver, order("o"), job)).isInstanceOf(Observation.InProgress.class);
      slow.collectGarbage();
      assertThat(look(driver, order("o"), job)).isInstanceOf(Observation.OutcomeUnknown.class);
    }
  }

  @Test
  void a_job_that_the_manager_gave_up_watching_is_of_unknown_outcome() {
    try (DragonflySimulator slow =
        new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
      slow.timeScale(0.000001);
      slow.jobTime(Duration.ofDays(1000));
      P2PDriver driver = driver(slow.url(), List.of(1), DragonflySubject.TOKEN);
      String job = accepted(driver.submit(order("o")));

      assertThat(
              await()
                  .until(
                      () -> look(driver, order("o"), job),
                      seen -> !(seen instanceof Observation.InProgress)))
          .isInstanceOf(Observation.OutcomeUnknown.class);
    }
  }

  @Test
  void harbors_refusal_to_mint_is_not_dragonflys_fault() {
    RemoteCallException down =
        new RemoteCallException(
            FailureClass.RETRY, Reason.UNREACHABLE, 0, "Harbor is down", null, false, null);
    PreheatOrder order =
        new PreheatOrder(
            "o",
            image,
            null,
            null,
            Target.DEFAULT,
            Duration.ofMinutes(1),
            () -> {
              throw down;
            });

    assertThat(driver().submit(order))
        .isInstanceOfSatisfying(
            Submission.NotNow.class, notNow -> assertThat(notNow.providerFault()).isFalse());
    assertThat(dragonfly.server().log(CREATE)).isEmpty();
  }

  @Test
  void an_answer_that_repeats_credentials_is_not_passed_on() {
    String echo = "cannot use header Authorization: " + PULL;
    dragonfly.server().faults().next(1, CREATE, Fault.status(422, echo));
    dragonfly.server().faults().next(1, CREATE, Fault.status(500, echo));
    dragonfly.server().faults().next(1, CREATE, Fault.status(200, echo));
    dragonfly.server().faults().next(1, READ, Fault.status(200, "{\"args\":\"" + PULL));
    P2PDriver driver = driver();

    for (int i = 0; i < 3; i++) {
      assertThat(driver.submit(order("o")).toString()).doesNotContain(DriverContract.PULL_TOKEN);
    }
    assertThat(look(driver, order("o"), "1").toString()).doesNotContain(DriverContract.PULL_TOKEN);
  }
}
