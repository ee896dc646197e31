package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a task stands. */
public enum TaskState {
  /** Planned, and waiting for a place, for its window, for a retry or for its provider. */
  @JsonProperty("Waiting")
  WAITING("Waiting", false),
  /** Recorded before the request is sent: after a crash a job may or may not exist. */
  @JsonProperty("Submitting")
  SUBMITTING("Submitting", false),
  /** The provider has a job. */
  @JsonProperty("Running")
  RUNNING("Running", false),
  /** Verified: the peers hold enough of it. */
  @JsonProperty("Succeeded")
  SUCCEEDED("Succeeded", true),
  /** The provider took it, and cannot be asked whether the peers hold it. */
  @JsonProperty("Unverified")
  UNVERIFIED("Unverified", true),
  /** Given up. */
  @JsonProperty("Failed")
  FAILED("Failed", true),
  /** A dry run: it would have been preheated. */
  @JsonProperty("Planned")
  PLANNED("Planned", true),
  /** Called off. */
  @JsonProperty("Cancelled")
  CANCELLED("Cancelled", true);

  private final String text;
  private final boolean terminal;

  TaskState(String text, boolean terminal) {
    this.text = text;
    this.terminal = terminal;
  }

  /** Whether the task has ended. */
  public boolean terminal() {
    return terminal;
  }

  /** Whether a task that stands here may stand there next, or stay. What has ended stays so. */
  public boolean mayBecome(TaskState next) {
    return switch (this) {
      // Nothing runs that was not written down as being sent.
      case WAITING -> next != RUNNING && next != PLANNED;
      case SUBMITTING -> next != PLANNED;
      case RUNNING -> next != SUBMITTING && next != PLANNED;
      case SUCCEEDED, UNVERIFIED, FAILED, PLANNED, CANCELLED -> next == this;
    };
  }

  /** Whether a provider is, or may be, working on the task. */
  public boolean inFlight() {
    return this == SUBMITTING || this == RUNNING;
  }

  /** The name as it is in resources: CamelCase. */
  @Override
  public String toString() {
    return text;
  }
}
