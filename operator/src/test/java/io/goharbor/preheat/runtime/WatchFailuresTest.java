package io.goharbor.preheat.runtime;

import static io.goharbor.preheat.runtime.FaultyApi.listOrWatch;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Watches that end: every informer comes back, and what happened meanwhile is seen. */
class WatchFailuresTest {
  private static OperatorWorld world;
  private static int watches;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    awaiting("the watches of all informers").until(() -> world.api().watches() == 7);
    watches = world.api().watches();
    world.registry("main");
    world.awaitReason(HarborRegistry.class, "main", "Ready");
    world.provider("kraken");
    world.awaitReason(P2PProvider.class, "kraken", "Ready");
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @AfterEach
  void all_informers_run() throws IOException {
    world.api().heal();
    HttpURLConnection livez =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + world.managementPort() + "/livez")
                .toURL()
                .openConnection();
    assertThat(livez.getResponseCode()).as("/livez").isEqualTo(200);
  }

  @Test
  void watches_that_the_server_closes_are_opened_again() {
    world.api().closeWatches();
    createAll("closed");
    awaitAll("closed");
    awaitWatches();
    createAll("closed-later");
    awaitAll("closed-later");
  }

  @Test
  void a_server_that_is_away_for_a_while_is_come_back_to() {
    world.api().meetAll(listOrWatch(), Fault.answer(500, "away, says the test"));
    int before = refused();
    world.api().closeWatches();
    createAll("away");
    awaiting("each informer to be refused, and to try again")
        .until(() -> refused() > before + 3 * watches);
    assertThat(world.reason(PreheatPolicy.class, "away")).as("seen without a watch").isEmpty();
    world.api().heal();
    awaitAll("away");
    awaitWatches();
  }

  /**
   * The server tells so in an event, whatever the way (apiserver, storage/cacher). What was deleted
   * before is in no later event: only a new list shows it.
   */
  @Test
  void watches_that_are_too_old_begin_with_a_new_list() {
    world.provider("expired");
    world.awaitReason(P2PProvider.class, "expired", "Ready");
    policy("expired", "expired");
    world.awaitReason(PreheatPolicy.class, "expired", "Ready");
    Runnable back = world.api().meetAll(listOrWatch(), Fault.answer(500, "away, says the test"));
    world.api().closeWatches();
    awaiting("all watches to be closed").until(() -> world.api().watches() == 0);
    world.named(P2PProvider.class, "expired").delete();
    back.run();
    awaitWatches();
    int lists = lists();
    world.api().expireWatches();
    awaiting("new lists").until(() -> lists() >= lists + watches);
    world.awaitReason(PreheatPolicy.class, "expired", "ProviderNotFound");
    createAll("expired-later");
    awaitAll("expired-later");
    awaitWatches();
  }

  @Test
  void a_new_list_that_fails_is_tried_again() {
    Runnable back =
        world
            .api()
            .meetAll(
                listOrWatch().and(call -> !call.watch()),
                Fault.answer(500, "no lists, says the test"));
    int before = refused();
    world.api().expireWatches();
    createAll("unlisted");
    // The client tries each list three times at once.
    awaiting("each informer to be refused").until(() -> refused() >= before + 3 * watches);
    back.run();
    awaitAll("unlisted");
    awaitWatches();
  }

  private static int lists() {
    return world.api().calls(listOrWatch().and(call -> !call.watch())).size();
  }

  private static int refused() {
    return world.api().calls(listOrWatch().and(call -> call.code() == 500)).size();
  }

  private static void createAll(String name) {
    world.registry(name);
    world.provider(name);
    policy(name, "kraken");
    world.create(PreheatExecution.class, name, "policyRef: {name: nowhere}");
  }

  private static void policy(String name, String provider) {
    world.create(
        PreheatPolicy.class,
        name,
        "harborRef: {name: main}\nproviderRefs: [{name: %s}]".formatted(provider));
  }

  private static void awaitAll(String name) {
    world.awaitReason(HarborRegistry.class, name, "Ready");
    world.awaitReason(P2PProvider.class, name, "Ready");
    world.awaitReason(PreheatPolicy.class, name, "Ready");
    world.awaitReason(PreheatExecution.class, name, "PolicyNotFound");
  }

  private static void awaitWatches() {
    awaiting("the watches of all informers").until(() -> world.api().watches() >= watches);
  }
}
