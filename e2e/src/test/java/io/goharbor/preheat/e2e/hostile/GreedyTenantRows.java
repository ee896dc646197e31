package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A provider that several namespaces share is shared by namespaces, and no work is taken for
 * another's.
 */
interface GreedyTenantRows {
  /** More than a provider takes at the same time by default. */
  int GREED = 40;

  int POLICIES = 5;

  SharedCluster cluster();

  @Test
  default void whoever_takes_the_highest_priority_takes_no_more_than_his_share() {
    String name = "greedy";
    try (HarborSimulator own = new HarborSimulator(Clock.systemUTC(), 0.02)) {
      own.createProject("evil", true);
      List<String> images = new ArrayList<>();
      for (int i = 0; i < GREED; i++) {
        own.push("evil", name + "-" + i, "1", Map.of(name + " layer " + i, 90_000_000L));
        images.add("{repository: evil/%s-%d, tag: '1'}".formatted(name, i));
      }
      cluster()
          .create(
              SharedCluster.TENANT,
              "HarborRegistry",
              name,
              "{url: '%s', requestsPerSecond: 1000}".formatted(own.url()));
      for (int i = 0; i < POLICIES; i++) {
        cluster()
            .create(
                SharedCluster.TENANT,
                "PreheatPolicy",
                name + "-" + i,
                """
                {harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}],\
                 priority: 1000, target: {scope: AllSeedPeers}}\
                """
                    .formatted(name));
      }
      int[] round = {0};
      cluster()
          .victim()
          .checkAsQuick(
              "a shared provider beside a greedy tenant",
              cluster().victim()::warmOnShared,
              8,
              () -> {
                round[0]++;
                for (int i = 0; i < POLICIES; i++) {
                  cluster()
                      .create(
                          SharedCluster.TENANT,
                          "PreheatExecution",
                          name + "-" + round[0] + "-" + i,
                          "{policyRef: {name: %s-%d}, artifacts: [%s]}"
                              .formatted(name, i, String.join(", ", images)));
                }
                awaitNoMoreBegin();
              },
              () -> cluster().clear("PreheatExecution"));
    }
  }

  /** Waits until the tenant has what he gets, or at least for a while something of it. */
  private void awaitNoMoreBegin() {
    long[] before = {0};
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          long now =
              cluster().all(SharedCluster.TENANT, "PreheatExecution").stream()
                  .flatMap(run -> run.at("/status/tasks").findValuesAsText("state").stream())
                  .filter(state -> !state.equals("Waiting"))
                  .count();
          boolean same = now > 0 && now == before[0];
          before[0] = now;
          return same || now >= GREED;
        });
  }

  @Test
  default void the_same_digest_of_another_registry_is_other_work() {
    try (HarborSimulator own = new HarborSimulator(Clock.systemUTC(), 0.02)) {
      own.createProject("shop", true);
      String digest = own.push("shop", "twin", "1", Map.of("twin layer", 5_000_000L));
      assertThat(
              cluster()
                  .world()
                  .harbor()
                  .push("shop", "twin", "1", Map.of("twin layer", 5_000_000L)))
          .isEqualTo(digest);
      cluster()
          .create(
              SharedCluster.TENANT, "HarborRegistry", "twin", "{url: '%s'}".formatted(own.url()));
      String spec =
          """
          {harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}],\
           artifacts: [{repository: shop/twin, digest: "%s"}], target: {scope: AllSeedPeers}}\
          """;
      cluster()
          .create(SharedCluster.TENANT, "PreheatExecution", "twin", spec.formatted("twin", digest));
      cluster()
          .create(
              SharedCluster.PLATFORM, "PreheatExecution", "twin", spec.formatted("main", digest));
      for (String namespace : List.of(SharedCluster.TENANT, SharedCluster.PLATFORM)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> {
              JsonNode twin = cluster().read(namespace, "PreheatExecution", "twin");
              assertThat(twin.at("/status/phase").asText())
                  .as(twin.at("/status").toString())
                  .isEqualTo("Succeeded");
            });
      }
      assertThat(jobs(own.url() + "/v2/shop/twin/")).as("jobs for the tenant").isPositive();
      assertThat(jobs(cluster().world().harbor().url() + "/v2/shop/twin/"))
          .as("jobs for the platform")
          .isPositive();
    }
  }

  private long jobs(String url) {
    return cluster()
        .world()
        .dragonfly()
        .server()
        .log(ask -> ask.method().equals("POST") && ask.rawPath().equals("/oapi/v1/jobs"))
        .stream()
        .filter(ask -> ask.text().contains(url))
        .count();
  }
}
