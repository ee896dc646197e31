package io.goharbor.preheat.provider;

import java.util.List;
import java.util.Set;

/**
 * What an ended job left undone, so that only this is sent again. It lives in memory; without it
 * everything is sent again, which costs peers that hold it nothing.
 *
 * @param parts one for each part of the target that lacks something
 */
public record Remainder(List<Part> parts) {
  /**
   * A part of the target, such as a scheduler cluster.
   *
   * @param name the driver's own name of the part; empty when there is only one
   * @param blobs digests that some peer of the part lacks
   * @param addresses of the peers that lack them; empty when they are not known, or too many
   * @param warmPeers peers of the part that hold everything and are not among the addresses
   */
  public record Part(String name, Set<String> blobs, List<String> addresses, int warmPeers) {}
}
