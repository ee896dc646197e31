package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobVerdictTest {
  /** A config of 10 bytes and a layer of 90. */
  private static final ImageManifest IMAGE =
      new ImageManifest(
          "https://h",
          "shop",
          "web",
          "sha256:m",
          "application/vnd.oci.image.manifest.v1+json",
          List.of(new ImageManifest.Blob("sha256:c", 10), new ImageManifest.Blob("sha256:l", 90)));

  @ParameterizedTest
  @ValueSource(strings = {"PENDING", "RECEIVED", "STARTED", "RETRY", "A_LATER_STATE", ""})
  void what_is_neither_success_nor_failure_is_at_work(String state) {
    assertThat(verdict(Scope.ALL_SEED_PEERS, "{'id':1,'state':'" + state + "','result':null}"))
        .isEqualTo(new Observation.InProgress(0));
  }

  @Test
  void a_single_seed_peer_is_warm_when_the_seed_peers_together_hold_everything() {
    Warmth warmth =
        finished(
            verdict(
                Scope.SINGLE_SEED_PEER,
                job("SUCCESS", ok("sha256:c", "s1") + "," + ok("sha256:l", "s2"), "")));

    assertThat(warmth.percent()).isEqualTo(100);
    assertThat(warmth.peers()).isEqualTo(2);
  }

  @Test
  void success_without_any_blob_is_cold() {
    Warmth warmth =
        finished(
            verdict(
                Scope.SINGLE_SEED_PEER,
                "{'id':1,'state':'SUCCESS','result':{'state':'SUCCESS','job_states':["
                    + "{'results':[{'success_tasks':null,'failure_tasks':null}]}]}}"));

    assertThat(warmth.verified()).isTrue();
    assertThat(warmth.percent()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id':1,'state':'SUCCESS'}",
        "{'id':1,'state':'SUCCESS','result':{}}",
        "{'id':1,'state':'SUCCESS','result':{'job_states':null}}",
        "{'id':1,'state':'SUCCESS','result':{'job_states':[{'results':null}]}}"
      })
  void null_and_missing_arrays_are_cold(String job) {
    assertThat(finished(verdict(Scope.ALL_SEED_PEERS, job)).percent()).isZero();
  }

  @Test
  void blobs_that_the_manifest_does_not_have_count_for_nothing() {
    Warmth warmth =
        finished(
            verdict(
                Scope.ALL_SEED_PEERS,
                job("SUCCESS", ok("sha256:l", "s1") + "," + ok("sha256:other", "s1"), "")));

    assertThat(warmth.heldBytes()).isEqualTo(90);
    assertThat(warmth.peers()).isZero();
  }

  @Test
  void a_peer_that_failed_lowers_the_mean_and_is_named() {
    Warmth warmth =
        finished(
            verdict(
                Scope.ALL_PEERS,
                job(
                    "SUCCESS",
                    ok("sha256:c", "n1") + "," + ok("sha256:l", "n1"),
                    bad("sha256:l", "n2", "disk full"))));

    assertThat(warmth.percent()).isEqualTo(50);
    assertThat(warmth.peers()).isEqualTo(1);
    assertThat(warmth.failedPeerCount()).isEqualTo(1);
    assertThat(warmth.failedPeers()).containsExactly("n2 (ip-n2): disk full");
  }

  @Test
  void only_ten_failed_peers_are_named() {
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      failures.add(bad("sha256:l", "n" + i, "disk full"));
    }

    Warmth warmth =
        finished(
            verdict(
                Scope.ALL_PEERS, job("SUCCESS", ok("sha256:l", "x"), String.join(",", failures))));

    assertThat(warmth.failedPeers()).hasSize(10);
    assertThat(warmth.failedPeerCount()).isEqualTo(25);
  }

  @Test
  void addresses_that_no_peer_has_are_failures() {
    PreheatOrder order = order(new Target(Scope.ALL_PEERS, null, null, List.of("ip-n1", "ip-n9")));

    Warmth warmth =
        finished(
            verdict(order, job("SUCCESS", ok("sha256:c", "n1") + "," + ok("sha256:l", "n1"), "")));

    assertThat(warmth.percent()).isEqualTo(50);
    assertThat(warmth.failedPeers()).singleElement().asString().contains("ip-n9");
  }

  @Test
  void a_cluster_without_the_addresses_is_not_at_fault_when_another_has_them() {
    PreheatOrder order = order(new Target(Scope.ALL_PEERS, null, null, List.of("ip-n1")));
    String has = job("SUCCESS", ok("sha256:c", "n1") + "," + ok("sha256:l", "n1"), "");
    String none = failed("no peer found for ips [ip-n1]");

    assertThat(finished(verdict(order, has, none)).percent()).isEqualTo(100);
    assertThat(verdict(order, none, none)).isInstanceOf(Observation.Failed.class);
  }

  @Test
  void go_names_of_old_versions_are_read() {
    Observation failed =
        verdict(
            Scope.SINGLE_SEED_PEER,
            "{'id':1,'state':'FAILURE','result':{'GroupUUID':'g','State':'FAILURE','JobStates':["
                + "{'TaskUUID':'t','State':'FAILURE','Results':[],'Error':'no seed peer'}]}}");

    assertThat(failed).isEqualTo(new Observation.Failed(Reason.JOB_FAILED, "job 1: no seed peer"));
  }

  @Test
  void a_success_of_a_version_that_records_no_peers_cannot_be_verified() {
    assertThat(
            finished(
                    verdict(
                        Scope.SINGLE_SEED_PEER,
                        "{'id':1,'state':'SUCCESS','result':{'GroupUUID':'g','State':'SUCCESS',"
                            + "'JobStates':[{'State':'SUCCESS','Results':null}]}}"))
                .verified())
        .isFalse();
  }

  @Test
  void a_failure_whose_result_is_still_pending_is_an_unknown_outcome() {
    assertThat(
            verdict(
                Scope.ALL_SEED_PEERS,
                "{'id':1,'state':'FAILURE','result':{'state':'PENDING','job_states':null}}"))
        .isInstanceOfSatisfying(
            Observation.OutcomeUnknown.class,
            vanished -> assertThat(vanished.message()).contains("outcome is unknown"));
  }

  @Test
  void a_failure_quotes_the_errors_and_the_first_peer() {
    assertThat(
            verdict(Scope.ALL_PEERS, job("FAILURE", "", bad("sha256:l", "n1", "401 Unauthorized"))))
        .isEqualTo(
            new Observation.Failed(Reason.PULL_DENIED, "job 1: n1 (ip-n1): 401 Unauthorized"));
  }

  @Test
  void words_of_peers_lose_their_credentials() {
    assertThat(verdict(Scope.ALL_PEERS, failed("header Authorization: Bearer eyJhbGciOi.abc-_def")))
        .asString()
        .contains("Bearer ***")
        .doesNotContain("eyJ");
  }

  @Test
  void several_clusters_go_on_until_the_last_one_ended_and_are_as_warm_as_the_coldest() {
    String warm = job("SUCCESS", ok("sha256:c", "a") + "," + ok("sha256:l", "a"), "");
    String cool = job("SUCCESS", ok("sha256:l", "b"), "");
    String running = "{'id':3,'state':'PENDING'}";
    PreheatOrder order = order(new Target(Scope.ALL_SEED_PEERS, null, null, null));

    assertThat(verdict(order, warm, running)).isEqualTo(new Observation.InProgress(50));
    assertThat(verdict(order, failed("broken"), running)).isEqualTo(new Observation.InProgress(0));
    assertThat(finished(verdict(order, warm, cool)).percent()).isEqualTo(90);
    assertThat(verdict(order, warm, failed("broken"))).isInstanceOf(Observation.Failed.class);
  }

  private static Observation verdict(Scope scope, String job) {
    return verdict(order(new Target(scope, null, null, null)), job);
  }

  private static Observation verdict(PreheatOrder order, String... jobs) {
    List<JobVerdict.Part> parts = new ArrayList<>();
    for (String text : jobs) {
      try {
        Job job = RemoteSystem.JSON.readValue(text.replace('\'', '"'), Job.class);
        parts.add(JobVerdict.part(job.id(), job, IMAGE));
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(e);
      }
    }
    return JobVerdict.of(order, parts);
  }

  private static Warmth finished(@Nullable Observation seen) {
    assertThat(seen).isInstanceOf(Observation.Finished.class);
    return seen instanceof Observation.Finished end ? end.warmth() : Warmth.unverified(0);
  }

  private static PreheatOrder order(Target target) {
    return new PreheatOrder(
        "o", IMAGE, null, null, target, Duration.ofHours(1), () -> PullAuthorization.ANONYMOUS);
  }

  private static String job(String state, String successes, String failures) {
    return ("{'id':1,'state':'%1$s','args':{'headers':{'Authorization':'x'}},'result':"
            + "{'state':'%1$s','job_states':[{'error':'','results':[{'scheduler_cluster_id':1,"
            + "'success_tasks':[%2$s],'failure_tasks':[%3$s]}]}]}}")
        .formatted(state, successes, failures);
  }

  private static String failed(String error) {
    return "{'id':1,'state':'FAILURE','result':{'state':'FAILURE','job_states':[{'error':'"
        + error
        + "','results':null}]}}";
  }

  private static String ok(String digest, String host) {
    return "{'url':'https://h/v2/shop/web/blobs/%s','hostname':'%s','ip':'ip-%s'}"
        .formatted(digest, host, host);
  }

  private static String bad(String digest, String host, String description) {
    return "{'url':'https://h/v2/shop/web/blobs/%s','hostname':'%s','ip':'ip-%s','description':'%s'}"
        .formatted(digest, host, host, description);
  }
}
