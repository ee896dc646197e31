package io.goharbor.preheat.e2e.sim;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The programmable faults of a simulator; the first that matches a request happens. */
public final class Faults {
  private record Rule(Predicate<Ask> when, AtomicInteger left, Fault fault) {}

  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /** Lets the next {@code times} matching requests go wrong. */
  public void next(int times, Predicate<Ask> when, Fault fault) {
    rules.add(new Rule(when, new AtomicInteger(times), fault));
  }

  /** Lets every matching request go wrong until {@link #clear}. */
  public void always(Predicate<Ask> when, Fault fault) {
    next(Integer.MAX_VALUE, when, fault);
  }

  /** Ends all faults. */
  public void clear() {
    rules.clear();
  }

  /** Matches a method and a part of the path. */
  public static Predicate<Ask> on(String method, String pathPart) {
    return ask -> ask.method().equals(method) && ask.rawPath().contains(pathPart);
  }

  Optional<Fault> of(Ask ask) {
    for (Rule rule : rules) {
      if (rule.when().test(ask) && rule.left().getAndUpdate(left -> left > 0 ? left - 1 : 0) > 0) {
        return Optional.of(rule.fault());
      }
    }
    return Optional.empty();
  }
}
