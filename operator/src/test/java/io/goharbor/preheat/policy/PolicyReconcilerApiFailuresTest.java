package io.goharbor.preheat.policy;

import static io.goharbor.preheat.runtime.FaultyApi.creationOf;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Scheduled runs while the API server fails: each is made once, and none is forgotten. */
class PolicyReconcilerApiFailuresTest {
  private static final Instant LONG_AGO = Instant.parse("2024-06-01T00:00:00Z");
  private static OperatorWorld world;
  private static PreheatPolicy failed;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    world.registry("main");
    world.provider("kraken");
    world.awaitReason(HarborRegistry.class, "main", "Ready");
    world.awaitReason(P2PProvider.class, "kraken", "Ready");
    List.of("twice", "later", "busy").forEach(PolicyReconcilerApiFailuresTest::policy);
    world.api().meet(3, creationFor("twice"), Fault.answerAfterEffect(500));
    Runnable serverIsWell =
        world.api().meetAll(creationFor("later"), Fault.answer(500, "no disk, says the test"));
    world.api().meet(1, creationFor("busy"), Fault.tooManyRequests(1));
    List.of("twice", "later", "busy").forEach(PolicyReconcilerApiFailuresTest::makeDue);
    world.awaitReason(PreheatPolicy.class, "later", "InternalError");
    failed = world.named(PreheatPolicy.class, "later").get();
    serverIsWell.run();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  /** The client tries three times, so it fails; and the next time the run is there already. */
  @Test
  void a_run_that_was_made_though_the_server_said_no_is_made_once() {
    awaitRun("twice");
    assertThat(world.api().calls(creationFor("twice")))
        .as("creations, the first with the failure that was answered")
        .extracting(Call::code)
        .contains(500, 409);
    assertThat(runs("twice")).as("runs that were made").hasSize(1);
  }

  @Test
  void a_run_that_cannot_be_made_stays_due_and_the_policy_says_why() {
    assertThat(Conditions.find(failed.getStatus().conditions(), "Ready"))
        .hasValueSatisfying(ready ->
            assertThat(ready.getMessage())
                .contains("The API server answered 500: no disk, says the test"));
    assertThat(failed.getStatus().lastScheduleTime())
        .as("time of the last run that was made")
        .isEqualTo(LONG_AGO);
    awaitRun("later");
    assertThat(runs("later")).as("runs that were made").hasSize(1);
  }

  @Test
  void a_busy_server_is_given_the_time_that_it_asks_for() {
    awaitRun("busy");
    List<Call> creations = world.api().calls(creationFor("busy"));
    assertThat(creations).extracting(Call::code).containsExactly(429, 201);
    assertThat(creations.get(1).nanos() - creations.get(0).nanos())
        .as("pause that the server asked for")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
    assertThat(runs("busy")).as("runs that were made").hasSize(1);
  }

  private static Predicate<Call> creationFor(String policy) {
    return creationOf("preheatexecutions")
        .and(call -> call.body().contains("\"policyRef\":{\"name\":\"" + policy + "\"}"));
  }

  private static void policy(String name) {
    world.create(
        PreheatPolicy.class,
        name,
        """
        harborRef: {name: main}
        providerRefs: [{name: kraken}]
        triggers: {schedule: {cron: "0 0 1 1 *"}}
        """);
    awaiting("policy " + name + " to have its schedule")
        .until(() -> {
          PreheatPolicyStatus status = world.named(PreheatPolicy.class, name).get().getStatus();
          return status != null && status.nextScheduleTime() != null;
        });
  }

  /** As if it had not been checked since long ago. */
  private static void makeDue(String name) {
    world
        .named(PreheatPolicy.class, name)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"status":{"lastScheduleTime":"%s",
                       "schedule":{"cron":"0 0 1 1 *","since":"%s"}}}
            """
                .formatted(LONG_AGO, LONG_AGO));
    world
        .named(PreheatPolicy.class, name)
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"priority\":1}}");
  }

  private static void awaitRun(String name) {
    awaiting("policy " + name + " to have made its run")
        .until(() ->
            LONG_AGO.isBefore(status(name).lastScheduleTime())
                && world.reason(PreheatPolicy.class, name).equals("Ready"));
  }

  private static PreheatPolicyStatus status(String name) {
    return world.named(PreheatPolicy.class, name).get().getStatus();
  }

  private static List<PreheatExecution> runs(String policy) {
    return world.all(PreheatExecution.class).stream()
        .filter(run -> run.getMetadata().getName().startsWith(policy))
        .toList();
  }
}
