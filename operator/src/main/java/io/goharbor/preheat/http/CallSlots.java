package io.goharbor.preheat.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Slots of calls that are under way, by namespace and by host. A call takes both at once, so that
 * none keeps one while it waits for the other. Of those that wait, the namespace with the fewest
 * calls under way is next, and within it who came first.
 */
final class CallSlots {
  private record Waiter(String namespace, String host, Condition called) {}

  private final int perNamespace;
  private final int perHost;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> namespaces = new HashMap<>();
  private final Map<String, Integer> hosts = new HashMap<>();
  private final List<Waiter> waiting = new ArrayList<>();

  CallSlots(int perNamespace, int perHost) {
    this.perNamespace = perNamespace;
    this.perHost = perHost;
  }

  /**
   * Takes a slot, for which {@link #leave} is to be called.
   *
   * @return what is in the way, when there was no free slot in time
   */
  Optional<String> enter(String namespace, String host, Deadline deadline)
      throws InterruptedException {
    lock.lock();
    try {
      if (free(namespace, host)) {
        take(namespace, host);
        return Optional.empty();
      }
      Waiter waiter = new Waiter(namespace, host, lock.newCondition());
      waiting.add(waiter);
      try {
        // Whoever leaves takes the slot for the one that is next, and takes it off the list.
        while (waiting.contains(waiter)) {
          long left = deadline.leftNanos();
          if (left <= 0) {
            return Optional.of(obstacle(namespace, host));
          }
          var _ = waiter.called().await(left, TimeUnit.NANOSECONDS);
        }
        return Optional.empty();
      } catch (InterruptedException e) {
        if (!waiting.contains(waiter)) {
          giveBack(namespace, host);
        }
        throw e;
      } finally {
        waiting.remove(waiter);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives a slot back. */
  void leave(String namespace, String host) {
    lock.lock();
    try {
      giveBack(namespace, host);
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(String namespace, String host) {
    namespaces.computeIfPresent(namespace, (key, held) -> held == 1 ? null : held - 1);
    hosts.computeIfPresent(host, (key, held) -> held == 1 ? null : held - 1);
    // One of the namespace and one of the host, which may be two calls.
    for (Optional<Waiter> next = next(); next.isPresent(); next = next()) {
      Waiter waiter = next.get();
      waiting.remove(waiter);
      take(waiter.namespace(), waiter.host());
      waiter.called().signal();
    }
  }

  private Optional<Waiter> next() {
    return waiting.stream()
        .filter(waiter -> free(waiter.namespace(), waiter.host()))
        .min(Comparator.comparingInt(waiter -> namespaces.getOrDefault(waiter.namespace(), 0)));
  }

  private boolean free(String namespace, String host) {
    return namespaces.getOrDefault(namespace, 0) < perNamespace
        && hosts.getOrDefault(host, 0) < perHost;
  }

  private void take(String namespace, String host) {
    namespaces.merge(namespace, 1, Integer::sum);
    hosts.merge(host, 1, Integer::sum);
  }

  private String obstacle(String namespace, String host) {
    return namespaces.getOrDefault(namespace, 0) >= perNamespace
        ? "namespace "
            + namespace
            + " has "
            + perNamespace
            + " calls under way, which is the limit http.callsPerNamespace of the operator's"
            + " configuration"
        : host
            + " has "
            + perHost
            + " calls under way, which is the limit http.callsPerHost of the operator's"
            + " configuration";
  }
}
