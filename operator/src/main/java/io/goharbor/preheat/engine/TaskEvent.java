package io.goharbor.preheat.engine;

import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;

/** What happened to an attempt of a task. One that is not known any more is ignored. */
public sealed interface TaskEvent {
  /** The attempt. */
  TaskKey key();

  /**
   * What came of an operation.
   *
   * @param orderFailed whether the registry is at fault: the provider was not asked
   */
  record Sent(TaskKey key, Submission outcome, boolean orderFailed) implements TaskEvent {}

  /** What a check of the job showed. */
  record Seen(TaskKey key, Observation observation) implements TaskEvent {}
}
