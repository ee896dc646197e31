package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;

/** What came of taking a manifest out of the caches. */
public sealed interface Eviction {
  /**
   * No peer that could be asked holds it any more.
   *
   * @param copies blobs that were removed, counted on each peer
   */
  record Evicted(int copies) implements Eviction {}

  /** Some of it is still held; worth another try. */
  record Incomplete(int copies, String message) implements Eviction {}

  /** The system cannot do that. */
  record NotOffered(String message) implements Eviction {}

  /** It could not be asked now; worth another try. */
  record NoAnswer(Reason reason, String message) implements Eviction {}
}
