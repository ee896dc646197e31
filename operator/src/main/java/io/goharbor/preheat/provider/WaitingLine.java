package io.goharbor.preheat.provider;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Who waits in a lane, and whom to call: for a free place, those who can use it; for the end of
 * some work, those who want the same. To call all would take the longer the more wait. Not safe for
 * concurrent use: its lane guards it.
 */
final class WaitingLine {
  private final FairShare claims;
  private final Map<ObjectKey, Instant> waitingSince = new HashMap<>();
  private final Map<DedupKey, Set<ObjectKey>> awaitingWork = new HashMap<>();

  /** Who was told of a free place and has not asked since. */
  private final Set<ObjectKey> called = new HashSet<>();

  private long arrivals;

  /**
   * Nobody waits yet.
   *
   * @param owner the provider's own namespace, which need not leave room for others
   */
  WaitingLine(String owner) {
    claims = new FairShare(namespace -> !namespace.equals(owner));
  }

  /** Executions that wait for places. */
  int executions() {
    return claims.size();
  }

  /** Places that they want together. */
  int tasks() {
    return claims.wanted();
  }

  /** How long one has waited, at most. */
  Duration longest(Instant now) {
    return waitingSince.values().stream()
        .min(Comparator.naturalOrder())
        .map(since -> Duration.between(since, now))
        .filter(age -> !age.isNegative())
        .orElse(Duration.ZERO);
  }

  /**
   * Notes how many places an execution wants; it keeps its turn.
   *
   * @param ceiling at which its priority counts among namespaces at the most
   */
  void wants(Lane.Asker asker, int ceiling, int places, Instant now) {
    ObjectKey execution = asker.execution();
    if (places == 0) {
      claims.remove(execution);
      waitingSince.remove(execution);
      return;
    }
    waitingSince.putIfAbsent(execution, now);
    FairShare.Claim before = claims.find(execution);
    claims.put(
        new FairShare.Claim(
            execution,
            asker.group(),
            asker.priority(),
            ceiling,
            before == null ? arrivals++ : before.since(),
            places));
  }

  /** Orders those who wait anew, by other ceilings of their namespaces. */
  void reorder(ToIntFunction<String> ceilings) {
    for (FairShare.Claim claim : claims.all()) {
      claims.put(claim.under(ceilings.applyAsInt(claim.group().namespace())));
    }
  }

  /** Notes that an execution waits for the end of work that another has begun. */
  void awaits(ObjectKey execution, DedupKey work) {
    awaitingWork.computeIfAbsent(work, same -> new HashSet<>()).add(execution);
  }

  /** The work ended: those who waited for it, who are forgotten. */
  Set<ObjectKey> ended(DedupKey work) {
    Set<ObjectKey> awaiting = awaitingWork.remove(work);
    return awaiting == null ? Set.of() : awaiting;
  }

  /** An execution asks, so that it may be called again. */
  void came(ObjectKey execution) {
    called.remove(execution);
  }

  /** Who was called and did not come may be called again. */
  void callAgain() {
    called.clear();
  }

  /** Forgets that an execution waits for places; false: it did not. */
  boolean leaves(ObjectKey execution) {
    if (claims.find(execution) == null) {
      return false;
    }
    claims.remove(execution);
    waitingSince.remove(execution);
    called.remove(execution);
    return true;
  }

  /** How many of the free places an execution gets. */
  int share(ObjectKey execution, int free, Map<ObjectKey, Integer> heldByGroup) {
    return claims.divide(free, heldByGroup).getOrDefault(execution, 0);
  }

  /** Those who get free places and do not know yet. */
  List<ObjectKey> call(int free, Map<ObjectKey, Integer> heldByGroup) {
    return claims.divide(free, heldByGroup).keySet().stream().filter(called::add).toList();
  }
}
