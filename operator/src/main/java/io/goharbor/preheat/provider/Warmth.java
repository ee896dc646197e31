package io.goharbor.preheat.provider;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of a manifest the peers hold.
 *
 * @param verified whether the provider was able to tell; when false the rest says nothing
 * @param heldBytes bytes that the target holds: of all its peers together when one copy is wanted,
 *     and the mean over its peers when each is to hold everything
 * @param expectedBytes bytes of the manifest's config and layers, each blob counted once
 * @param peers peers that hold it all
 * @param failedPeers peers that do not, with their errors; the first ten
 * @param failedPeerCount all peers that do not
 * @param remainder what is left to do, when that can be told and sent alone; else null
 * @param unverifiedBecause why the provider was not able to tell and what to set, as a sentence;
 *     null: there is nothing to say
 */
public record Warmth(
    boolean verified,
    long heldBytes,
    long expectedBytes,
    int peers,
    List<String> failedPeers,
    int failedPeerCount,
    @Nullable Remainder remainder,
    @Nullable String unverifiedBecause) {

  /** What a provider was able to tell. */
  public Warmth(
      boolean verified,
      long heldBytes,
      long expectedBytes,
      int peers,
      List<String> failedPeers,
      int failedPeerCount,
      @Nullable Remainder remainder) {
    this(verified, heldBytes, expectedBytes, peers, failedPeers, failedPeerCount, remainder, null);
  }

  /** The same without knowledge of what is left to do. */
  public Warmth(
      boolean verified,
      long heldBytes,
      long expectedBytes,
      int peers,
      List<String> failedPeers,
      int failedPeerCount) {
    this(verified, heldBytes, expectedBytes, peers, failedPeers, failedPeerCount, null);
  }

  /** What a provider that cannot be asked leaves. */
  public static Warmth unverified(long expectedBytes) {
    return new Warmth(false, 0, expectedBytes, 0, List.of(), 0);
  }

  /** The same with the words for people. */
  public static Warmth unverified(long expectedBytes, String because) {
    return new Warmth(false, 0, expectedBytes, 0, List.of(), 0, null, because);
  }

  /** All of it is held. */
  public static Warmth complete(long bytes, int peers) {
    return new Warmth(true, bytes, bytes, peers, List.of(), 0);
  }

  /** Share of the bytes that is held, in percent, rounded down. */
  public int percent() {
    return expectedBytes == 0 ? 100 : (int) (heldBytes * 100 / expectedBytes);
  }
}
