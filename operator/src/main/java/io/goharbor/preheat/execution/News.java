package io.goharbor.preheat.execution;

import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;

/** What happened to a task outside, to be folded into its execution's status. */
sealed interface News {
  /** The task that it is about. */
  String taskId();

  /** The attempt that it is about; news of an earlier attempt is stale. */
  int attempt();

  /** What came of sending. */
  record Sent(String taskId, int attempt, Submission outcome) implements News {}

  /** What a look at the job showed. */
  record Seen(String taskId, int attempt, Observation observation) implements News {}
}
