package io.goharbor.preheat.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what events ask for, many events in one object. The first event of a group waits for
 * others for some milliseconds; then one execution is created for each policy. While the API server
 * is busy with as many as may be under way, events wait and the next group grows.
 *
 * <p>An event is answered when all of its executions are stored. A redelivery finds in memory the
 * batch that its event went into: what is stored is not stored again, and what failed is tried
 * again as the same object under the same name, since a create whose answer was lost may have
 * worked. That memory is this replica's, and bounded. A redelivery that reaches another replica, or
 * comes after a restart, makes another execution; that costs one look at Harbor when it is planned,
 * and the lanes see to it that one digest is one job.
 */
public final class GroupCommitter implements AutoCloseable {
  private record Pending(List<Wish> wishes, CompletableFuture<List<String>> stored) {}

  /** Harbor hangs up after three seconds. */
  static final Duration ANSWER_WITHIN = Duration.ofMillis(2_500);

  private static final Logger log = LoggerFactory.getLogger(GroupCommitter.class);
  private static final int QUEUE = 4096;
  private static final Duration GATHER = Duration.ofMillis(25);
  private static final int WRITES_AT_ONCE = 16;

  // Harbor's third and last try comes some 200 seconds after the first; its queue may add to that.
  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final int MAX_REMEMBERED = 20_000;

  private final ExecutionStore store;
  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Cache<String, Batch> recent =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();
  private final Semaphore writes = new Semaphore(WRITES_AT_ONCE);
  private final ExecutorService writers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("commit-", 0).factory());
  private final Thread gatherer;
  private volatile boolean closed;

  /** Commits to the given store. */
  public GroupCommitter(ExecutionStore store) {
    this.store = store;
    this.gatherer = Thread.ofVirtual().name("group-committer").start(this::run);
  }

  /**
   * Asks for executions.
   *
   * @return their names as namespace/name once they are stored; fails when they cannot be, at once
   *     when too many events wait, and at the latest in time to tell Harbor so
   */
  CompletableFuture<List<String>> commit(List<Wish> wishes) {
    CompletableFuture<List<String>> stored = new CompletableFuture<>();
    if (closed || !queue.offer(new Pending(wishes, stored))) {
      stored.completeExceptionally(new IllegalStateException("too many events wait"));
      return stored;
    }
    return stored.orTimeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How many events wait for a group. */
  int waiting() {
    return queue.size();
  }

  /** Stores what was asked for, then ends. */
  @Override
  public void close() {
    closed = true;
    try {
      gatherer.join(ANSWER_WITHIN);
      writers.shutdown();
      if (!writers.awaitTermination(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Some events were not stored before the end; Harbor sends them again");
        writers.shutdownNow();
      }
      gatherer.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed || !queue.isEmpty()) {
        Pending first = queue.poll(100, TimeUnit.MILLISECONDS);
        if (first != null) {
          start(assign(gather(first)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Pending> gather(Pending first) throws InterruptedException {
    List<Pending> group = new ArrayList<>(List.of(first));
    int wishes = first.wishes().size();
    long until = System.nanoTime() + GATHER.toNanos();
    while (wishes < Batch.MAX_ARTIFACTS) {
      Pending next = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        break;
      }
      group.add(next);
      wishes += next.wishes().size();
    }
    return group;
  }

  /** Puts each wish into a batch. Only the gatherer does so, so no two batches get the same one. */
  private List<Batch> assign(List<Pending> group) {
    Map<String, Batch> open = new HashMap<>();
    List<Batch> toStore = new ArrayList<>();
    for (Pending pending : group) {
      // It waited too long and was told to come again; in an overload that is work saved.
      if (pending.stored().isDone()) {
        continue;
      }
      List<CompletableFuture<String>> parts = new ArrayList<>();
      for (Wish wish : pending.wishes()) {
        Batch batch = recent.getIfPresent(wish.id());
        if (batch == null) {
          batch =
              open.compute(
                  wish.policy().getMetadata().getUid(),
                  (uid, now) -> now == null || now.full() ? opened(wish, toStore) : now);
          batch.add(wish);
          recent.put(wish.id(), batch);
        } else if (batch.failed()) {
          batch.again();
          toStore.add(batch);
        }
        parts.add(batch.stored(wish.key()));
      }
      var _ =
          CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
              .whenComplete((ignored, failure) -> {
                if (failure == null) {
                  pending
                      .stored()
                      .complete(parts.stream().map(CompletableFuture::join).distinct().toList());
                } else {
                  pending.stored().completeExceptionally(failure);
                }
              });
    }
    return toStore;
  }

  private static Batch opened(Wish wish, List<Batch> toStore) {
    Batch batch = new Batch(wish.policy());
    toStore.add(batch);
    return batch;
  }

  private void start(List<Batch> batches) throws InterruptedException {
    for (Batch batch : batches) {
      writes.acquire();
      writers.execute(() -> {
        try {
          batch.store(store);
        } finally {
          // Only what is not settled yet, which is nothing unless an Error came up.
          batch.fail(new IllegalStateException("not stored"));
          writes.release();
        }
      });
    }
  }
}
