package io.goharbor.preheat.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which connections give way. One that shows who it is does so within a moment, so among those that
 * wait the oldest stranger is the least likely to be somebody.
 */
final class Eviction {
  /** What was sent may not have been read yet where connections come faster than that. */
  private static final Duration GRACE = Duration.ofMillis(250);

  /** There is room; so two hundred events that come at once have time until all are read. */
  private static final Duration GRACE_OF_ADDRESS = Duration.ofSeconds(1);

  private Eviction() {}

  /**
   * Which connection gives way to a new one where all places are taken: the stranger who has waited
   * longest; only where there is none, the known one that has been idle longest. Empty when it is
   * to be waited for one.
   */
  static <C> Optional<C> forNew(Collection<C> open, Function<C, ConnectionState> state, long now) {
    List<Seen<C>> seen = seen(open, state);
    boolean strangers = seen.stream().anyMatch(one -> one.state().waitingStranger());
    return seen.stream()
        .filter(one -> strangers ? one.state().waitingStranger() : one.state().idle())
        .filter(one -> one.olderThan(GRACE, now))
        .min(Eviction::byAge)
        .map(Seen::connection);
  }

  /** The oldest strangers of each address that has more of them than it may. */
  static <C> List<C> overAddress(
      Collection<C> open, Function<C, ConnectionState> state, int perAddress, long now) {
    Map<ClientAddress, List<Seen<C>>> strangers = new HashMap<>();
    for (Seen<C> one : seen(open, state)) {
      if (one.state().waitingStranger()) {
        strangers.computeIfAbsent(one.state().address(), _ -> new ArrayList<>()).add(one);
      }
    }
    List<C> over = new ArrayList<>();
    for (List<Seen<C>> ofOne : strangers.values()) {
      ofOne.sort(Eviction::byAge);
      ofOne.stream()
          .limit(Math.max(0, ofOne.size() - perAddress))
          .filter(one -> one.olderThan(GRACE_OF_ADDRESS, now))
          .map(Seen::connection)
          .forEach(over::add);
    }
    return over;
  }

  /** A state is read once: it changes while it is checked. */
  private record Seen<C>(C connection, ConnectionState state) {
    boolean olderThan(Duration age, long now) {
      return now - state.since() >= age.toNanos();
    }
  }

  private static <C> List<Seen<C>> seen(Collection<C> open, Function<C, ConnectionState> state) {
    return open.stream().map(one -> new Seen<>(one, state.apply(one))).toList();
  }

  /** Times may wrap, so only their difference means something. */
  private static <C> int byAge(Seen<C> one, Seen<C> other) {
    return Long.compare(one.state().since() - other.state().since(), 0);
  }
}
