package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a {@link PreheatExecution} stands. */
public enum Phase {
  /** Not looked at yet, or held by what it needs. */
  @JsonProperty("Pending")
  PENDING(false),
  /** Harbor is asked which artifacts and platforms there are. */
  @JsonProperty("Planning")
  PLANNING(false),
  /** Tasks wait or run. */
  @JsonProperty("Running")
  RUNNING(false),
  /** Every task succeeded, or there was none. */
  @JsonProperty("Succeeded")
  SUCCEEDED(true),
  /** Some tasks succeeded, some did not. */
  @JsonProperty("PartiallySucceeded")
  PARTIALLY_SUCCEEDED(true),
  /** No task succeeded, or the run could not be planned. */
  @JsonProperty("Failed")
  FAILED(true),
  /** Called off. */
  @JsonProperty("Cancelled")
  CANCELLED(true);

  private final boolean terminal;

  Phase(boolean terminal) {
    this.terminal = terminal;
  }

  /** Whether the run has ended. */
  public boolean terminal() {
    return terminal;
  }
}
