package io.goharbor.preheat.kube;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who waits for what. An execution that is held notes what holds it; whoever sees that thing change
 * wakes it. In memory only: after a restart every execution is looked at once anyway.
 */
public final class Wakeups {
  /**
   * A thing to wait for.
   *
   * @param kind kind of the resource, such as P2PProvider
   */
  public record Subject(String kind, ObjectKey key) {}

  private final ConcurrentHashMap<Subject, Set<ObjectKey>> waiting = new ConcurrentHashMap<>();
  private volatile Consumer<ObjectKey> waker = execution -> {};

  /** Sets how an execution is woken; called once, when the controller starts. */
  public void wakeBy(Consumer<ObjectKey> how) {
    waker = how;
  }

  /** Wakes one execution now. */
  public void wake(ObjectKey execution) {
    waker.accept(execution);
  }

  /** Notes that an execution waits for a thing. */
  public void await(Subject subject, ObjectKey execution) {
    waiting.computeIfAbsent(subject, ignored -> ConcurrentHashMap.newKeySet()).add(execution);
  }

  /** The thing changed: wakes all that wait for it. */
  public void changed(Subject subject) {
    Set<ObjectKey> executions = waiting.remove(subject);
    if (executions != null) {
      executions.forEach(waker);
    }
  }
}
