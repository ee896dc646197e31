package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Phase;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets everything happen to a task in every state, and keeps the tables of the documentation the
 * same as what came of it. {@code -Ddocs.update=true} writes the page.
 */
class TaskTableTest {
  private static final Path PAGE = Path.of("../docs/executions.md");
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final int BACKOFF_LIMIT = 1;
  private static final Warmth WARM = Warmth.complete(1000, 2);
  private static final Warmth HALF = new Warmth(true, 500, 1000, 1, List.of("node-1: full"), 1);

  /** Attempts that a task has had. */
  enum Attempt {
    FIRST(1),
    LAST(BACKOFF_LIMIT + 1);

    private final int number;

    Attempt(int number) {
      this.number = number;
    }
  }

  /** Something that happens to a task. */
  record Happening(String words, Attempt attempt, UnaryOperator<TaskStatus> act) {
    @Override
    public String toString() {
      return words;
    }
  }

  private static final TaskStateMachine MACHINE = machine(Operation.PREHEAT, Verification.DEFAULT);

  private static TaskStateMachine machine(Operation operation, Verification verification) {
    return new TaskStateMachine(operation, verification, BACKOFF_LIMIT, new Random(1));
  }

  static List<Happening> happenings() {
    List<Happening> all = new ArrayList<>();
    all.add(queue("The queue has a free slot", new Admission.Granted()));
    all.add(
        queue(
            "The queue has none, or its provider is down",
            new Admission.Wait(Reason.WAITING_FOR_SLOT, "full")));
    all.add(
        queue(
            "Another run brought the same artifact of the same registry there meanwhile",
            new Admission.AlreadyDone(WARM)));
    all.add(sent("The provider takes it", new Submission.Accepted("7")));
    all.add(
        sent(
            "The provider answers at once: the peers hold it",
            new Submission.Concluded(new Observation.Finished(WARM))));
    all.add(
        sent(
            "The provider answers at once: no one can say what the peers hold",
            new Submission.Concluded(new Observation.Finished(Warmth.unverified(1000)))));
    all.add(
        sent(
            "The provider will never take it",
            new Submission.Refused(Reason.REJECTED, "no such argument")));
    all.add(
        sent(
            "It was not sent: the provider is away, or asks to wait",
            new Submission.NotNow(Reason.RATE_LIMITED, "429", null, false, true)));
    all.addAll(
        twice(
            "It was not sent: an error",
            happened(task ->
                TaskEvents.sent(
                    "t",
                    task.attempts(),
                    new Submission.NotNow(Reason.UNEXPECTED_ANSWER, "500", null, true, false)))));
    all.add(
        sent("No answer: there may be a job, or not", new Submission.Unknown("connection reset")));
    all.add(seen("Its job is at work", new Observation.InProgress(40)));
    all.add(
        seen(
            "The provider cannot be asked",
            new Observation.NoAnswer(Reason.UNREACHABLE, "connection refused")));
    all.add(seen("Its job ended: the peers hold it", new Observation.Finished(WARM)));
    all.addAll(look("Its job ended: the peers do not hold it", new Observation.Finished(HALF)));
    all.add(
        seen(
            "Its job outlived its pull token, and got further",
            new Observation.Finished(HALF, Reason.PULL_TOKEN_EXPIRED),
            Attempt.LAST));
    all.add(
        seen(
            "Its job ended: no one can say what the peers hold",
            new Observation.Finished(Warmth.unverified(1000))));
    all.add(
        new Happening(
            "Its job ended, and `verification.mode` is `None`",
            Attempt.FIRST,
            task ->
                machine(Operation.PREHEAT, new Verification(Verification.Mode.NONE, null))
                    .happened(
                        task,
                        TaskEvents.seen("t", task.attempts(), new Observation.Finished(HALF)),
                        NOW)));
    all.addAll(look("Its job failed", new Observation.Failed(Reason.JOB_FAILED, "no space left")));
    all.add(
        seen(
            "Its job was forgotten; the peers hold it (last attempt)",
            new Observation.OutcomeUnknown("gone", WARM),
            Attempt.LAST));
    all.addAll(
        look(
            "Its job was forgotten; no one says that they hold it",
            new Observation.OutcomeUnknown("gone")));
    all.add(
        new Happening(
            "`operation: Verify`: the peers do not hold it",
            Attempt.FIRST,
            task ->
                machine(Operation.VERIFY, Verification.DEFAULT)
                    .happened(
                        task,
                        TaskEvents.sent(
                            "t",
                            task.attempts(),
                            new Submission.Concluded(new Observation.Finished(HALF))),
                        NOW)));
    all.add(
        new Happening(
            "`operation: Evict`: its blobs were removed",
            Attempt.FIRST,
            task ->
                machine(Operation.EVICT, Verification.DEFAULT)
                    .happened(
                        task,
                        TaskEvents.sent(
                            "t",
                            task.attempts(),
                            new Submission.Concluded(new Observation.Evicted(3))),
                        NOW)));
    all.add(
        new Happening(
            "An event of an earlier attempt, or the same event again",
            Attempt.LAST,
            task ->
                MACHINE.happened(
                    task,
                    TaskEvents.seen("t", task.attempts() - 1, new Observation.Finished(WARM)),
                    NOW)));
    all.add(
        new Happening(
            "The provider is deleted",
            Attempt.FIRST,
            task -> MACHINE.cutOff(task, Reason.PROVIDER_NOT_FOUND, "deleted")));
    all.add(
        new Happening(
            "The run is cancelled",
            Attempt.FIRST,
            task -> MACHINE.end(task, TaskState.CANCELLED, Reason.CANCELLED, "cancelled", NOW)));
    all.add(
        new Happening(
            "`activeDeadline` passes",
            Attempt.FIRST,
            task ->
                MACHINE.end(task, TaskState.FAILED, Reason.DEADLINE_EXCEEDED, "too late", NOW)));
    return all;
  }

