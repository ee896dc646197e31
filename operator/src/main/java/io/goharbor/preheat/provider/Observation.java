package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import org.jspecify.annotations.Nullable;

/** What a look at a job showed. */
public sealed interface Observation {
  /**
   * Still at work.
   *
   * @param warmPercent share of the bytes known to be held
   */
  record InProgress(int warmPercent) implements Observation {}

  /**
   * The system ended the job; how much the peers hold was established.
   *
   * @param cause why it is not all of it, where one reason explains everything; else null
   */
  record Finished(Warmth warmth, @Nullable Reason cause) implements Observation {
    /** Without such a reason. */
    public Finished(Warmth warmth) {
      this(warmth, null);
    }
  }

  /** The system ended the job without result. */
  record Failed(Reason reason, String message) implements Observation {}

  /**
   * No one knows how the job ended: the system has forgotten it, or stopped watching it.
   *
   * @param found what the peers were found to hold, of those that could be asked; null when they
   *     were not asked or cannot be
   */
  record OutcomeUnknown(String message, @Nullable Warmth found) implements Observation {
    /** The same before the peers were asked. */
    public OutcomeUnknown(String message) {
      this(message, null);
    }
  }

  /** An eviction is done; this many copies of blobs were removed. */
  record Evicted(int copies) implements Observation {}

  /**
   * The system could not be asked; nothing is known, nothing has changed.
   *
   * @param message why
   */
  record NoAnswer(Reason reason, String message) implements Observation {}
}
