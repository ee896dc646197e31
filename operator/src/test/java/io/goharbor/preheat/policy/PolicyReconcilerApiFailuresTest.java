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
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Scheduled runs while the API server fails: each is made once, and none is forgotten. */
class PolicyReconcilerApiFailuresTest {
  private static final String EXECUTIONS = "preheatexecutions";
  private static final Instant LONG_AGO = Instant.parse("2024-06-01T00:00:00Z");
  private static OperatorWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    world.registry("main");
    world.provider("kraken");
    world.awaitReason(HarborRegistry.class, "main", "Ready");
    world.awaitReason(P2PProvider.class, "kraken", "Ready");
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @AfterEach
  void heal() {
    world.api().heal();
  }

  /** The client tries three times, so it fails; and the next time the run is there already. */
  @Test
  void a_run_that_was_made_though_the_server_said_no_is_made_once() {
    policy("twice");
    world.api().meet(3, creationOf(EXECUTIONS), Fault.answerAfterEffect(500));
    makeDue("twice");
    awaitRun("twice");
    assertThat(world.api().calls(creationOf(EXECUTIONS)))
        .as("creations, each with the failure that was answered")
        .extracting(Call::code)
        .contains(500, 409);
    assertThat(runs("twice")).as("runs that were made").hasSize(1);
  }

  @Test
  void a_run_that_cannot_be_made_stays_due_and_the_policy_says_why() {
    policy("later");
    world.api().meetAll(creationOf(EXECUTIONS), Fault.answer(500, "no disk, says the test"));
    makeDue("later");
    world.awaitReason(PreheatPolicy.class, "later", "InternalError");
    assertThat(String.valueOf(world.ready(PreheatPolicy.class, "later")))
        .contains("The API server answered 500: no disk, says the test");
    assertThat(status("later").lastScheduleTime()).as("the run counts as made").isEqualTo(LONG_AGO);
    world.api().heal();
    awaitRun("later");
    assertThat(runs("later")).as("runs that were made").hasSize(1);
  }

  @Test
  void a_busy_server_is_given_the_time_that_it_asks_for() {
    policy("busy");
    world.api().meet(1, creationOf(EXECUTIONS), Fault.tooManyRequests(1));
    int before = world.api().calls(creationOf(EXECUTIONS)).size();
    makeDue("busy");
    awaitRun("busy");
    List<Call> creations = world.api().calls(creationOf(EXECUTIONS));
    assertThat(creations.get(before).code()).isEqualTo(429);
    assertThat(creations.get(before + 1).nanos() - creations.get(before).nanos())
        .as("pause that the server asked for")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
    assertThat(runs("busy")).hasSize(1);
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

  /** As if it had not been looked at since long ago. */
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
