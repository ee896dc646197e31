package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskStateMachineTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Warmth WARM = Warmth.complete(1000, 2);
  private static final Warmth HALF = new Warmth(true, 500, 1000, 1, List.of("node-1: full"), 1);

  private final TaskStateMachine machine =
      new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, 2, new Random(1));

  @Test
  void the_usual_way_ends_warm() {
    TaskStatus task = sent(new Submission.Accepted("42"));
    assertThat(task.state()).isEqualTo(TaskState.RUNNING);
    assertThat(task.jobID()).isEqualTo("42");
    task = seen(task, new Observation.Finished(WARM));
    assertThat(task.state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(task.warmPercent()).isEqualTo(100);
    assertThat(task.completionTime()).isEqualTo(NOW);
  }

  @Test
  void what_no_operation_answers_for_is_searched_for_soon() {
    TaskStatus submitting = machine.admitted(waiting(), new Admission.Granted(), NOW);
    Instant soon = NOW.plus(TaskStateMachine.RESUME_AFTER);
    assertThat(TaskStateMachine.resumeDue(submitting, NOW)).isEqualTo(soon);

    TaskStatus searching = machine.resuming(submitting, NOW);
    assertThat(TaskStateMachine.resumeDue(searching, NOW)).isEqualTo(soon);
    assertThat(TaskStateMachine.resumeDue(searching, NOW.minusSeconds(3600)))
        .as("a clock was set back")
        .isEqualTo(NOW.minusSeconds(3600));
  }

  @Test
  void renewed_pull_tokens_use_up_no_attempts() {
    TaskStatus task = sent(new Submission.Accepted("1"));
    for (int percent = 10; percent <= 80; percent += 10) {
      task = seen(task, expired(percent));
      task = machine.admitted(task, new Admission.Granted(), NOW.plusSeconds(60));
      task =
          machine.happened(
              task,
              TaskEvents.sent("t", task.attempts(), new Submission.Accepted("" + percent)),
              NOW);
    }
    assertThat(task.renewals()).isEqualTo(8);
    for (int i = 0; i < 2; i++) {
      task = seen(task, new Observation.Failed(Reason.JOB_FAILED, "no space"));
      assertThat(task.state()).as("it has all its attempts yet").isEqualTo(TaskState.WAITING);
      task = machine.admitted(task, new Admission.Granted(), NOW);
      task =
          machine.happened(
              task, TaskEvents.sent("t", task.attempts(), new Submission.Accepted("x")), NOW);
    }
    assertThat(seen(task, new Observation.Failed(Reason.JOB_FAILED, "no space")).state())
        .isEqualTo(TaskState.FAILED);
  }

  @Test
  void a_job_that_outlives_its_pull_token_is_renewed_as_long_as_it_gets_warmer() {
    TaskStatus task = sent(new Submission.Accepted("1"));
    for (int percent : new int[] {20, 40, 60, 80}) {
      task = seen(task, expired(percent));
      assertThat(task.state()).isEqualTo(TaskState.WAITING);
      assertThat(task.reason()).isEqualTo(Reason.PULL_TOKEN_EXPIRED);
      assertThat(task.warmPercent()).isEqualTo(percent);
      task = machine.admitted(task, new Admission.Granted(), NOW);
      task =
          machine.happened(
              task, TaskEvents.sent("t", task.attempts(), new Submission.Accepted("2")), NOW);
    }
    assertThat(task.attempts()).as("beyond backoffLimit").isEqualTo(5);
    assertThat(seen(task, new Observation.InProgress(0)).warmPercent())
        .as("what an earlier attempt left stays")
        .isEqualTo(80);
    TaskStatus stuck = seen(task, expired(80));
    assertThat(stuck.reason())
        .as("no warmer: that is a failure")
        .isEqualTo(Reason.WAITING_FOR_RETRY);
    assertThat(stuck.countedAttempts()).isOne();
  }

  private static Observation expired(int percent) {
    return new Observation.Finished(
        new Warmth(true, percent * 10L, 1000, 0, List.of("n: 401"), 1), Reason.PULL_TOKEN_EXPIRED);
  }

  @Test
  void an_unknown_outcome_is_sent_again_and_before_it_fails_the_peers_are_believed() {
    TaskStateMachine once =
        new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, 0, new Random(1));
    TaskStatus running = sent(new Submission.Accepted("1"));

    assertThat(seen(running, new Observation.OutcomeUnknown("forgotten", WARM)).reason())
        .as("sending it again shows for sure")
        .isEqualTo(Reason.WAITING_FOR_RETRY);
    assertThat(unknown(once, running, WARM).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(unknown(once, running, WARM).message()).contains("forgotten", "2 peers hold it all");
    assertThat(unknown(once, running, HALF).state()).isEqualTo(TaskState.FAILED);
    assertThat(unknown(once, running, null).reason()).isEqualTo(Reason.JOB_LOST);
  }

  private static TaskStatus unknown(
      TaskStateMachine machine, TaskStatus task, @Nullable Warmth found) {
    return machine.happened(
        task, TaskEvents.seen("t", 1, new Observation.OutcomeUnknown("forgotten", found)), NOW);
  }

  @Test
  void a_verification_is_answered_in_the_call_and_never_sends_again() {
    TaskStateMachine asking =
        new TaskStateMachine(Operation.VERIFY, Verification.DEFAULT, 2, new Random(1));
    TaskStatus submitting = machine.admitted(waiting(), new Admission.Granted(), NOW);

    assertThat(concluded(asking, submitting, new Observation.Finished(WARM)).state())
        .isEqualTo(TaskState.SUCCEEDED);
    TaskStatus cold = concluded(asking, submitting, new Observation.Finished(HALF));
    assertThat(cold.state()).isEqualTo(TaskState.FAILED);
    assertThat(cold.reason()).isEqualTo(Reason.NOT_WARM);
    assertThat(cold.warmPercent()).isEqualTo(50);
  }

  @Test
  void an_eviction_ends_cold_and_well() {
    TaskStateMachine evicting =
        new TaskStateMachine(Operation.EVICT, Verification.DEFAULT, 2, new Random(1));
    TaskStatus submitting = machine.admitted(waiting(), new Admission.Granted(), NOW);

    TaskStatus gone = concluded(evicting, submitting, new Observation.Evicted(6));
    assertThat(gone.state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(gone.reason()).isEqualTo(Reason.EVICTED);
    assertThat(gone.warmPercent()).isZero();
    assertThat(gone.message()).contains("6 copies");
  }

  private static TaskStatus concluded(
      TaskStateMachine machine, TaskStatus task, Observation observation) {
    return machine.happened(
        task, TaskEvents.sent("t", 1, new Submission.Concluded(observation)), NOW);
  }

  @Test
  void whatever_peers_say_a_task_stays_small() {
    List<String> peers = java.util.Collections.nCopies(10, "node: " + "x".repeat(4000));
    Warmth large = new Warmth(true, 1, 1000, 0, peers, 1000);

    TaskStatus task = seen(sent(new Submission.Accepted("1")), new Observation.Finished(large));

    assertThat(task.toString().length()).isLessThan(2048);
  }

  @Test
  void success_is_what_was_verified() {
    TaskStatus task = seen(sent(new Submission.Accepted("1")), new Observation.Finished(HALF));
    assertThat(task.state()).isEqualTo(TaskState.WAITING);
    assertThat(task.reason()).isEqualTo(Reason.WAITING_FOR_RETRY);
    assertThat(task.message()).contains("50%", "node-1: full");
    TaskStateMachine lenient =
        new TaskStateMachine(
            Operation.PREHEAT, new Verification(Verification.Mode.PROVIDER, 50), 0, new Random(1));
    assertThat(
            lenient
                .happened(
                    sent(new Submission.Accepted("1")),
                    TaskEvents.seen("t", 1, new Observation.Finished(HALF)),
                    NOW)
                .state())
        .isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void what_cannot_be_asked_is_unverified() {
    assertThat(
            seen(
                    sent(new Submission.Accepted("1")),
                    new Observation.Finished(Warmth.unverified(1000)))
                .state())
        .isEqualTo(TaskState.UNVERIFIED);
  }

  @Test
  void what_cannot_be_verified_says_what_to_set() {
    assertThat(
            seen(
                    sent(new Submission.Accepted("1")),
                    new Observation.Finished(Warmth.unverified(1000, "set spec.x")))
                .message())
        .isEqualTo("set spec.x");
  }

  @Test
  void waiting_for_a_provider_uses_up_no_attempt() {
    TaskStatus task = waiting();
    for (int i = 0; i < 50; i++) {
      task = machine.admitted(task, new Admission.Granted(), NOW);
      task =
          machine.happened(
              task,
              TaskEvents.sent(
                  "t",
                  task.attempts(),
                  new Submission.NotNow(
                      Reason.RATE_LIMITED, "429", Duration.ofSeconds(1), false, true)),
              NOW);
    }
    assertThat(task.state()).isEqualTo(TaskState.WAITING);
    assertThat(task.attempts()).isZero();
    assertThat(task.retryTime()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void failures_are_tried_again_until_the_limit() {
    TaskStatus task = waiting();
    List<TaskState> states = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      task = machine.admitted(task, new Admission.Granted(), NOW);
      task = machine.happened(task, TaskEvents.sent("t", i + 1, new Submission.Accepted("j")), NOW);
      task =
          machine.happened(
              task,
              TaskEvents.seen("t", i + 1, new Observation.Failed(Reason.JOB_FAILED, "disk full")),
              NOW);
      states.add(task.state());
    }
    assertThat(states).containsExactly(TaskState.WAITING, TaskState.WAITING, TaskState.FAILED);
    assertThat(task.message()).contains("disk full", "attempt 3", "backoffLimit 2");
  }

  @Test
  void an_unknown_submission_is_looked_for_and_never_sent_a_second_time() {
    TaskStatus task = sent(new Submission.Unknown("timed out"));
    assertThat(task.state()).isEqualTo(TaskState.SUBMITTING);
    assertThat(task.reason()).isEqualTo(Reason.ADOPTING);
    assertThat(task.retryTime()).isEqualTo(NOW.plus(TaskStateMachine.RESUME_AFTER));
    // The look itself fails: the job may still be there, so the task does not go back to waiting.
    task =
        machine.happened(
            task,
            TaskEvents.sent(
                "t", 1, new Submission.NotNow(Reason.UNREACHABLE, "down", null, true, true)),
            NOW);
    assertThat(task.state()).isEqualTo(TaskState.SUBMITTING);
    assertThat(
            machine
                .happened(task, TaskEvents.sent("t", 1, new Submission.Accepted("7")), NOW)
                .state())
        .isEqualTo(TaskState.RUNNING);
  }

  @Test
  void news_of_an_earlier_attempt_changes_nothing() {
    TaskStatus task = sent(new Submission.Accepted("1"));
    assertThat(machine.happened(task, TaskEvents.seen("t", 0, new Observation.Finished(WARM)), NOW))
        .isEqualTo(task);
    assertThat(machine.happened(task, TaskEvents.sent("t", 1, new Submission.Accepted("2")), NOW))
        .isEqualTo(task);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void whatever_happens_an_end_is_an_end_and_attempts_are_bounded(long seed) {
    Random random = new Random(seed);
    TaskStatus task = waiting();
    for (int i = 0; i < 500; i++) {
      TaskStatus before = task;
      task = machine.happened(task, news(random, task.attempts()), NOW);
      if (random.nextInt(3) == 0) {
        task = machine.admitted(task, new Admission.Granted(), NOW);
      }
      if (before.state().terminal()) {
        assertThat(task).as("seed %d, step %d", seed, i).isEqualTo(before);
      }
      assertThat(task.attempts()).isBetween(0, 3);
    }
    TaskStatus ended = machine.end(task, TaskState.CANCELLED, Reason.CANCELLED, "over", NOW);
    assertThat(ended.state().terminal()).isTrue();
  }

  private static TaskEvent news(Random random, int attempts) {
    int attempt = attempts - random.nextInt(2);
    return switch (random.nextInt(9)) {
      case 0 -> TaskEvents.sent("t", attempt, new Submission.Accepted("j"));
      case 1 ->
          TaskEvents.sent(
              "t",
              attempt,
              new Submission.NotNow(Reason.UNREACHABLE, "no", null, true, random.nextBoolean()));
      case 2 -> TaskEvents.sent("t", attempt, new Submission.Unknown("?"));
      case 3 -> TaskEvents.seen("t", attempt, new Observation.InProgress(random.nextInt(100)));
      case 4 -> TaskEvents.seen("t", attempt, new Observation.OutcomeUnknown("gone"));
      case 5 -> TaskEvents.seen("t", attempt, new Observation.Failed(Reason.JOB_FAILED, "no"));
      case 6 -> TaskEvents.seen("t", attempt, new Observation.NoAnswer(Reason.UNREACHABLE, "no"));
      case 7 -> TaskEvents.seen("t", attempt, new Observation.Finished(HALF));
      default ->
          random.nextInt(10) == 0
              ? TaskEvents.sent("t", attempt, new Submission.Refused(Reason.REJECTED, "never"))
              : TaskEvents.seen("other", attempt, new Observation.Finished(WARM));
    };
  }

  private TaskStatus sent(Submission outcome) {
    TaskStatus task = machine.admitted(waiting(), new Admission.Granted(), NOW);
    assertThat(task.state()).isEqualTo(TaskState.SUBMITTING);
    return machine.happened(task, TaskEvents.sent("t", 1, outcome), NOW);
  }

  private TaskStatus seen(TaskStatus task, Observation observation) {
    return machine.happened(task, TaskEvents.seen("t", task.attempts(), observation), NOW);
  }

  private static TaskStatus waiting() {
    return TaskStatusBuilder.builder()
        .id("t")
        .artifact("shop/web:1")
        .repository("shop/web")
        .digest("sha256:" + "a".repeat(64))
        .provider("default/dragonfly")
        .state(TaskState.WAITING)
        .bytes(1000L)
        .build();
  }
}
