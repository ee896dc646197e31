package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;

/** What a look at a job showed. */
public sealed interface Observation {
  /**
   * Still at work.
   *
   * @param warmPercent share of the bytes known to be held
   */
  record InProgress(int warmPercent) implements Observation {}

  /** The system ended the job; how much the peers hold was established. */
  record Finished(Warmth warmth) implements Observation {}

  /** The system ended the job without result. */
  record Failed(Reason reason, String message) implements Observation {}

  /** The system does not know the job any more; its outcome is unknown. */
  record Vanished(String message) implements Observation {}

  /**
   * The system could not be asked; nothing is known, nothing has changed.
   *
   * @param message why
   */
  record NoAnswer(Reason reason, String message) implements Observation {}
}
