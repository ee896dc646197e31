package io.goharbor.preheat.provider;

import io.goharbor.preheat.kube.ObjectKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the places of a lane, and who gets the free ones: higher priorities first; among
 * equals, each place goes to the group (policy) that holds the fewest, then to who has waited
 * longest. To divide takes as long as there are places to give and groups that wait, however many
 * executions do. Not safe for concurrent use: its lane guards it.
 */
final class FairShare {
  /**
   * An execution that wants places.
   *
   * @param group executions of one group share as one
   * @param since order of arrival, of each claim its own
   * @param wanted at least 1
   */
  record Claim(ObjectKey execution, String group, int priority, long since, int wanted) {}

  private final Map<ObjectKey, Claim> claims = new HashMap<>();
  private final NavigableMap<Integer, Map<String, NavigableMap<Long, Claim>>> byPriority =
      new TreeMap<>(Comparator.reverseOrder());
  private int wanted;

  /** The claim of an execution; null: it has none. */
  @Nullable Claim find(ObjectKey execution) {
    return claims.get(execution);
  }

  /** Takes a claim, in place of the one that its execution had. */
  void put(Claim claim) {
    remove(claim.execution());
    claims.put(claim.execution(), claim);
    wanted += claim.wanted();
    byPriority
        .computeIfAbsent(claim.priority(), priority -> new LinkedHashMap<>())
        .computeIfAbsent(claim.group(), group -> new TreeMap<>())
        .put(claim.since(), claim);
  }

  /** Drops the claim of an execution, if it has one. */
  void remove(ObjectKey execution) {
    Claim claim = claims.remove(execution);
    if (claim == null) {
      return;
    }
    wanted -= claim.wanted();
    byPriority.computeIfPresent(
        claim.priority(),
        (priority, groups) -> {
          groups.computeIfPresent(
              claim.group(),
              (group, inOrder) -> {
                inOrder.remove(claim.since());
                return inOrder.isEmpty() ? null : inOrder;
              });
          return groups.isEmpty() ? null : groups;
        });
  }

  /** How many executions wait. */
  int size() {
    return claims.size();
  }

  /** Places that all claims want together. */
  int wanted() {
    return wanted;
  }

  /** Places for each execution; those that get none are left out. */
  Map<ObjectKey, Integer> divide(int free, Map<String, Integer> heldByGroup) {
    Map<ObjectKey, Integer> shares = new HashMap<>();
    Map<String, Integer> held = new HashMap<>(heldByGroup);
    int left = free;
    for (Map<String, NavigableMap<Long, Claim>> groups : byPriority.values()) {
      if (left <= 0) {
        break;
      }
      List<Turn> turns = new ArrayList<>(groups.size());
      groups.forEach((group, inOrder) ->
          turns.add(new Turn(group, held.getOrDefault(group, 0), inOrder.values().iterator())));
      left = divideAmongEquals(left, new PriorityQueue<>(turns), held, shares);
    }
    return shares;
  }

  private static int divideAmongEquals(
      int free,
      PriorityQueue<Turn> turns,
      Map<String, Integer> held,
      Map<ObjectKey, Integer> shares) {
    int left = free;
    while (left > 0 && !turns.isEmpty()) {
      Turn turn = turns.remove();
      shares.merge(turn.claim.execution(), 1, Integer::sum);
      held.merge(turn.group, 1, Integer::sum);
      left--;
      if (turn.served()) {
        turns.add(turn);
      }
    }
    return left;
  }

  /** A group that waits for its next place. */
  private static final class Turn implements Comparable<Turn> {
    private final String group;
    private final Iterator<Claim> claims;
    private int held;
    private Claim claim;
    private int wanted;

    Turn(String group, int held, Iterator<Claim> claims) {
      this.group = group;
      this.held = held;
      this.claims = claims;
      this.claim = claims.next();
      this.wanted = claim.wanted();
    }

    /** It got a place; false: it wants no more. */
    boolean served() {
      held++;
      wanted--;
      if (wanted == 0) {
        if (!claims.hasNext()) {
          return false;
        }
        claim = claims.next();
        wanted = claim.wanted();
      }
      return true;
    }

    @Override
    public int compareTo(Turn other) {
      return held != other.held
          ? Integer.compare(held, other.held)
          : Long.compare(claim.since(), other.claim.since());
    }
  }
}
