package io.goharbor.preheat.engine;

import io.goharbor.preheat.kube.ObjectKey;

/**
 * Names an attempt of a task among those of all executions.
 *
 * @param uid of the execution: one that is created again under its name is another
 * @param task its id in the execution
 * @param attempt 0 before the first
 */
public record TaskKey(ObjectKey execution, String uid, String task, int attempt) {
  /** What holds a slot: the task, whatever its attempt. */
  String slot() {
    return uid + "/" + task;
  }
}
