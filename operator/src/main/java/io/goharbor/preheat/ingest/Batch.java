package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is asked of one policy within one window: one execution. Its name follows from what is in
 * it, so a batch that is stored a second time, because nobody knows whether the first time worked,
 * is the same object.
 *
 * <p>Filled and started by the gatherer's thread, stored by another.
 */
final class Batch {
  /** Far below the thousand that the schema permits, so that a run's status stays small too. */
  static final int MAX_ARTIFACTS = 200;

  private final PreheatPolicy policy;
  private final Map<String, ArtifactRef> artifacts = new TreeMap<>();
  private final Map<String, CompletableFuture<String>> stored = new ConcurrentHashMap<>();

  Batch(PreheatPolicy policy) {
    this.policy = policy;
  }

  void add(Wish wish) {
    artifacts.put(wish.key(), wish.artifact());
    stored.put(wish.key(), new CompletableFuture<>());
  }

  boolean full() {
    return artifacts.size() >= MAX_ARTIFACTS;
  }

  int size() {
    return artifacts.size();
  }

  /** Name of the execution that holds the wish, once it is stored. */
  CompletableFuture<String> stored(String key) {
    CompletableFuture<String> future = stored.get(key);
    if (future == null) {
      throw new IllegalArgumentException("not in this batch: " + key);
    }
    return future;
  }

  /** Whether a try ended and left something out. */
  boolean failed() {
    return stored.values().stream().allMatch(CompletableFuture::isDone)
        && stored.values().stream().anyMatch(CompletableFuture::isCompletedExceptionally);
  }

  /** Makes ready for another try. */
  void again() {
    stored.replaceAll(
        (key, future) -> future.isCompletedExceptionally() ? new CompletableFuture<>() : future);
  }

  /**
   * Stores the execution. Where the API server refuses it, each event is stored by itself, so that
   * one which cannot be stored does not take its neighbours with it.
   */
  void store(ExecutionStore store) {
    try {
      String name = store(store, artifacts.keySet(), artifacts.values());
      stored.values().forEach(future -> future.complete(name));
    } catch (ExecutionStore.RefusedException e) {
      artifacts.forEach((key, artifact) -> {
        try {
          if (artifacts.size() == 1) {
            throw e;
          }
          stored(key).complete(store(store, List.of(key), List.of(artifact)));
        } catch (RuntimeException alone) {
          stored(key).completeExceptionally(alone);
        }
      });
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  void fail(RuntimeException why) {
    stored.values().forEach(future -> future.completeExceptionally(why));
  }

  private String store(ExecutionStore store, Collection<String> keys, Collection<ArtifactRef> of) {
    PreheatExecution execution =
        ExecutionFactory.of(
            policy, Trigger.EVENT, String.join("\n", keys), of.stream().distinct().toList());
    store.store(execution);
    return ObjectKey.of(execution).toString();
  }
}
