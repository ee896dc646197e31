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
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import io.goharbor.preheat.runtime.OutsideSystems.Sent;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Runs while the API server fails: each ends with its status, and its job is sent once, after its
 * status is stored.
 */
class ExecutionReconcilerApiFailuresTest {
  private static final String PLURAL = "preheatexecutions";
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

  @Test
  void a_run_that_is_changed_between_read_and_write_is_written_and_sent_once() {
    world
        .api()
        .meet(2, statusOf(PLURAL, "changed"), Fault.after(() -> world.api().touch(run("changed"))));
    PreheatExecution run = world.run("changed", "main", "kraken");
    awaitEnd("changed");
    assertThat(writes("changed")).as("the server's answers").startsWith(409, 409);
    assertSentOnceAfterItWasStored(run);
  }

  @Test
  void what_holds_a_run_is_said_soon_though_the_run_was_changed_meanwhile() {
    world
        .api()
        .meet(1, statusOf(PLURAL, "held"), Fault.after(() -> world.api().touch(run("held"))));
    world.create(PreheatExecution.class, "held", "policyRef: {name: nowhere}");
    awaiting("the status of a run that waits for its policy")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(status("held").message()).contains("nowhere"));
    assertThat(writes("held")).containsExactly(409, 202);
  }

  @Test
  void too_many_requests_are_heeded_and_nothing_shows() {
    world.api().meet(1, statusOf(PLURAL, "throttled"), Fault.tooManyRequests(1));
    PreheatExecution run = world.run("throttled", "main", "kraken");
    awaitEnd("throttled");
    List<Call> writes = world.api().calls(statusOf(PLURAL, "throttled"));
    assertThat(writes.getFirst().code()).isEqualTo(429);
    assertThat(between(writes.getFirst().nanos(), writes.get(1).nanos()))
        .as("pause that the server asked for")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(writes).extracting(Call::body).noneMatch(body -> body.contains("InternalError"));
    assertSentOnceAfterItWasStored(run);
  }

  @Test
  void a_server_that_fails_shows_in_the_status_and_the_run_goes_on_when_it_is_well() {
    world
        .api()
        .meetAll(
            statusOf(PLURAL, "failed").and(call -> !call.body().contains("InternalError")),
            Fault.answer(500, "no disk, says the test"));
    PreheatExecution run = world.run("failed", "main", "kraken");
    world.awaitReason(PreheatExecution.class, "failed", "InternalError");
    assertThat(status("failed").message()).contains("answered 500", "no disk, says the test");
    assertThat(world.outside().sent(job(run))).as("sent before it is stored").isEmpty();
    long told = world.api().calls(statusOf(PLURAL, "failed").and(Call::succeeded)).getFirst().nanos();
    world.api().heal();
    awaitEnd("failed");
    long next =
        world.api().calls(statusOf(PLURAL, "failed").and(call -> call.nanos() > told)).getFirst()
            .nanos();
    assertThat(between(told, next))
        .as("pause after a failure")
        .isGreaterThanOrEqualTo(Duration.ofMillis(900));
    assertSentOnceAfterItWasStored(run);
  }

  /** The client tries again, meets its own write, and the step is taken again. */
  @Test
  void a_write_whose_answer_is_lost_is_not_done_twice() {
    world
        .api()
        .meet(
            1,
            statusOf(PLURAL, "lost").and(call -> call.body().contains("jobID")),
            Fault.answerAfterEffect(504));
    PreheatExecution run = world.run("lost", "main", "kraken");
    awaitEnd("lost");
    assertThat(writes("lost")).contains(504, 409);
    assertThat(status("lost").taskList()).hasSize(1);
    assertSentOnceAfterItWasStored(run);
  }

  @Test
  void a_slow_answer_holds_its_own_run_only() {
    Duration slow = Duration.ofSeconds(2);
    world.api().meet(1, statusOf(PLURAL, "slow"), Fault.slowly(slow));
    PreheatExecution run = world.run("slow", "main", "kraken");
    awaiting("the slow write to begin")
        .until(() -> !world.api().calls(statusOf(PLURAL, "slow")).isEmpty());
    long begun = world.api().calls(statusOf(PLURAL, "slow")).getFirst().nanos();
    PreheatExecution other = world.run("quick", "main", "kraken");
    awaitSent(other);
    awaitSent(run);
    assertThat(sent(other).nanos()).as("the other run is sent first").isLessThan(sent(run).nanos());
    assertThat(between(begun, sent(run).nanos()))
        .as("sent before the answer was there")
        .isGreaterThanOrEqualTo(slow.minusMillis(50));
    awaitEnd("slow");
    assertSentOnceAfterItWasStored(run);
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

  private static void awaitSent(PreheatExecution run) {
    awaiting("the job of " + run.getMetadata().getName())
        .until(() -> !world.outside().sent(job(run)).isEmpty());
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

  private static List<Integer> writes(String name) {
    return world.api().calls(statusOf(PLURAL, name)).stream().map(Call::code).toList();
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
