package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;

/** What came of asking the peers. */
public sealed interface VerificationResult {
  /**
   * The peers told.
   *
   * @param everyPeer whether all peers of the target are among those that told; when false, peers
   *     that hold nothing at all may be missing from the count
   */
  record Known(Warmth warmth, boolean everyPeer) implements VerificationResult {}

  /** This system, as it is set up, cannot be asked. */
  record CannotTell(String message) implements VerificationResult {}

  /** It could not be asked now; worth another try. */
  record NoAnswer(Reason reason, String message) implements VerificationResult {}
}
