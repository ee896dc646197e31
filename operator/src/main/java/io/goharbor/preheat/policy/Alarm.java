package io.goharbor.preheat.policy;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Moments at which policies are due. It is asked every second what has come due by the clock, and
 * so notices a clock that was set, which a timer of hours would sleep through.
 */
final class Alarm {
  private final InstantSource clock;
  private final Map<ObjectKey, Instant> moments = new HashMap<>();
  private final NavigableMap<Instant, Set<ObjectKey>> order = new TreeMap<>();

  Alarm(InstantSource clock) {
    this.clock = clock;
  }

  /** Sets the moment of a policy in place of an earlier one. */
  synchronized void set(ObjectKey policy, Instant moment) {
    Instant before = moments.put(policy, moment);
    if (!moment.equals(before)) {
      takeOut(policy, before);
      order.computeIfAbsent(moment, ignored -> new HashSet<>()).add(policy);
    }
  }

  /** Forgets a policy. */
  synchronized void forget(ObjectKey policy) {
    takeOut(policy, moments.remove(policy));
  }

  /** Takes out what is due. */
  synchronized List<ObjectKey> due() {
    List<ObjectKey> due = new ArrayList<>();
    Map<Instant, Set<ObjectKey>> passed = order.headMap(clock.instant(), true);
    passed.values().forEach(due::addAll);
    passed.clear();
    due.forEach(moments::remove);
    return due;
  }

  private void takeOut(ObjectKey policy, @Nullable Instant moment) {
    if (moment != null) {
      order.computeIfPresent(
          moment,
          (ignored, names) -> {
            names.remove(policy);
            return names.isEmpty() ? null : names;
          });
    }
  }
}
