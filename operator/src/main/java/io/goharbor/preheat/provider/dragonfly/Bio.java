package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.provider.PreheatOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is written into a job's {@code bio}, the only field in which a Manager keeps anything of
 * ours: the key by which the job is found again, and how many peers needed nothing more when only
 * the rest was sent to the others.
 */
record Bio(String key, int warmPeers) {
  private static final String WARM = " warm-peers=";

  /** The key of an order's job in a scheduler cluster, or wherever the Manager likes. */
  static String key(PreheatOrder order, Optional<Integer> cluster) {
    return order.id() + cluster.map(id -> "/" + id).orElse("");
  }

  /** The scheduler cluster that a key ends with; empty when there is none. */
  String cluster() {
    int slash = key.lastIndexOf('/');
    String last = key.substring(slash + 1);
    return slash > 0 && last.matches("[0-9]+") ? last : "";
  }

  /** Reads what {@link #toString} wrote; anything else is a key. */
  static Bio parse(@Nullable String text) {
    if (text == null) {
      return new Bio("", 0);
    }
    int at = text.indexOf(WARM);
    if (at < 0) {
      return new Bio(text, 0);
    }
    String count = text.substring(at + WARM.length());
    return new Bio(
        text.substring(0, at), count.matches("[0-9]{1,6}") ? Integer.parseInt(count) : 0);
  }

  @Override
  public String toString() {
    return warmPeers == 0 ? key : key + WARM + warmPeers;
  }
}
