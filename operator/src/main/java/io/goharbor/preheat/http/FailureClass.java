package io.goharbor.preheat.http;

/** What follows from a failed call. */
public enum FailureClass {
  /** Passing: the same call may succeed soon. Counts as an attempt. */
  RETRY,
  /** The system asks for patience (429, 503 with Retry-After); never counts as a failure. */
  WAIT,
  /** The same call will fail again until a person changes something. */
  PERMANENT
}
