package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A line for each task that ended: what failed as a warning, what is not known as information, what
 * is warm only for who debugs, since there can be thousands.
 */
final class TaskLog {
  private static final Logger log = LoggerFactory.getLogger(TaskLog.class);

  private TaskLog() {}

  /** Logs tasks that ended. */
  static void ended(PreheatExecution execution, List<TaskStatus> ended) {
    for (TaskStatus task : ended) {
      log.atLevel(level(task.state()))
          .addKeyValue("execution", ObjectKey.of(execution))
          .addKeyValue("policy", policy(execution))
          .addKeyValue("provider", task.provider())
          .addKeyValue("artifact", task.artifact())
          .addKeyValue("digest", task.digest())
          .addKeyValue("state", task.state())
          .addKeyValue("reason", task.reason())
          .log("Task ended: {}", task.message() == null ? task.state() : task.message());
    }
  }

  /** Name of the policy that an execution follows, in its namespace; empty when it follows none. */
  static String policy(PreheatExecution execution) {
    return execution.getSpec().policyRef() == null ? "" : execution.getSpec().policyRef().name();
  }

  private static Level level(TaskState state) {
    return switch (state) {
      case FAILED -> Level.WARN;
      case UNVERIFIED -> Level.INFO;
      case WAITING, SUBMITTING, RUNNING, SUCCEEDED, PLANNED, CANCELLED -> Level.DEBUG;
    };
  }
}
