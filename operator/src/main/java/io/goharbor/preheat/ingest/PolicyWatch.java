package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.PolicyIndex;
import io.goharbor.preheat.matching.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the index from events to policies in step with the policies; fed by an informer. A change
 * is seen by events as a whole: a policy that changes is never missing in between, which would lose
 * an event that it wants.
 */
public final class PolicyWatch implements ResourceEventHandler<PreheatPolicy>, Policies {
  private static final Logger log = LoggerFactory.getLogger(PolicyWatch.class);

  private final Semaphore lists = new Semaphore(0);
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<ObjectKey, PolicyIndex<ObjectKey>> byRegistry = new HashMap<>();
  private final Map<ObjectKey, PreheatPolicy> policies = new HashMap<>();

  @Override
  public List<Indexed> indexed(ObjectKey registry, String project, String repository) {
    List<Indexed> indexed = new ArrayList<>();
    // They are asked without the lock: many patterns of one namespace must not hold up the others.
    lock.readLock().lock();
    try {
      PolicyIndex<ObjectKey> index = byRegistry.get(registry);
      if (index != null) {
        index
            .filed(project, repository)
            .forEach((key, selector) -> {
              PreheatPolicy policy = policies.get(key);
              if (policy != null) {
                indexed.add(new Indexed(policy, selector));
              }
            });
      }
    } finally {
      lock.readLock().unlock();
    }
    return indexed;
  }

  /**
   * Waits until what the informers found at their start is indexed; their own start does not wait
   * for that.
   *
   * @param informers how many feed this watch
   * @return false when it took longer
   */
  public boolean awaitLists(int informers, Duration atMost) throws InterruptedException {
    return lists.tryAcquire(informers, atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Comes after the objects of the list. */
  @Override
  public void onList(String resourceVersion, boolean remaining) {
    lists.release();
  }

  @Override
  public void onAdd(PreheatPolicy policy) {
    ObjectKey key = ObjectKey.of(policy);
    Optional<Selector> selector = selector(policy);
    lock.writeLock().lock();
    try {
      remove(key);
      if (selector.isPresent()) {
        policies.put(key, policy);
        byRegistry
            .computeIfAbsent(
                new ObjectKey(key.namespace(), policy.getSpec().harborRef().name()),
                registry -> new PolicyIndex<>())
            .put(key, selector.get());
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void onUpdate(PreheatPolicy before, PreheatPolicy after) {
    // A change of status only, which is most of them, changes nothing here.
    if (!Objects.equals(before.getSpec(), after.getSpec())
        || !Objects.equals(before.getMetadata().getUid(), after.getMetadata().getUid())
        || after.isMarkedForDeletion()) {
      onAdd(after);
    }
  }

  @Override
  public void onDelete(PreheatPolicy policy, boolean finalStateUnknown) {
    lock.writeLock().lock();
    try {
      remove(ObjectKey.of(policy));
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The compiled selector; empty when no event can concern the policy. */
  private static Optional<Selector> selector(PreheatPolicy policy) {
    if (policy.getSpec().suspended() || policy.isMarkedForDeletion()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Selector.compile(policy.getSpec().selector()));
    } catch (IllegalArgumentException e) {
      // The policy's own condition tells it to people.
      log.atDebug()
          .addKeyValue("policy", ObjectKey.of(policy))
          .log("Not indexed: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void remove(ObjectKey key) {
    policies.remove(key);
    byRegistry
        .values()
        .removeIf(index -> {
          index.remove(key);
          return index.size() == 0;
        });
  }
}