  private static Happening queue(String words, Admission admission) {
    return new Happening(words, Attempt.FIRST, task -> MACHINE.admitted(task, admission, NOW));
  }

  private static Happening sent(String words, Submission outcome) {
    return new Happening(
        words, Attempt.FIRST, happened(task -> TaskEvents.sent("t", task.attempts(), outcome)));
  }

  private static Happening seen(String words, Observation observation) {
    return seen(words, observation, Attempt.FIRST);
  }

  private static Happening seen(String words, Observation observation, Attempt attempt) {
    return new Happening(
        words, attempt, happened(task -> TaskEvents.seen("t", task.attempts(), observation)));
  }

  private static List<Happening> look(String words, Observation observation) {
    return twice(words, happened(task -> TaskEvents.seen("t", task.attempts(), observation)));
  }

  private static List<Happening> twice(String words, UnaryOperator<TaskStatus> act) {
    return Arrays.stream(Attempt.values())
        .map(attempt ->
            new Happening(words + (attempt == Attempt.LAST ? " (last attempt)" : ""), attempt, act))
        .toList();
  }

  private static UnaryOperator<TaskStatus> happened(Function<TaskStatus, TaskEvent> news) {
    return task -> MACHINE.happened(task, news.apply(task), NOW);
  }

  @ParameterizedTest
  @MethodSource("happenings")
  void what_has_ended_stays_as_it_is(Happening happening) {
    Stream.of(TaskState.values())
        .filter(TaskState::terminal)
        .map(state -> task(state, happening.attempt()))
        .forEach(task -> assertThat(happening.act().apply(task)).isEqualTo(task));
  }

  @ParameterizedTest
  @MethodSource("happenings")
  void every_change_is_a_legal_one_and_an_end_has_its_time(Happening happening) {
    for (TaskState state : TaskState.values()) {
      TaskStatus after = happening.act().apply(task(state, happening.attempt()));
      assertThat(state.mayBecome(after.state())).as("%s to %s", state, after.state()).isTrue();
      assertThat(after.completionTime() != null).isEqualTo(after.state().terminal());
    }
  }

