package io.goharbor.preheat.execution;

import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;

/** Events of tasks of an execution of no interest. */
final class TaskEvents {
  private TaskEvents() {}

  static TaskEvent sent(String task, int attempt, Submission outcome) {
    return new TaskEvent.Sent(key(task, attempt), outcome, false);
  }

  static TaskEvent seen(String task, int attempt, Observation observation) {
    return new TaskEvent.Seen(key(task, attempt), observation);
  }

  private static TaskKey key(String task, int attempt) {
    return new TaskKey(new ObjectKey("default", "e"), "u", task, attempt);
  }
}
