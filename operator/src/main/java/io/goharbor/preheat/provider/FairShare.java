package io.goharbor.preheat.provider;

import io.goharbor.preheat.kube.ObjectKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who gets the free places of a lane: higher priorities first; among equals, each place goes to the
 * group (policy) that holds the fewest, then to who has waited longest.
 */
final class FairShare {
  /**
   * An execution that wants places.
   *
   * @param group executions of one group share as one
   * @param since order of arrival
   */
  record Claim(ObjectKey execution, String group, int priority, long since, int wanted) {}

  private FairShare() {}

  /** Places for each execution; those that get none are left out. */
  static Map<ObjectKey, Integer> divide(
      int free, Collection<Claim> claims, Map<String, Integer> heldByGroup) {
    Map<ObjectKey, Integer> shares = new HashMap<>();
    Map<String, Integer> held = new HashMap<>(heldByGroup);
    List<Integer> priorities =
        claims.stream().map(Claim::priority).distinct().sorted(Comparator.reverseOrder()).toList();
    int left = free;
    for (int priority : priorities) {
      List<Claim> equals =
          claims.stream()
              .filter(claim -> claim.priority() == priority)
              .sorted(Comparator.comparingLong(Claim::since))
              .toList();
      left = divideAmongEquals(left, equals, held, shares);
    }
    return shares;
  }

  private static int divideAmongEquals(
      int free, List<Claim> claims, Map<String, Integer> held, Map<ObjectKey, Integer> shares) {
    int left = free;
    while (left > 0) {
      Claim next = null;
      int least = Integer.MAX_VALUE;
      for (Claim claim : claims) {
        int has = held.getOrDefault(claim.group(), 0);
        if (shares.getOrDefault(claim.execution(), 0) < claim.wanted() && has < least) {
          next = claim;
          least = has;
        }
      }
      if (next == null) {
        break;
      }
      shares.merge(next.execution(), 1, Integer::sum);
      held.merge(next.group(), 1, Integer::sum);
      left--;
    }
    return left;
  }
}
