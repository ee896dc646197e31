package io.goharbor.preheat.engine;

import io.goharbor.preheat.kube.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the slots of a provider, and who gets the free ones. Each slot goes to
 *
 * <ol>
 *   <li>the highest priority, as far as the provider's owner lets it count among namespaces;
 *   <li>among equals, the namespace that holds the fewest slots;
 *   <li>in that namespace, the highest priority of its own;
 *   <li>among equals, the group (policy) that holds the fewest;
 *   <li>in that group, whoever has waited longest.
 * </ol>
 *
 * <p>Namespaces that are to leave room get no more than three times as many slots as stay free, so
 * that one whose downloads never end does not keep all.
 *
 * <p>To divide takes as long as there are slots to give and groups that wait, however many
 * executions do. Not safe for concurrent use: its queue guards it.
 */
final class FairShare {
  /**
   * An execution that wants slots.
   *
   * @param group executions of one group share as one; its namespace is theirs
   * @param priority in its namespace
   * @param ceiling at which its priority counts among namespaces at the most
   * @param since order of arrival, of each claim its own
   * @param wanted at least 1
   */
  record Claim(
      ObjectKey execution, ObjectKey group, int priority, int ceiling, long since, int wanted) {

    /** What the priority counts among namespaces. */
    int rank() {
      return Math.min(priority, ceiling);
    }

    /** The same under another ceiling. */
    Claim under(int other) {
      return new Claim(execution, group, priority, other, since, wanted);
    }
  }

  /** How many times as many slots a namespace may hold as it leaves free. */
  private static final int HELD_TO_FREE = 3;

  private final Predicate<String> leavesRoom;
  private final Map<ObjectKey, Claim> claims = new HashMap<>();
  private final NavigableMap<Integer, Map<String, Line>> byRank = descending();
  private int wanted;

  /**
   * No one waits yet.
   *
   * @param leavesRoom whether a namespace is to leave slots for others
   */
  FairShare(Predicate<String> leavesRoom) {
    this.leavesRoom = leavesRoom;
  }

  /** The claim of an execution; null: it has none. */
  @Nullable Claim find(ObjectKey execution) {
    return claims.get(execution);
  }

  /** All claims. */
  Collection<Claim> all() {
    return List.copyOf(claims.values());
  }

  /** Takes a claim, in place of the one that its execution had. */
  void put(Claim claim) {
    remove(claim.execution());
    claims.put(claim.execution(), claim);
    wanted += claim.wanted();
    byRank
        .computeIfAbsent(claim.rank(), rank -> new LinkedHashMap<>())
        .computeIfAbsent(claim.group().namespace(), namespace -> new Line())
        .add(claim);
  }

  /** Drops the claim of an execution, if it has one. */
  void remove(ObjectKey execution) {
    Claim claim = claims.remove(execution);
    if (claim == null) {
      return;
    }
    wanted -= claim.wanted();
    byRank.computeIfPresent(
        claim.rank(),
        (rank, namespaces) -> {
          namespaces.computeIfPresent(
              claim.group().namespace(), (namespace, line) -> line.without(claim) ? null : line);
          return namespaces.isEmpty() ? null : namespaces;
        });
  }

  /** How many executions wait. */
  int size() {
    return claims.size();
  }

  /** Slots that all claims want together. */
  int wanted() {
    return wanted;
  }

  /** Slots for each execution; those that get none are left out. */
  Map<ObjectKey, Integer> divide(int free, Map<ObjectKey, Integer> heldByGroup) {
    Map<ObjectKey, Integer> shares = new HashMap<>();
    Map<ObjectKey, Integer> ofGroups = new HashMap<>(heldByGroup);
    Map<String, Integer> ofNamespaces = new HashMap<>();
    heldByGroup.forEach((group, held) -> ofNamespaces.merge(group.namespace(), held, Integer::sum));
    int left = free;
    for (Map<String, Line> namespaces : byRank.values()) {
      if (left <= 0) {
        break;
      }
      PriorityQueue<Turn<NextOfNamespace>> turns = new PriorityQueue<>();
      namespaces.forEach((namespace, line) ->
          turns.add(
              new Turn<>(
                  ofNamespaces.getOrDefault(namespace, 0), new NextOfNamespace(line, ofGroups))));
      while (left > 0 && !turns.isEmpty()) {
        if (hasItsPart(turns.element(), left)) {
          turns.remove();
          continue;
        }
        left--;
        Claim served = serveFirst(turns);
        shares.merge(served.execution(), 1, Integer::sum);
        ofGroups.merge(served.group(), 1, Integer::sum);
        ofNamespaces.merge(served.group().namespace(), 1, Integer::sum);
      }
    }
    return shares;
  }

