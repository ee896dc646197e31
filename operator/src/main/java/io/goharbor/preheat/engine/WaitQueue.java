package io.goharbor.preheat.engine;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * The executions that wait for slots of a provider, and whom to wake when some are free. Not safe
 * for concurrent use: its queue guards it.
 */
final class WaitQueue {
  /** Who was woken and does not state what it wants within that is passed over. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final FairShare claims;
  private final Map<ObjectKey, Instant> waitingSince = new HashMap<>();

  /** Who was woken, and when, and has not stated anything since. */
  private final Map<ObjectKey, Instant> woken = new HashMap<>();

  private long arrivals;

  /**
   * Nothing waits yet.
   *
   * @param owner the provider's own namespace, which need not leave slots for others
   */
  WaitQueue(String owner) {
    claims = new FairShare(namespace -> !namespace.equals(owner));
  }

  /** Executions that wait for slots. */
  int executions() {
    return claims.size();
  }

  /** Slots that they want together. */
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
   * States how many slots an execution waits for; it keeps its turn.
   *
   * @param ceiling at which its priority counts among namespaces at the most
   */
  void state(Demand demand, int ceiling, int slots, Instant now) {
    ObjectKey execution = demand.execution();
    woken.remove(execution);
    if (slots == 0) {
      remove(execution);
      return;
    }
    waitingSince.putIfAbsent(execution, now);
    FairShare.Claim before = claims.find(execution);
    claims.put(
        new FairShare.Claim(
            execution,
            demand.group(),
            demand.priority(),
            ceiling,
            before == null ? arrivals++ : before.since(),
            slots));
  }

  private void remove(ObjectKey execution) {
    claims.remove(execution);
    waitingSince.remove(execution);
    woken.remove(execution);
  }

  /** Orders those who wait again, by other ceilings of their namespaces. */
  void reorder(ToIntFunction<String> ceilings) {
    for (FairShare.Claim claim : claims.all()) {
      claims.put(claim.under(ceilings.applyAsInt(claim.group().namespace())));
    }
  }

  /** How many of the free slots an execution gets. */
  int share(ObjectKey execution, int free, Map<ObjectKey, Integer> heldByGroup, Instant now) {
    passOver(now);
    return claims.divide(free, heldByGroup).getOrDefault(execution, 0);
  }

  /** Those who get free slots and were not told yet. */
  List<ObjectKey> wake(int free, Map<ObjectKey, Integer> heldByGroup, Instant now) {
    passOver(now);
    return claims.divide(free, heldByGroup).keySet().stream()
        .filter(execution -> woken.putIfAbsent(execution, now) == null)
        .toList();
  }

  /** One that was woken and does not come leaves the queue. */
  private void passOver(Instant now) {
    List<ObjectKey> absent =
        woken.entrySet().stream()
            .filter(entry -> !now.isBefore(entry.getValue().plus(PATIENCE)))
            .map(Map.Entry::getKey)
            .toList();
    // It is stated again by its next reconcile.
    absent.forEach(this::remove);
  }
}
