package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.ManagerVersion;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the peers hold: asked of themselves, made complete, and taken away again. */
class DragonflyVerificationTest extends DragonflyBench {
  private static final Target ALL_PEERS = new Target(Scope.ALL_PEERS, null, null, null);

  private final String layer = image.blobs().getLast().digest();

  @Test
  void only_what_is_missing_is_sent_again_and_only_to_the_peers_that_lack_it() throws Exception {
    dragonfly.blobFails((host, blob) -> host.equals("node-1") && blob.equals(layer));
    P2PDriver driver = driver();
    PreheatOrder first = order("o-1", ALL_PEERS);
    Warmth cool = warmth(look(driver, first, accepted(driver.submit(first))));
    assertThat(cool.percent()).isLessThan(100);
    dragonfly.blobFails((host, blob) -> false);
    dragonfly.server().clearLog();

    PreheatOrder second = withRest("o-2", first, cool);
    Warmth warm = warmth(look(driver, second, accepted(driver.submit(second))));

    JsonNode sent = dragonfly.server().log(CREATE).getFirst().json();
    assertThat(sent.at("/args/type").asText()).isEqualTo("file");
    assertThat(sent.at("/args/urls")).hasSize(1);
    assertThat(sent.at("/args/urls/0").asText()).endsWith(layer);
    assertThat(sent.at("/args/ips")).hasSize(1);
    assertThat(warm.percent()).isEqualTo(100);
    assertThat(warm.peers()).isEqualTo(3);
    assertThat(warm.remainder()).isNull();
    assertThat(dragonfly.holders(layer)).contains("node-0", "node-1", "node-2");
  }

  @Test
  void what_a_single_seed_peer_left_out_is_sent_again_alone() throws Exception {
    dragonfly.blobFails((host, blob) -> blob.equals(layer));
    P2PDriver driver = driver();
    PreheatOrder first = order("o-1", Target.DEFAULT);
    Warmth cool = warmth(look(driver, first, accepted(driver.submit(first))));
    dragonfly.blobFails((host, blob) -> false);
    dragonfly.server().clearLog();

    PreheatOrder second = withRest("o-2", first, cool);
    String job = accepted(driver.submit(second));

    assertThat(warmth(look(driver, second, job)).percent()).isEqualTo(100);
    assertThat(dragonfly.server().log(CREATE).getFirst().json().at("/args/urls")).hasSize(1);
    // After a restart no one remembers what was left; the job itself says what it was for.
    assertThat(warmth(look(driver(), order("o-2", Target.DEFAULT), job)).percent()).isEqualTo(100);
    assertThat(accepted(driver().adopt(order("o-2", Target.DEFAULT)))).isEqualTo(job);
  }

  @Test
  void a_cluster_that_lacks_nothing_is_left_alone() {
    dragonfly.addCluster(2, 1, 0);
    dragonfly.blobFails((host, blob) -> host.equals("seed-2-0") && blob.equals(layer));
    P2PDriver driver = driver(dragonfly.url(), List.of(1, 2), DragonflySubject.TOKEN);
    PreheatOrder first = order("o-1", Target.DEFAULT);
    Warmth cool = warmth(look(driver, first, accepted(driver.submit(first))));
    dragonfly.blobFails((host, blob) -> false);
    dragonfly.server().clearLog();

    PreheatOrder second = withRest("o-2", first, cool);
    String job = accepted(driver.submit(second));

    assertThat(job).isEqualTo("3");
    assertThat(dragonfly.server().log(CREATE).getFirst().text())
        .contains("\"scheduler_cluster_ids\":[2]");
    assertThat(warmth(look(driver, second, job)).percent()).isEqualTo(100);
  }

  @Test
  void the_peers_tell_what_they_hold_when_no_job_does() {
    P2PDriver driver = driver();
    PreheatOrder order = order("o");
    assertThat(known(driver.verify(order)).percent()).isZero();

    accepted(driver.submit(order));
    assertThat(known(driver.verify(order)).percent()).isEqualTo(100);
    assertThat(known(driver.verify(order)).peers()).isEqualTo(2);

    image.blobs().forEach(blob -> dragonfly.evict("seed-0", blob.digest()));
    Target both = new Target(Scope.ALL_SEED_PEERS, null, null, dragonfly.addresses(1, true));
    VerificationResult half = driver.verify(order("o", both));
    assertThat(known(half).percent()).isBetween(49, 50);
    assertThat(known(half).failedPeers()).singleElement().asString().contains("10.0.4.10");
    assertThat(((VerificationResult.Known) half).everyPeer()).isTrue();
    assertThat(((VerificationResult.Known) driver.verify(order)).everyPeer())
        .as("peers that hold nothing do not answer")
        .isFalse();
  }