  /** Slots are never taken back, so whoever comes later must find some. */
  private boolean hasItsPart(Turn<NextOfNamespace> turn, int left) {
    Claim claim = turn.next.claim();
    return claim != null
        && turn.held >= HELD_TO_FREE * left
        && leavesRoom.test(claim.group().namespace());
  }

  /** Gives one slot to the first of those that wait for their turn. */
  private static <N extends Next> Claim serveFirst(PriorityQueue<Turn<N>> turns) {
    Turn<N> turn = turns.remove();
    Claim served = turn.next.serve();
    turn.held++;
    if (turn.next.claim() != null) {
      turns.add(turn);
    }
    return served;
  }

  private static <V> NavigableMap<Integer, V> descending() {
    return new TreeMap<>(Comparator.reverseOrder());
  }

  /** The claims of one namespace and rank: by priority, group and arrival. */
  private static final class Line {
    private final NavigableMap<Integer, Map<ObjectKey, NavigableMap<Long, Claim>>> byPriority =
        descending();

    void add(Claim claim) {
      byPriority
          .computeIfAbsent(claim.priority(), priority -> new LinkedHashMap<>())
          .computeIfAbsent(claim.group(), group -> new TreeMap<>())
          .put(claim.since(), claim);
    }

    /** Removes a claim; true when none is left. */
    boolean without(Claim claim) {
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
      return byPriority.isEmpty();
    }
  }

  /** Claims in the order in which they are served. */
  private interface Next {
    /** The claim that gets the next slot; null: no claim is left. */
    @Nullable Claim claim();

    /** Gives it one. */
    Claim serve();
  }

  /** One of those that wait for a slot, before others by what it holds. */
  private static final class Turn<N extends Next> implements Comparable<Turn<N>> {
    private final N next;
    private int held;

    Turn(int held, N next) {
      this.held = held;
      this.next = next;
    }

    @Override
    public int compareTo(Turn<N> other) {
      return held != other.held
          ? Integer.compare(held, other.held)
          : Long.compare(since(), other.since());
    }

    private long since() {
      Claim claim = next.claim();
      return claim == null ? Long.MAX_VALUE : claim.since();
    }
  }

  /** The claims of a namespace: the highest priority first, groups of equal priority in turns. */
  private static final class NextOfNamespace implements Next {
    private final Iterator<Map<ObjectKey, NavigableMap<Long, Claim>>> priorities;
    private final Map<ObjectKey, Integer> heldByGroup;
    private PriorityQueue<Turn<NextOfGroup>> groups = new PriorityQueue<>();

    NextOfNamespace(Line line, Map<ObjectKey, Integer> heldByGroup) {
      this.priorities = line.byPriority.values().iterator();
      this.heldByGroup = heldByGroup;
      refill();
    }

    private void refill() {
      if (groups.isEmpty() && priorities.hasNext()) {
        List<Turn<NextOfGroup>> turns = new ArrayList<>();
        priorities
            .next()
            .forEach((group, inOrder) ->
                turns.add(
                    new Turn<>(
                        heldByGroup.getOrDefault(group, 0),
                        new NextOfGroup(inOrder.values().iterator()))));
        groups = new PriorityQueue<>(turns);
      }
    }

    @Override
    public @Nullable Claim claim() {
      Turn<NextOfGroup> first = groups.peek();
      return first == null ? null : first.next.claim();
    }

    @Override
    public Claim serve() {
      Claim served = serveFirst(groups);
      refill();
      return served;
    }
  }

  /** The claims of a group, in order of arrival. */
  private static final class NextOfGroup implements Next {
    private final Iterator<Claim> claims;
    private @Nullable Claim claim;
    private int wanted;

    NextOfGroup(Iterator<Claim> claims) {
      this.claims = claims;
      advance();
    }

    private void advance() {
      claim = claims.hasNext() ? claims.next() : null;
      wanted = claim == null ? 0 : claim.wanted();
    }

    @Override
    public @Nullable Claim claim() {
      return claim;
    }

    @Override
    public Claim serve() {
      Claim served = Objects.requireNonNull(claim);
      wanted--;
      if (wanted == 0) {
        advance();
      }
      return served;
    }
  }
}
