package io.goharbor.preheat.e2e.sim.kraken;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Which origins own a blob: rendezvous hashing, of which Kraken takes the healthy ones. */
final class HashRing {
  private final int members;
  private final int maxReplica;
  private final Set<Integer> unhealthy = ConcurrentHashMap.newKeySet();
  private final Set<Integer> gone = ConcurrentHashMap.newKeySet();

  HashRing(int members, int maxReplica) {
    this.members = members;
    this.maxReplica = maxReplica;
  }

  /** Takes a member out of the ring, or back in; the others' blobs stay where they are. */
  void member(int member, boolean is) {
    if (is) {
      gone.remove(member);
    } else {
      gone.add(member);
    }
  }

  void healthy(int member, boolean is) {
    if (is) {
      unhealthy.remove(member);
    } else {
      unhealthy.add(member);
    }
  }

  /**
   * The healthy ones among the owners; if there are none, the next healthy one; if no one is
   * healthy, the first owner.
   */
  List<Integer> owners(String digest) {
    List<Integer> order =
        IntStream.range(0, members)
            .boxed()
            .filter(member -> !gone.contains(member))
            .sorted(Comparator.comparing((Integer member) -> weight(member, digest)).reversed())
            .toList();
    List<Integer> healthy =
        order.stream().limit(maxReplica).filter(member -> !unhealthy.contains(member)).toList();
    if (!healthy.isEmpty()) {
      return healthy;
    }
    return List.of(
        order.stream()
            .filter(member -> !unhealthy.contains(member))
            .findFirst()
            .orElse(order.getFirst()));
  }

  private static String weight(int member, String digest) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest((member + " " + digest).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
