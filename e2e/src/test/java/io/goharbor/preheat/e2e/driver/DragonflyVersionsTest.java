package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly;
import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly.Api;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.ManagerVersion;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Old Dragonflies and new ones. */
class DragonflyVersionsTest extends DragonflyBench {
  @ParameterizedTest
  @EnumSource
  void auto_drives_every_version(ManagerVersion version) {
    dragonfly.version(version);
    P2PDriver driver = driver(Api.AUTO);

    Health health = driver.probe();
    Observation seen =
        look(
            driver,
            order("o", Target.DEFAULT),
            accepted(driver.submit(order("o", Target.DEFAULT))));

    assertThat(health).isInstanceOf(Health.Usable.class);
    assertThat(seen)
        .isInstanceOfSatisfying(
            Observation.Finished.class,
            finished ->
                assertThat(finished.warmth().verified())
                    .isEqualTo(version.compareTo(ManagerVersion.V2_3) >= 0));
    image.blobs().forEach(blob -> assertThat(dragonfly.holders(blob.digest())).isNotEmpty());
  }

  @Test
  void a_supernode_knows_a_preheat_that_it_has_already() {
    dragonfly.version(ManagerVersion.V1_0);
    P2PDriver driver = driver(Api.AUTO);
    driver.probe();

    String job = accepted(driver.submit(order("o", Target.DEFAULT)));

    assertThat(accepted(driver.adopt(order("o", Target.DEFAULT)))).isEqualTo(job);
    assertThat(dragonfly.preheated()).hasSize(1);
  }

  @Test
  void the_legacy_api_refuses_what_it_cannot_do() {
    dragonfly.version(ManagerVersion.V1_0);
    P2PDriver driver = driver(Api.LEGACY);

    assertThat(driver.probe())
        .isEqualTo(new Health.Usable(null, Set.of(Capability.SINGLE_SEED_PEER)));
    assertThat(driver.submit(order("o")))
        .isInstanceOfSatisfying(
            Submission.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.NOT_SUPPORTED));
    assertThat(driver.verify(order("o")))
        .isInstanceOfSatisfying(
            VerificationResult.CannotTell.class,
            no -> assertThat(no.message()).contains("spec.dragonfly.api"));
  }

  @Test
  void a_legacy_preheat_that_failed_or_is_gone_is_told() {
    dragonfly.version(ManagerVersion.V2_1);
    P2PDriver driver = driver(Api.LEGACY);
    dragonfly.schedulerActive(1, false);
    assertThat(driver.submit(order("o", Target.DEFAULT))).isInstanceOf(Submission.NotNow.class);
    dragonfly.schedulerActive(1, true);
    String job = accepted(driver.submit(order("o", Target.DEFAULT)));
    dragonfly.collectGarbage();

    assertThat(look(driver, order("o", Target.DEFAULT), job))
        .isInstanceOf(Observation.OutcomeUnknown.class);
  }

  @Test
  void legacy_on_a_manager_without_it_says_what_to_set() {
    assertThat(driver(Api.LEGACY).probe())
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            no -> assertThat(no.message()).contains("spec.dragonfly.api to OpenAPI"));
  }

  @Test
  void a_wrong_token_is_no_reason_to_fall_back() {
    dragonfly.version(ManagerVersion.V2_3);
    P2PDriver driver =
        driver(new Dragonfly(dragonfly.url(), List.of(1), Api.AUTO, null, null, null), "wrong");

    assertThat(driver.probe())
        .isInstanceOfSatisfying(
            Health.Unusable.class, no -> assertThat(no.reason()).isEqualTo(Reason.UNAUTHORIZED));
  }

  @Test
  void an_upgrade_is_noticed_and_jobs_of_before_are_not_lost() {
    dragonfly.version(ManagerVersion.V1_0);
    P2PDriver driver = driver(Api.AUTO);
    driver.probe();
    String old = accepted(driver.submit(order("old", Target.DEFAULT)));

    dragonfly.version(ManagerVersion.V2_5);
    driver.probe();
    String job = accepted(driver.submit(order("new")));

    assertThat(warmPercent(look(driver, order("new"), job))).isEqualTo(100);
    assertThat(look(driver, order("old", Target.DEFAULT), old))
        .as("its routes are gone, so nothing is known of it now")
        .isInstanceOf(Observation.NoAnswer.class);
  }

  @Test
  void all_arguments_arrive() throws Exception {
    Target target =
        new Target(
            Target.Scope.ALL_PEERS,
            2,
            null,
            null,
            new Target.DragonflyArguments(
                List.of(1), 4, 20, 8, "app", "tag", List.of("sig", "exp")));
    P2PDriver driver = driver(Api.OPEN_API);

    accepted(driver.submit(order("o", target)));

    JsonNode args =
        dragonfly.server().log(Faults.on("POST", "/oapi/v1/jobs")).getLast().json().path("args");
    assertThat(args.path("count").asInt()).isEqualTo(2);
    assertThat(args.path("scope").asText()).isEqualTo("all_peers");
    assertThat(args.path("concurrent_task_count").asInt()).isEqualTo(4);
    assertThat(args.path("concurrent_peer_count").asInt()).isEqualTo(20);
    assertThat(args.path("piece_length").asLong()).isEqualTo(8L * 1024 * 1024);
    assertThat(args.path("application").asText()).isEqualTo("app");
    assertThat(args.path("tag").asText()).isEqualTo("tag");
    assertThat(args.path("filtered_query_params").asText()).isEqualTo("sig&exp");
    assertThat(args.path("timeout").asLong()).isEqualTo(600_000_000_000L);
  }

  @Test
  void clusters_beyond_the_providers_are_an_objection() {
    Target target =
        new Target(
            Target.Scope.ALL_PEERS,
            null,
            null,
            null,
            new Target.DragonflyArguments(List.of(3), null, null, null, null, null, null));

    assertThat(driver().objection(target))
        .hasValueSatisfying(said ->
            assertThat(said).contains("target.dragonfly.schedulerClusterIDs", "[3]", "[1]"));
    assertThat(driver(dragonfly.url(), null, DragonflySubject.TOKEN).objection(target)).isEmpty();
  }

  private P2PDriver driver(Api api) {
    return driver(
        new Dragonfly(dragonfly.url(), List.of(1), api, null, null, null), DragonflySubject.TOKEN);
  }
}
