package io.goharbor.preheat.execution;

import static io.goharbor.preheat.runtime.FaultyApi.statusOf;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static io.goharbor.preheat.runtime.OperatorWorld.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.PlanBuilder;
import io.goharbor.preheat.runtime.FaultyApi;
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import io.goharbor.preheat.runtime.OutsideSystems.Sent;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Runs while the API server fails: each ends with its status, and its job is sent once, after its
 * status is stored. All are begun at once, since each has pauses to wait for.
 */
class ExecutionReconcilerApiFailuresTest {
  private static final String PLURAL = "preheatexecutions";
  private static final Duration SLOW = Duration.ofSeconds(2);
  private static OperatorWorld world;
  private static PreheatExecution changed;
  private static PreheatExecution throttled;
  private static PreheatExecution failed;
  private static PreheatExecution lost;
  private static PreheatExecution slow;
  private static PreheatExecution quick;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    world.registry("main");
    world.provider("kraken");
    world.awaitReason(HarborRegistry.class, "main", "Ready");
    world.awaitReason(P2PProvider.class, "kraken", "Ready");
    FaultyApi api = world.api();

    api.meet(1, statusOf(PLURAL, "slow"), Fault.slowly(SLOW));
    slow = world.run("slow", "main", "kraken");
    awaiting("the slow write to begin").until(() -> !writes("slow").isEmpty());
    quick = world.run("quick", "main", "kraken");

    api.meet(2, statusOf(PLURAL, "changed"), Fault.after(() -> api.touch(run("changed"))));
    changed = world.run("changed", "main", "kraken");

    api.meet(1, statusOf(PLURAL, "held"), Fault.after(() -> api.touch(run("held"))));
    world.create(PreheatExecution.class, "held", "policyRef: {name: nowhere}");

    api.meet(1, statusOf(PLURAL, "throttled"), Fault.tooManyRequests(1));
    throttled = world.run("throttled", "main", "kraken");

    Runnable serverIsWell =
        api.meetAll(
            statusOf(PLURAL, "failed").and(call -> !call.body().contains("InternalError")),
            Fault.answer(500, "no disk, says the test"));
    failed = world.run("failed", "main", "kraken");

    api.meet(
        1,
        statusOf(PLURAL, "lost").and(call -> call.body().contains("jobID")),
        Fault.answerAfterEffect(504));
    lost = world.run("lost", "main", "kraken");

    world.awaitReason(PreheatExecution.class, "failed", "InternalError");
    serverIsWell.run();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @Test
  void a_run_that_is_changed_between_read_and_write_is_written_and_sent_once() {
    awaitEnd("changed");
    assertThat(codes("changed")).as("the server's answers").startsWith(409, 409);
    assertSentOnceAfterItWasStored(changed);
  }

  @Test
  void what_holds_a_run_is_said_soon_though_the_run_was_changed_meanwhile() {
    awaiting("the status of a run that waits for its policy")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(status("held").message()).contains("nowhere"));
    assertThat(codes("held")).containsExactly(409, 202);
  }

  @Test
  void too_many_requests_are_heeded_and_nothing_shows() {
    awaitEnd("throttled");
    List<Call> writes = writes("throttled");
    assertThat(writes.getFirst().code()).isEqualTo(429);
    assertThat(between(writes.getFirst().nanos(), writes.get(1).nanos()))
        .as("pause that the server asked for")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(writes).extracting(Call::body).noneMatch(body -> body.contains("InternalError"));
    assertSentOnceAfterItWasStored(throttled);
  }

  @Test
  void a_server_that_fails_shows_in_the_status_and_the_run_goes_on_when_it_is_well() {
    awaitEnd("failed");
    List<Call> stored = world.api().calls(statusOf(PLURAL, "failed").and(Call::succeeded));
    assertThat(stored.getFirst().body())
        .contains("InternalError", "The API server answered 500: no disk, says the test");
    assertThat(between(stored.get(0).nanos(), stored.get(1).nanos()))
        .as("pause after a failure")
        .isGreaterThanOrEqualTo(Duration.ofMillis(900));
    assertSentOnceAfterItWasStored(failed);
  }

  /** The client tries again, meets its own write, and the step is taken again. */
  @Test
  void a_write_whose_answer_is_lost_is_not_done_twice() {
    awaitEnd("lost");
    assertThat(codes("lost")).contains(504, 409);
    assertThat(status("lost").taskList()).hasSize(1);
    assertSentOnceAfterItWasStored(lost);
  }

  @Test
  void a_slow_answer_holds_its_own_run_only() {
    awaitEnd("slow");
    awaitEnd("quick");
    assertThat(sent(quick).nanos())
        .as("the other run is sent first")
        .isLessThan(sent(slow).nanos());
    assertThat(between(writes("slow").getFirst().nanos(), sent(slow).nanos()))
        .as("sent before the answer was there")
        .isGreaterThanOrEqualTo(SLOW.minusMillis(50));
    assertSentOnceAfterItWasStored(slow);
    assertSentOnceAfterItWasStored(quick);
  }

  private static void assertSentOnceAfterItWasStored(PreheatExecution run) {
    assertThat(world.outside().sent(job(run))).as("jobs that were sent").hasSize(1);
    Call stored =
        world
            .api()
            .calls(
                statusOf(PLURAL, run.getMetadata().getName())
                    .and(Call::succeeded)
                    .and(call -> call.body().contains("Submitting")))
            .getFirst();
    assertThat(sent(run).nanos()).as("sent before it was stored").isGreaterThan(stored.nanos());
  }

  private static Sent sent(PreheatExecution run) {
    return world.outside().sent(job(run)).getFirst();
  }

  private static void awaitEnd(String name) {
    awaiting("run " + name + " to end")
        .untilAsserted(() ->
            assertThat(status(name))
                .extracting(PreheatExecutionStatus::effectivePhase)
                .as(() -> Serialization.asYaml(status(name)))
                .isEqualTo(Phase.SUCCEEDED));
  }

  private static PreheatExecutionStatus status(String name) {
    return Parts.status(
        Objects.requireNonNull(world.named(PreheatExecution.class, name).get(), name));
  }

  private static List<Call> writes(String name) {
    return world.api().calls(statusOf(PLURAL, name));
  }

  private static List<Integer> codes(String name) {
    return writes(name).stream().map(Call::code).toList();
  }

  private static String run(String name) {
    return path(PreheatExecution.class, name);
  }

  /** How the names of a run's jobs begin. */
  private static String job(PreheatExecution run) {
    return "hpo-" + PlanBuilder.hash(run.getMetadata().getUid()) + "-";
  }

  private static Duration between(long from, long to) {
    return Duration.ofNanos(to - from);
  }
}
