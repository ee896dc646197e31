package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.RunSettingsBuilder;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.ManualEngine;
import io.goharbor.preheat.engine.TaskDirectory;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.engine.Work;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a step makes of tasks; of their providers, hardly more is needed than whether they exist.
 */
class TaskDriverTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private static final ObjectKey PROVIDER = new ObjectKey("default", "d");

  private final Wakeups wakeups = new Wakeups();
  private final TaskStateMachine machine =
      new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, 3, new Random(1));
  private final AtomicReference<ProviderGate.@Nullable Closed> closed = new AtomicReference<>();
  private final TaskDriver driver =
      new TaskDriver(
          new Engine(new NoTasks(), InstantSource.fixed(NOW), new Supervisor(_ -> {})),
          (provider, namespace, operation) -> Optional.ofNullable(closed.get()),
          DedupKey.Source::gone,
          wakeups);

  private final ManualEngine manual = new ManualEngine(new NoTasks(), InstantSource.fixed(NOW));

  /** One whose engine has the provider in use. */
  private final TaskDriver used =
      new TaskDriver(
          manual.engine(),
          (provider, namespace, operation) -> Optional.empty(),
          DedupKey.Source::gone,
          wakeups);

  TaskDriverTest() {
    manual.use(
        PROVIDER,
        new SimulatedProvider(new Random(1), InstantSource.fixed(NOW)),
        Serialization.unmarshal("type: Dragonfly", P2PProviderSpec.class));
    manual.probe(PROVIDER);
  }

  private static final class NoTasks implements TaskDirectory {
    @Override
    public PreheatOrder order(Work work) {
      throw new AssertionError("no provider asks for it");
    }

    @Override
    public Stream<Work> inFlight(ObjectKey provider) {
      return Stream.empty();
    }

    @Override
    public void happened(TaskEvent event) {
      throw new AssertionError("nothing happens");
    }

    @Override
    public void wake(ObjectKey execution) {}
  }

  @Test
  void a_deadline_ends_what_is_unfinished() {
    TaskDecision step = step(task(TaskState.WAITING, null), "30s", null, false);
    assertThat(step.tasks().getFirst().state()).isEqualTo(TaskState.FAILED);
    assertThat(step.tasks().getFirst().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
  }

  @Test
  void a_cancelled_run_ends_what_is_unfinished() {
    TaskDecision step = step(task(TaskState.RUNNING, NOW), null, null, true);
    assertThat(step.tasks().getFirst().state()).isEqualTo(TaskState.CANCELLED);
    assertThat(step.toCancel()).hasSize(1);
    assertThat(step.freesSlots()).isTrue();
  }

  @Test
  void outside_its_window_a_task_waits_and_is_looked_at_when_it_opens() {
    TaskDecision step =
        step(task(TaskState.WAITING, null), null, new Window("12:00", "11:00", "UTC", null), false);
    assertThat(step.tasks().getFirst().reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER);
    TaskDecision closed =
        step(task(TaskState.WAITING, null), null, new Window("22:00", "06:00", "UTC", null), false);
    assertThat(closed.tasks().getFirst().reason()).isEqualTo(Reason.WAITING_FOR_WINDOW);
    assertThat(closed.tasks().getFirst().message()).contains("2026-11-20T22:00:00Z");
  }

  @Test
  void what_the_owner_no_longer_allows_waits_and_says_so() {
    closed.set(new ProviderGate.Closed(Reason.OPERATION_NOT_ALLOWED, "not Evict"));
    TaskStatus after = step(task(TaskState.WAITING, null), null, null, false).tasks().getFirst();
    assertThat(after.state()).isEqualTo(TaskState.WAITING);
    assertThat(after.reason()).isEqualTo(Reason.OPERATION_NOT_ALLOWED);
    assertThat(after.message()).isEqualTo("not Evict");
  }

  @Test
  void who_only_waits_looks_the_less_often_the_more_wait() {
    assertThat(TaskDriver.lookAgainAmong(0)).isEqualTo(Duration.ofSeconds(30));
    assertThat(TaskDriver.lookAgainAmong(1_000)).isEqualTo(Duration.ofSeconds(30));
    assertThat(TaskDriver.lookAgainAmong(10_000)).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void what_no_operation_answers_for_is_searched_for_fifteen_seconds_after_its_start() {
    TaskStatus task = task(TaskState.SUBMITTING, NOW.minusSeconds(14));
    TaskDecision early = step(used, task, Set.of());
    assertThat(early.toAdopt()).isEmpty();
    assertThat(early.tasks()).containsExactly(task);
    assertThat(early.next()).isEqualTo(Duration.ofSeconds(1));

    TaskDecision due = step(used, task(TaskState.SUBMITTING, NOW.minusSeconds(15)), Set.of());
    TaskStatus searching = due.tasks().getFirst();
    assertThat(due.toAdopt()).containsExactly(searching);
    assertThat(due.toSubmit()).isEmpty();
    assertThat(searching.state()).isEqualTo(TaskState.SUBMITTING);
    assertThat(searching.reason()).isEqualTo(Reason.ADOPTING);
    assertThat(searching.retryTime()).isEqualTo(NOW.plusSeconds(15));
  }

  @Test
  void a_search_is_made_again_at_its_retry_time_and_at_once_after_a_clock_was_set_back() {
    TaskStatus searching =
        machine.resuming(task(TaskState.SUBMITTING, NOW.minusSeconds(60)), NOW.minusSeconds(10));
    TaskDecision early = step(used, searching, Set.of());
    assertThat(early.toAdopt()).isEmpty();
    assertThat(early.next()).isEqualTo(Duration.ofSeconds(5));

    TaskStatus over = machine.resuming(searching, NOW.minusSeconds(15));
    assertThat(step(used, over, Set.of()).toAdopt()).hasSize(1);
    TaskStatus ahead = machine.resuming(searching, NOW.plusSeconds(3600));
    assertThat(step(used, ahead, Set.of()).toAdopt()).hasSize(1);
  }

  @Test
  void what_an_operation_is_under_way_for_is_not_searched_for() {
    TaskStatus task = task(TaskState.SUBMITTING, NOW.minusSeconds(3600));
    used.act(step(used, task, Set.of()), execution(), run(null, null, false));
    assertThat(manual.pending()).isEqualTo(1);
    Set<TaskKey> underWay = used.underWay(execution(), List.of(task));
    assertThat(underWay).containsExactly(new TaskKey(new ObjectKey("default", "e"), "u", "t", 1));
    TaskDecision step = step(used, task, underWay);
    assertThat(step.toAdopt()).isEmpty();
    assertThat(step.tasks()).containsExactly(task);
  }

  private TaskDecision step(TaskDriver by, TaskStatus task, Set<TaskKey> underWay) {
    return by.step(
        execution(), run(null, null, false), machine, List.of(task), underWay, List.of(), NOW);
  }

  private TaskDecision step(
      TaskStatus task, @Nullable String deadline, @Nullable Window window, boolean cancel) {
    return driver.step(
        execution(),
        run(deadline, window, cancel),
        machine,
        List.of(task),
        Set.of(),
        List.of(),
        NOW);
  }

  private static PreheatExecution execution() {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder().withName("e").withNamespace("default").withUid("u").build());
    execution.setSpec(
        PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL));
    return execution;
  }

  private static Run run(@Nullable String deadline, @Nullable Window window, boolean cancel) {
    return new Run(
        new ObjectKey("default", "main"),
        new HarborRegistrySpec("https://h.example.com", null, null, null, null, null, null),
        List.of(PROVIDER),
        null,
        RunSettingsBuilder.builder()
            .harborRef("main")
            .target(Target.DEFAULT)
            .verification(Verification.DEFAULT)
            .backoffLimit(3)
            .activeDeadline(deadline)
            .taskTimeout("1h")
            .window(window)
            .priority(0)
            .build(),
        new ObjectKey("default", "g"),
        Operation.PREHEAT,
        false,
        false,
        new Run.Control(false, cancel, NOW.minusSeconds(60)));
  }

  private static TaskStatus task(TaskState state, @Nullable Instant started) {
    return TaskStatusBuilder.builder()
        .id("t")
        .artifact("shop/web:1")
        .repository("shop/web")
        .digest("sha256:" + "a".repeat(64))
        .provider("default/d")
        .state(state)
        .jobID(state == TaskState.RUNNING ? "7" : null)
        .attempts(state.inFlight() ? 1 : 0)
        .bytes(10L)
        .startTime(started)
        .build();
  }
}
