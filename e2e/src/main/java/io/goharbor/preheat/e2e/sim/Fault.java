package io.goharbor.preheat.e2e.sim;

import java.time.Duration;

/** What can go wrong with an answer. */
public sealed interface Fault {
  /** The request is handled and answered, but late. */
  record Delay(Duration by) implements Fault {}

  /** The request is not handled; this is answered. */
  record Reply(Answer answer) implements Fault {}

  /** The request is not handled; the connection is closed without an answer. */
  record Drop() implements Fault {}

  /** The request is handled; the connection is closed without an answer. */
  record HandleThenDrop() implements Fault {}

  /** The request is handled; half of the answer's body is sent, then the connection is closed. */
  record HalfAnswer() implements Fault {}

  /** A status with a short text. */
  static Fault status(int status, String text) {
    return new Reply(Answer.text(status, text));
  }
}
