package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a task stands. */
public enum TaskState {
  /** Planned, and waiting for a place, for its window, for a retry or for its provider. */
  @JsonProperty("Waiting")
  WAITING(false),
  /** Recorded before the request is sent: after a crash a job may or may not exist. */
  @JsonProperty("Submitting")
  SUBMITTING(false),
  /** The provider has a job. */
  @JsonProperty("Running")
  RUNNING(false),
  /** Verified: the peers hold enough of it. */
  @JsonProperty("Succeeded")
  SUCCEEDED(true),
  /** The provider took it, and cannot be asked whether the peers hold it. */
  @JsonProperty("Unverified")
  UNVERIFIED(true),
  /** Given up. */
  @JsonProperty("Failed")
  FAILED(true),
  /** A dry run: it would have been preheated. */
  @JsonProperty("Planned")
  PLANNED(true),
  /** Called off. */
  @JsonProperty("Cancelled")
  CANCELLED(true);

  private final boolean terminal;

  TaskState(boolean terminal) {
    this.terminal = terminal;
  }

  /** Whether the task has ended. */
  public boolean terminal() {
    return terminal;
  }

  /** Whether a provider is, or may be, working on the task. */
  public boolean inFlight() {
    return this == SUBMITTING || this == RUNNING;
  }
}
