package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;

/** What came of cancelling a job. */
public sealed interface Cancellation {
  /** The peers do no more for it. */
  record Stopped() implements Cancellation {}

  /**
   * The system cannot stop what peers have begun.
   *
   * @param message what was done instead, as a sentence
   */
  record GoesOn(String message) implements Cancellation {}

  /** It could not be asked. */
  record NoAnswer(Reason reason, String message) implements Cancellation {}
}
