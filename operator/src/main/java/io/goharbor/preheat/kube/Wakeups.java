package io.goharbor.preheat.kube;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who waits for what. An execution or policy that is held notes what holds it; whoever sees that
 * thing change wakes it. In memory only: after a restart every object is checked once anyway.
 */
public final class Wakeups {
  /**
   * A thing to wait for.
   *
   * @param kind kind of the resource, such as P2PProvider
   */
  public record Subject(String kind, ObjectKey key) {}

  /** Who waits. */
  private record Waiter(boolean policy, ObjectKey key) {}

  private final ConcurrentHashMap<Subject, Set<Waiter>> waiting = new ConcurrentHashMap<>();
  private volatile Consumer<ObjectKey> executionWaker = execution -> {};
  private volatile Consumer<ObjectKey> policyWaker = policy -> {};

  /** Sets how an execution is woken; called once, when its controller starts. */
  public void wakeExecutionsBy(Consumer<ObjectKey> how) {
    executionWaker = how;
  }

  /** Sets how a policy is woken; called once, when its controller starts. */
  public void wakePoliciesBy(Consumer<ObjectKey> how) {
    policyWaker = how;
  }

  /** Wakes one execution now. */
  public void wake(ObjectKey execution) {
    executionWaker.accept(execution);
  }

  /** Wakes one policy now. */
  public void wakePolicy(ObjectKey policy) {
    policyWaker.accept(policy);
  }

  /** Notes that an execution waits for a thing. */
  public void await(Subject subject, ObjectKey execution) {
    await(subject, new Waiter(false, execution));
  }

  /** Notes that a policy waits for a thing. */
  public void awaitAsPolicy(Subject subject, ObjectKey policy) {
    await(subject, new Waiter(true, policy));
  }

  private void await(Subject subject, Waiter waiter) {
    waiting.computeIfAbsent(subject, ignored -> ConcurrentHashMap.newKeySet()).add(waiter);
  }

  /** The thing changed: wakes all that wait for it. */
  public void changed(Subject subject) {
    Set<Waiter> waiters = waiting.remove(subject);
    if (waiters != null) {
      waiters.forEach(
          waiter -> (waiter.policy() ? policyWaker : executionWaker).accept(waiter.key()));
    }
  }
}
