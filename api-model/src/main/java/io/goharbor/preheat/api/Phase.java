package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a {@link PreheatExecution} stands. */
public enum Phase {
  /** Not looked at yet, or held by what it needs. */
  @JsonProperty("Pending")
  PENDING("Pending", false),
  /** Harbor is asked which artifacts and platforms there are. */
  @JsonProperty("Planning")
  PLANNING("Planning", false),
  /** Tasks wait or run. */
  @JsonProperty("Running")
  RUNNING("Running", false),
  /** Every task succeeded, or there was none. */
  @JsonProperty("Succeeded")
  SUCCEEDED("Succeeded", true),
  /** Some tasks succeeded, some did not. */
  @JsonProperty("PartiallySucceeded")
  PARTIALLY_SUCCEEDED("PartiallySucceeded", true),
  /** No task succeeded, or the run could not be planned. */
  @JsonProperty("Failed")
  FAILED("Failed", true),
  /** Called off. */
  @JsonProperty("Cancelled")
  CANCELLED("Cancelled", true);

  private final String text;
  private final boolean terminal;

  Phase(String text, boolean terminal) {
    this.text = text;
    this.terminal = terminal;
  }

  /** Whether the run has ended. */
  public boolean terminal() {
    return terminal;
  }

  /** Whether a run that stands here may stand there next, or stay. What has ended stays so. */
  public boolean mayBecome(Phase next) {
    return switch (this) {
      case PENDING -> true;
      case PLANNING -> next != PENDING;
      case RUNNING -> next == RUNNING || next.terminal;
      case SUCCEEDED, PARTIALLY_SUCCEEDED, FAILED, CANCELLED -> next == this;
    };
  }

  /** The name as it is in resources: CamelCase. */
  @Override
  public String toString() {
    return text;
  }
}
