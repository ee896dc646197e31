package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly;
import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly.TaskIDs;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.dragonfly.ManagerVersion;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Notice;
import io.goharbor.preheat.provider.P2PDriver;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whether pulls find what was preheated (dragonfly issue 4590). */
class DragonflyTaskIdsTest extends DragonflyBench {
  @Test
  void an_old_manager_behind_proxies_by_digest_is_told_with_the_setting_to_change() {
    dragonfly.proxiesGoByDigest(true);
    P2PDriver driver = driver(TaskIDs.AUTO, dragonfly.proxy().url());
    assertThat(notice(driver).status()).isNull();

    accepted(driver.submit(order("o")));

    assertThat(notice(driver).status()).isFalse();
    assertThat(notice(driver).reason()).isEqualTo(Reason.TASK_IDS_DIFFER);
    assertThat(notice(driver).message()).contains("enableTaskIDBasedBlobDigest", "seedClient");
    assertThat(pullsHit()).as("every job succeeds, and no pull finds anything").isFalse();
  }

  @Test
  void a_manager_that_can_is_asked_for_what_pulls_ask_for() {
    dragonfly.version(ManagerVersion.V2_6);
    for (boolean byDigest : new boolean[] {true, false}) {
      dragonfly.proxiesGoByDigest(byDigest);
      P2PDriver driver = driver(TaskIDs.AUTO, dragonfly.proxy().url());

      accepted(driver.submit(order("o-" + byDigest)));

      assertThat(notice(driver).status()).isTrue();
      assertThat(pullsHit()).isTrue();
    }
  }

  @Test
  void proxies_by_url_find_what_any_manager_preheats() {
    P2PDriver driver = driver(TaskIDs.AUTO, dragonfly.proxy().url());

    accepted(driver.submit(order("o")));

    assertThat(notice(driver).status()).isTrue();
    assertThat(pullsHit()).isTrue();
  }

  @Test
  void the_test_pulls_one_small_blob_an_hour_with_the_pull_token_and_not_the_managers() {
    P2PDriver driver = driver(TaskIDs.AUTO, dragonfly.proxy().url());

    accepted(driver.submit(order("a")));
    accepted(driver.submit(order("b")));

    List<Ask> pulls = dragonfly.proxy().log();
    assertThat(pulls).hasSize(1);
    assertThat(pulls.getFirst().header("Authorization")).contains(PULL);
    assertThat(pulls.getFirst().header("X-Dragonfly-Registry")).contains(image.registryUrl());
    assertThat(pulls.toString()).doesNotContain(DragonflySubject.TOKEN);
  }

  @Test
  void a_proxy_that_does_not_answer_holds_nothing_up_and_says_so() {
    dragonfly.proxy().stop();
    P2PDriver driver = driver(TaskIDs.AUTO, dragonfly.proxy().url());

    accepted(driver.submit(order("o")));

    assertThat(notice(driver).status()).isNull();
    assertThat(notice(driver).message()).contains("could not tell", "Dragonfly proxy");
  }

  @Test
  void what_is_configured_is_sent_and_held_against_what_the_manager_can() {
    P2PDriver driver = driver(TaskIDs.BLOB_DIGEST, null);
    accepted(driver.submit(order("o")));
    assertThat(notice(driver).status()).isFalse();
    assertThat(dragonfly.server().log(CREATE).getLast().text())
        .contains("\"enable_task_id_based_blob_digest\":true");

    dragonfly.version(ManagerVersion.V2_6);
    P2PDriver url = driver(TaskIDs.URL, null);
    accepted(url.submit(order("u")));
    assertThat(notice(url).status()).isTrue();
    assertThat(dragonfly.server().log(CREATE).getLast().text())
        .contains("\"enable_task_id_based_blob_digest\":false");
  }

  private boolean pullsHit() {
    return image.blobs().stream()
        .skip(1)
        .allMatch(blob -> dragonfly.hits("seed-1", image.blobUrl(blob.digest())));
  }

  private P2PDriver driver(TaskIDs ids, @Nullable String proxy) {
    return driver(
        new Dragonfly(dragonfly.url(), List.of(1), null, ids, proxy, null), DragonflySubject.TOKEN);
  }

  private static Notice notice(P2PDriver driver) {
    Health health = driver.probe();
    assertThat(health).isInstanceOf(Health.Usable.class);
    return ((Health.Usable) health).notices().getFirst();
  }
}