  @Test
  void every_legal_change_of_a_task_can_come_about() {
    List<String> seen =
        happenings().stream()
            .flatMap(happening ->
                Stream.of(TaskState.values())
                    .map(state ->
                        state
                            + " "
                            + happening.act().apply(task(state, happening.attempt())).state()))
            .distinct()
            .toList();
    for (TaskState from : TaskState.values()) {
      for (TaskState to : TaskState.values()) {
        assertThat(seen.contains(from + " " + to))
            .as("%s to %s", from, to)
            .isEqualTo(from.mayBecome(to) && couldReach(from, to));
      }
    }
  }

  /** Warmth that other runs left is verified; only a warm one ends a task without an attempt. */
  private static boolean couldReach(TaskState from, TaskState to) {
    return from != TaskState.WAITING || to != TaskState.UNVERIFIED;
  }

  @Test
  void no_run_comes_back_from_its_end() {
    List<Phase> inOrder = List.of(Phase.values());
    for (Phase from : inOrder) {
      for (Phase to : inOrder) {
        assertThat(from.mayBecome(to))
            .as("%s to %s", from, to)
            .isEqualTo(from.terminal() ? from == to : inOrder.indexOf(to) >= inOrder.indexOf(from));
      }
    }
  }

  @Test
  void the_page_says_what_was_seen() throws IOException {
    String page = Files.readString(PAGE);
    String expected = put(put(page, "tasks", tasks()), "phases", phases());
    if (Boolean.getBoolean("docs.update")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(page)
        .as(
            "docs/executions.md differs from what the code does: write it with"
                + " ./mvnw -pl operator -am test -Dtest=TaskTableTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.update=true")
        .isEqualTo(expected);
  }

  private static String put(String page, String name, String table) {
    String start = "<!-- " + name + ": begin -->\n";
    int from = page.indexOf(start);
    int to = page.indexOf("<!-- " + name + ": end -->");
    assertThat(from).as(start).isNotNegative().isLessThan(to);
    return page.substring(0, from + start.length()) + table + page.substring(to);
  }

  private static String tasks() {
    List<TaskState> open = List.of(TaskState.WAITING, TaskState.SUBMITTING, TaskState.RUNNING);
    return "| What happens | "
        + open.stream().map(Object::toString).collect(Collectors.joining(" | "))
        + " |\n|---|---|---|---|\n"
        + happenings().stream()
            .map(happening ->
                "| "
                    + happening
                    + " | "
                    + open.stream()
                        .map(state -> cell(happening, state))
                        .collect(Collectors.joining(" | "))
                    + " |\n")
            .collect(Collectors.joining());
  }

  private static String cell(Happening happening, TaskState state) {
    TaskStatus before = task(state, happening.attempt());
    TaskStatus after = happening.act().apply(before);
    if (after.equals(before)) {
      return "–";
    }
    return after.state() + (after.reason() == null ? "" : " (`" + after.reason() + "`)");
  }

  private static String phases() {
    return "| From \\ to | "
        + Stream.of(Phase.values()).map(Object::toString).collect(Collectors.joining(" | "))
        + " |\n|---|"
        + "---|".repeat(Phase.values().length)
        + "\n"
        + Stream.of(Phase.values())
            .map(from ->
                "| "
                    + from
                    + " | "
                    + Stream.of(Phase.values())
                        .map(to -> from == to ? "stays" : from.mayBecome(to) ? "yes" : "–")
                        .collect(Collectors.joining(" | "))
                    + " |\n")
            .collect(Collectors.joining());
  }

  private static TaskStatus task(TaskState state, Attempt attempt) {
    return TaskStatusBuilder.builder()
        .id("t")
        .artifact("shop/web:1")
        .repository("shop/web")
        .digest("sha256:" + "a".repeat(64))
        .provider("default/dragonfly")
        .state(state)
        .jobID(state == TaskState.RUNNING ? "6" : null)
        .attempts(attempt.number)
        .bytes(1000L)
        .startTime(NOW.minus(Duration.ofMinutes(1)))
        .completionTime(state.terminal() ? NOW.minusSeconds(1) : null)
        .build();
  }
}