  @Test
  void a_manager_that_knows_no_get_task_is_asked_for_the_distribution() {
    P2PDriver driver = driver();
    PreheatOrder order = order("o", ALL_PEERS);
    accepted(driver.submit(order));
    dragonfly
        .server()
        .faults()
        .always(
            ask -> CREATE.test(ask) && ask.text().contains("\"get_task\""),
            io.goharbor.preheat.e2e.sim.Fault.status(422, "{\"errors\":\"Unknow type\"}"));

    assertThat(known(driver.verify(order)).percent()).isEqualTo(100);
    assertThat(known(driver.verify(order)).peers()).isEqualTo(3);
    assertThat(driver.verify(order("o"))).isInstanceOf(VerificationResult.CannotTell.class);
  }

  @Test
  void a_manager_that_knows_neither_cannot_tell() {
    dragonfly.version(ManagerVersion.V2_1);

    assertThat(driver().verify(order("o", ALL_PEERS)))
        .isInstanceOf(VerificationResult.CannotTell.class);
    assertThat(driver().evict(order("o"))).isInstanceOf(Eviction.NotOffered.class);
  }

  @Test
  void a_manager_that_is_down_gives_no_answer() {
    dragonfly.server().stop();

    assertThat(driver().verify(order("o"))).isInstanceOf(VerificationResult.NoAnswer.class);
    assertThat(driver().evict(order("o"))).isInstanceOf(Eviction.NoAnswer.class);
    assertThat(driver().cancel(new RunningJob("1", order("o"), Instant.now())))
        .isInstanceOf(Cancellation.NoAnswer.class);
  }

  @Test
  void an_eviction_empties_every_peer_under_both_kinds_of_ids() {
    P2PDriver driver = driver();
    accepted(driver.submit(order("o", ALL_PEERS)));
    dragonfly.version(ManagerVersion.V2_6);
    accepted(driver.submit(order("o")));

    Eviction done = driver.evict(order("o"));

    int copies = image.blobs().size() * 5;
    assertThat(done).isEqualTo(new Eviction.Evicted(copies));
    image.blobs().forEach(blob -> assertThat(dragonfly.holders(blob.digest())).isEmpty());
    assertThat(driver.evict(order("o"))).isEqualTo(new Eviction.Evicted(0));
  }

  @Test
  void an_eviction_by_a_scheduler_that_forgot_is_not_believed() {
    P2PDriver driver = driver();
    accepted(driver.submit(order("o")));
    dragonfly.restartScheduler(1);

    assertThat(driver.evict(order("o")))
        .isInstanceOfSatisfying(
            Eviction.Incomplete.class,
            left -> assertThat(left.message()).contains("seed-0", "restart"));
  }

  @Test
  void cancelling_removes_the_record_with_the_token() {
    dragonfly.addCluster(2, 1, 0);
    P2PDriver driver = driver(dragonfly.url(), List.of(1, 2), DragonflySubject.TOKEN);
    String job = accepted(driver.submit(order("o")));

    Cancellation outcome = driver.cancel(new RunningJob(job, order("o"), Instant.now()));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Cancellation.GoesOn.class,
            goes -> assertThat(goes.message()).contains("1,2", "removed"));
    assertThat(dragonfly.preheated()).isEmpty();
    assertThat(dragonfly.server().log(Faults.on("DELETE", "/oapi/v1/jobs/"))).hasSize(2);
  }

  private PreheatOrder withRest(String id, PreheatOrder order, Warmth cool) {
    ImageManifest manifest = order.manifest();
    return new PreheatOrder(
        id,
        manifest,
        order.tag(),
        order.platform(),
        order.target(),
        order.timeLimit(),
        order.pullAuthority(),
        cool.remainder(),
        Instant.EPOCH);
  }

  private static Warmth warmth(Observation seen) {
    assertThat(seen).isInstanceOf(Observation.Finished.class);
    return ((Observation.Finished) seen).warmth();
  }

  private static Warmth known(VerificationResult finding) {
    assertThat(finding).isInstanceOf(VerificationResult.Known.class);
    return ((VerificationResult.Known) finding).warmth();
  }
}
