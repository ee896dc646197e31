package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One step of an execution: fold events, admit, write, act. Nothing is sent before it is in the
 * status; a crash at any point loses at most memory.
 */
final class TaskCycle {
  private static final Duration AFTER_CONFLICT = Duration.ofMillis(200);

  /** Writes a status. */
  @FunctionalInterface
  interface Writer {
    /**
     * Writes the status when it differs from what stands.
     *
     * @return false when the object was changed meanwhile, and nothing was written
     */
    boolean write(PreheatExecutionStatus status);
  }

  /**
   * What came of a step.
   *
   * @param status as it was written; null when it was not
   * @param next when to take the next step, unless something wakes the execution before
   */
  record Taken(@Nullable PreheatExecutionStatus status, Duration next) {}

  private final TaskDriver driver;
  private final Inbox inbox;
  private final ExecutionMetrics metrics;

  TaskCycle(TaskDriver driver, Inbox inbox, ExecutionMetrics metrics) {
    this.driver = driver;
    this.inbox = inbox;
    this.metrics = metrics;
  }

  /**
   * Takes a step.
   *
   * @param plan set at the first step only
   */
  Taken take(
      PreheatExecution execution,
      List<TaskStatus> tasks,
      @Nullable Plan plan,
      Run run,
      TaskStateMachine machine,
      Report report,
      Instant now,
      Writer writer) {
    ObjectKey key = ObjectKey.of(execution);
    Set<TaskKey> underWay = driver.underWay(execution, tasks);
    List<TaskEvent> events = inbox.read(key);
    TaskDecision step = driver.step(execution, run, machine, tasks, underWay, events, now);
    PreheatExecutionStatus after =
        plan == null
            ? report.of(step.tasks(), run.settings())
            : report.planned(plan, step.tasks(), run.settings());
    if (!after.equals(execution.getStatus())) {
      if (!writer.write(after)) {
        // The next step states to the engine what is so then.
        return new Taken(null, AFTER_CONFLICT);
      }
      if (plan != null) {
        metrics.planned(execution, after);
      }
      List<TaskStatus> ended = ended(tasks, after.taskList());
      TaskLog.ended(execution, ended);
      metrics.tasksEnded(execution, run.operation(), ended, now);
    }
    inbox.taken(key, events.size());
    driver.act(step, execution, run);
    return new Taken(after, step.next());
  }

  /** The tasks that ended between two states of an execution. */
  static List<TaskStatus> ended(List<TaskStatus> before, List<TaskStatus> after) {
    Set<String> earlier =
        before.stream()
            .filter(task -> task.state().terminal())
            .map(TaskStatus::id)
            .collect(Collectors.toSet());
    return after.stream()
        .filter(task -> task.state().terminal() && !earlier.contains(task.id()))
        .toList();
  }
}
