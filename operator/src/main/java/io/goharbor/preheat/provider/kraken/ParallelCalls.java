package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.http.RemoteCallException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** Many calls at once, but never more than so many. */
final class ParallelCalls {
  /** A call to an outside system. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws RemoteCallException;
  }

  private final Semaphore places;

  ParallelCalls(int most) {
    this.places = new Semaphore(most);
  }

  /** Handles each key on a thread of its own; the places are taken by {@link #one}. */
  <K, V> Map<K, V> each(Collection<K> keys, Function<K, V> work) {
    Map<K, V> results = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<K, CompletableFuture<V>> running = new LinkedHashMap<>();
      for (K key : keys) {
        running.put(key, CompletableFuture.supplyAsync(() -> work.apply(key), threads));
      }
      running.forEach((key, result) -> results.put(key, result.join()));
    }
    return results;
  }

  /** Makes one call when there is a place for it. */
  <T> T one(Call<T> call) throws RemoteCallException {
    places.acquireUninterruptibly();
    try {
      return call.run();
    } finally {
      places.release();
    }
  }
}
