package io.goharbor.preheat.execution;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.ProviderProgress;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.Settings;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lives of executions at random: whatever comes, in whatever order, once or twice, with crashes
 * that lose memory and writes that lose a race, the counts add up at every moment, what has ended
 * stays, and every life ends.
 */
class RandomLivesTest {
  private static final int LIVES_A_CHUNK = 250;
  private static final int BACKOFF_LIMIT = 2;

  static IntStream chunks() {
    return IntStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void every_life_is_sound_and_ends(int chunk) {
    for (int i = 0; i < LIVES_A_CHUNK; i++) {
      long seed = (long) chunk * LIVES_A_CHUNK + i;
      try {
        new Life(new Random(seed)).live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /** One execution, with the parts of the operator around it that are pure. */
  private static final class Life {
    private final Random random;
    private final TaskStateMachine machine;
    private final PreheatExecution execution = new PreheatExecution();
    private final List<TaskEvent> inbox = new ArrayList<>();
    private final List<TaskEvent> everything = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");

    Life(Random random) {
      this.random = random;
      this.machine =
          new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, BACKOFF_LIMIT, random);
      execution.setMetadata(
          new ObjectMetaBuilder().withName("e").withNamespace("default").withUid("u").build());
      execution.setSpec(
          PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL));
    }

    void live() {
      List<TaskStatus> tasks =
          IntStream.rangeClosed(1, 1 + random.nextInt(6)).mapToObj(this::planned).toList();
      Plan plan = new Plan(tasks.size(), tasks, List.of(), 0);
      store(new Report(execution, now).planned(plan, tasks, settings()));
      for (int i = random.nextInt(60); i > 0 && !ended(); i--) {
        somethingHappens();
      }
      for (int i = 0; i < 500 && !ended(); i++) {
        somethingHappensInTheEnd();
      }
      assertThat(ended()).as("%s", execution.getStatus()).isTrue();
      PreheatExecutionStatus last = execution.getStatus();
      everything.forEach(inbox::add);
      fold();
      assertThat(execution.getStatus()).as("late news changes nothing").isEqualTo(last);
    }

    private void somethingHappens() {
      now = now.plusMillis(random.nextInt(120_000));
      if (random.nextInt(50) == 0) {
        // A clock that is set.
        now = now.plus(Duration.ofHours(random.nextInt(100) - 50L));
      }
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> admitSome();
        case 3, 4, 5 -> outside(any(), true);
        case 6 -> {
          if (!everything.isEmpty()) {
            inbox.add(everything.get(random.nextInt(everything.size())));
          }
        }
        case 7 -> crash();
        case 8 -> edit(task -> machine.cutOff(task, Reason.PROVIDER_NOT_FOUND, "it is gone"));
        case 9 -> {
          if (random.nextInt(8) == 0) {
            boolean cancel = random.nextBoolean();
            edit(task ->
                machine.end(
                    task,
                    cancel ? TaskState.CANCELLED : TaskState.FAILED,
                    cancel ? Reason.CANCELLED : Reason.DEADLINE_EXCEEDED,
                    "a person, or a clock",
                    now));
          }
        }
        default -> fold();
      }
    }

    /** From here on everybody answers, not always well. */
    private void somethingHappensInTheEnd() {
      now = now.plusSeconds(30);
      edit(task -> machine.admitted(task, new Admission.Granted(), now));
      List<TaskStatus> tasks = execution.getStatus().taskList();
      tasks.stream().filter(task -> task.state().inFlight()).forEach(task -> outside(task, false));
      fold();
    }

    private void admitSome() {
      edit(task ->
          switch (random.nextInt(4)) {
            case 0 -> machine.admitted(task, new Admission.Granted(), now);
            case 1 ->
                machine.admitted(
                    task, new Admission.Wait(Reason.WAITING_FOR_SLOT, "no place"), now);
            case 2 -> machine.waiting(task, Reason.SUSPENDED, "spec.suspend is true");
            default ->
                random.nextInt(6) == 0
                    ? machine.admitted(task, new Admission.AlreadyDone(warmth()), now)
                    : task;
          });
    }

    private void outside(TaskStatus task, boolean mayHang) {
      TaskEvent news =
          task.state() == TaskState.SUBMITTING
              ? TaskEvents.sent(task.id(), task.attempts(), submission(mayHang))
              : TaskEvents.seen(task.id(), task.attempts(), observation(mayHang));
      inbox.add(news);
      everything.add(news);
      if (random.nextInt(4) == 0) {
        inbox.add(news);
      }
    }

    private Submission submission(boolean mayHang) {
      return switch (random.nextInt(mayHang ? 6 : 4)) {
        case 0 -> new Submission.Accepted("job-" + random.nextInt(100));
        case 1 -> new Submission.Concluded(observation(mayHang));
        case 2 -> new Submission.Refused(Reason.REJECTED, "no");
        case 3 -> new Submission.NotNow(Reason.UNEXPECTED_ANSWER, "500", null, true, false);
        case 4 ->
            new Submission.NotNow(
                Reason.RATE_LIMITED, "429", Duration.ofDays(random.nextInt(3)), false, true);
        default -> new Submission.Unknown("reset");
      };
    }

    private Observation observation(boolean mayHang) {
      return switch (random.nextInt(mayHang ? 7 : 4)) {
        case 0 -> new Observation.Finished(warmth());
        case 1 -> new Observation.Finished(Warmth.unverified(1000));
        case 2 -> new Observation.Failed(Reason.JOB_FAILED, "no space left");
        case 3 -> new Observation.OutcomeUnknown("gone", random.nextBoolean() ? warmth() : null);
        case 4 -> new Observation.InProgress(random.nextInt(101));
        case 5 -> new Observation.NoAnswer(Reason.UNREACHABLE, "refused");
        default -> new Observation.Finished(warmth(), Reason.PULL_TOKEN_EXPIRED);
      };
    }

    private Warmth warmth() {
      return random.nextBoolean()
          ? Warmth.complete(1000, 3)
          : new Warmth(true, random.nextInt(1000), 1000, 0, List.of("node-1: full"), 1);
    }

    /** What was in memory is gone; jobs that exist are found, others are looked for. */
    private void crash() {
      inbox.clear();
      edit(task -> task.state() == TaskState.SUBMITTING ? machine.resuming(task, now) : task);
    }

    private void fold() {
      List<TaskEvent> news = List.copyOf(inbox);
      boolean written =
          edit(task -> {
            TaskStatus after = task;
            for (TaskEvent item : news) {
              after = machine.happened(after, item, now);
            }
            return after;
          });
      if (written) {
        inbox.subList(0, news.size()).clear();
      }
    }

    /** A write can lose a race: then nothing happened. */
    private boolean edit(UnaryOperator<TaskStatus> change) {
      List<TaskStatus> after = execution.getStatus().taskList().stream().map(change).toList();
      PreheatExecutionStatus status =
          ended() ? execution.getStatus() : new Report(execution, now).of(after);
      if (random.nextInt(10) == 0) {
        return false;
      }
      store(status);
      return true;
    }

    private void store(PreheatExecutionStatus status) {
      assertSound(execution.getStatus(), status);
      execution.setStatus(status);
    }

    private boolean ended() {
      return execution.getStatus().effectivePhase().terminal();
    }

    private TaskStatus any() {
      List<TaskStatus> tasks = execution.getStatus().taskList();
      return tasks.get(random.nextInt(tasks.size()));
    }

    private TaskStatus planned(int number) {
      return TaskStatusBuilder.builder()
          .id("t" + number)
          .artifact("shop/web:" + number)
          .repository("shop/web")
          .digest("sha256:" + "a".repeat(64))
          .provider("default/" + (number % 2 == 0 ? "dragonfly" : "kraken"))
          .state(TaskState.WAITING)
          .bytes((long) random.nextInt(5000))
          .build();
    }
  }

  private static void assertSound(
      @Nullable PreheatExecutionStatus before, PreheatExecutionStatus status) {
    List<TaskStatus> tasks = status.taskList();
    Summary counts = requireNonNull(status.summary());
    assertThat(counts.tasks()).isEqualTo(tasks.size());
    assertThat(
            counts.succeeded()
                + counts.failed()
                + counts.cancelled()
                + counts.running()
                + counts.waiting())
        .as("counts of %s", counts)
        .isEqualTo(counts.tasks());
    assertThat(counts.warmPercent()).isBetween(0, 100);
    List<ProviderProgress> providers = requireNonNull(status.providers());
    assertThat(providers.stream().mapToInt(ProviderProgress::succeeded).sum())
        .isEqualTo(counts.succeeded());
    assertThat(providers.stream().mapToInt(ProviderProgress::running).sum())
        .isEqualTo(counts.running());
    assertThat(providers.stream().mapToInt(ProviderProgress::waiting).sum())
        .isEqualTo(counts.waiting());

    boolean allEnded = tasks.stream().allMatch(task -> task.state().terminal());
    assertThat(status.effectivePhase().terminal()).isEqualTo(allEnded);
    assertThat(status.completionTime() != null).isEqualTo(allEnded);
    assertThat(Conditions.isTrue(status.conditions(), "Complete"))
        .isEqualTo(status.phase() == Phase.SUCCEEDED);
    assertThat(Conditions.isTrue(status.conditions(), "Failed"))
        .isEqualTo(allEnded && status.phase() != Phase.SUCCEEDED);
    if (allEnded) {
      assertThat(status.phase() == Phase.SUCCEEDED).isEqualTo(counts.succeeded() == counts.tasks());
      assertThat(status.remaining()).isNull();
    }
    for (TaskStatus task : tasks) {
      assertThat(task.completionTime() != null).as("%s", task).isEqualTo(task.state().terminal());
    }
    if (before != null) {
      assertThat(before.effectivePhase().mayBecome(status.effectivePhase())).isTrue();
      for (int i = 0; i < tasks.size(); i++) {
        TaskStatus was = before.taskList().get(i);
        assertThat(was.state().mayBecome(tasks.get(i).state())).isTrue();
        if (was.state().terminal()) {
          assertThat(tasks.get(i)).isEqualTo(was);
        }
      }
    }
  }

  private static RunSettings settings() {
    return Settings.of(
        PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL), null);
  }
}
