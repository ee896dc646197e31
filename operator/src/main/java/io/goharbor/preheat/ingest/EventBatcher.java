package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.ingest.DedupCache.Known;
import io.goharbor.preheat.plan.EventTime;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what events ask for, many events in one object. The first event of a group waits for
 * others for some milliseconds; then one execution is created for each policy. While the API server
 * is busy with as many as may be under way, events wait and the next group grows.
 *
 * <p>An event is answered when all of its executions are stored. A redelivery finds the execution
 * that its event went into, whatever else it comes with: what is stored is not stored again, and
 * what failed is tried again as the same object under the same name, since a create whose answer
 * was lost may have worked. See {@link DedupCache}.
 */
public final class EventBatcher implements AutoCloseable {
  private record Pending(
      List<PreheatRequest> requests, long bytes, CompletableFuture<List<String>> stored) {}

  /** Harbor hangs up after three seconds. */
  static final Duration ANSWER_WITHIN = Duration.ofMillis(2_500);

  private static final Logger log = LoggerFactory.getLogger(EventBatcher.class);
  private static final Duration LOOK = Duration.ofMillis(100);

  /** A group waits for a slot among the writes, which end by the limit of ingest.apiTimeout. */
  private static final Duration WITHIN = Duration.ofMinutes(1);

  /** What is in a group is remembered, so a burst of large events must not be one. */
  private static final int MAX_WISHES = 2_000;

  private final InstantSource clock;
  private final DedupCache memory;
  private final EventBatchWriter writer;
  private final Duration gather;
  private final ByteBudget budget;
  private final BlockingQueue<Pending> queue;
  private final Semaphore writes;
  private final ExecutorService writers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("commit-", 0).factory());
  private final Loop gatherer;
  private volatile boolean closed;

  /** Commits to the given store within the usual limits. */
  EventBatcher(ExecutionStore store, InstantSource clock, Supervisor supervisor) {
    this(store, clock, IngestLimits.DEFAULT, supervisor);
  }

  /** Commits to the given store. */
  public EventBatcher(
      ExecutionStore store, InstantSource clock, IngestLimits limits, Supervisor supervisor) {
    this.clock = clock;
    this.gather = limits.gather();
    this.budget = new ByteBudget(limits.waitingMemory());
    this.queue = new ArrayBlockingQueue<>(limits.waiting());
    this.writes = new Semaphore(limits.writes());
    this.memory = new DedupCache(clock, limits.eventMemory());
    this.writer = new EventBatchWriter(store, memory);
    this.gatherer = supervisor.loop("group-committer", WITHIN, this::gatherOne);
  }

  /**
   * An execution is stored, by this replica or another; to be told of all, also of those that were
   * stored before the start, and as often as they change.
   */
  public void there(PreheatExecution execution) {
    memory.there(execution);
  }

  /**
   * Asks for executions.
   *
   * @return their names as namespace/name once they are stored; fails when they cannot be, at once
   *     when too many events wait, and at the latest in time to tell Harbor so
   */
  CompletableFuture<List<String>> commit(List<PreheatRequest> requests) {
    long bytes = requests.stream().mapToLong(PreheatRequest::bytes).sum();
    CompletableFuture<List<String>> stored = new CompletableFuture<>();
    if (budget.neverHolds(bytes)) {
      stored.completeExceptionally(
          new ExecutionStore.RefusedException(
              "policies and artifacts of one event make too much to store"));
    } else if (closed || !budget.take(bytes)) {
      stored.completeExceptionally(new RejectedExecutionException("too many events wait"));
    } else if (!queue.offer(new Pending(requests, bytes, stored))) {
      budget.give(bytes);
      stored.completeExceptionally(new RejectedExecutionException("too many events wait"));
    } else {
      return stored.orTimeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }
    return stored;
  }

  /** How many events wait for a group. */
  int waiting() {
    return queue.size();
  }

  /** Roughly how many bytes of heap the wishes take that are not stored yet. */
  long bytes() {
    return budget.taken();
  }

  /** Stores what was asked for, then ends. */
  @Override
  public void close() {
    closed = true;
    try {
      long until = System.nanoTime() + ANSWER_WITHIN.toNanos();
      while (!queue.isEmpty() && System.nanoTime() - until < 0) {
        Thread.sleep(LOOK.toMillis() / 10);
      }
      gatherer.end(Duration.ofNanos(until - System.nanoTime()));
      writers.shutdown();
      if (!writers.awaitTermination(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Some events were not stored before the end; Harbor sends them again");
        writers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void gatherOne() throws InterruptedException {
    Pending first = queue.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      start(assign(gather(first)));
    }
  }

  private List<Pending> gather(Pending first) throws InterruptedException {
    List<Pending> group = new ArrayList<>(List.of(first));
    int requests = first.requests().size();
    long until = System.nanoTime() + gather.toNanos();
    while (group.size() < EventBatch.MAX_ARTIFACTS && requests < MAX_WISHES) {
      Pending next = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        break;
      }
      group.add(next);
      requests += next.requests().size();
    }
    return group;
  }

  private List<EventBatch> assign(List<Pending> group) {
    Map<String, EventBatch> open = new HashMap<>();
    List<EventBatch> toStore = new ArrayList<>();
    for (Pending pending : group) {
      // It waited too long and was told to come again; in an overload that is work saved.
      if (pending.stored().isDone()) {
        budget.give(pending.bytes());
        continue;
      }
      List<CompletableFuture<String>> parts = new ArrayList<>();
      for (PreheatRequest request : pending.requests()) {
        try {
          parts.add(assign(request, open, toStore));
        } catch (RuntimeException e) {
          // One that cannot be assigned must not end the thread that assigns all.
          parts.add(CompletableFuture.failedFuture(e));
        }
      }
      var _ =
          CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
              .whenComplete((ignored, failure) -> {
                budget.give(pending.bytes());
                if (failure == null) {
                  pending
                      .stored()
                      .complete(parts.stream().map(CompletableFuture::join).distinct().toList());
                } else {
                  pending.stored().completeExceptionally(worst(parts));
                }
              });
    }
    return toStore;
  }

  /** Puts a wish into a batch. Only the gatherer does so, so no two batches get the same one. */
  private CompletableFuture<String> assign(
      PreheatRequest request, Map<String, EventBatch> open, List<EventBatch> toStore) {
    String mark = request.mark();
    return switch (memory.find(mark).orElse(null)) {
      case Known.Stored stored -> CompletableFuture.completedFuture(stored.name());
      case Known.Open(EventBatch batch) when batch.failed() ->
          switch (memory.again(mark, batch)) {
            case Known.Stored stored -> CompletableFuture.completedFuture(stored.name());
            case Known.Open(EventBatch again) -> {
              toStore.add(again);
              yield again.stored(mark);
            }
          };
      case Known.Open(EventBatch batch) -> batch.stored(mark);
      case null -> {
        EventBatch batch =
            open.compute(
                request.policy().getMetadata().getUid(),
                (uid, now) -> now == null || now.full() ? opened(request, toStore) : now);
        // One event that claims a time which cannot be must not be the first of all its neighbours.
        batch.add(
            mark, request.artifact(), EventTime.believable(request.occurred(), clock.instant()));
        memory.opened(mark, batch);
        yield batch.stored(mark);
      }
    };
  }

  /** What may work at the next try counts more than what is refused each time. */
  private static Throwable worst(List<CompletableFuture<String>> parts) {
    Throwable refused = new IllegalStateException("not stored");
    for (CompletableFuture<String> part : parts) {
      if (part.isCompletedExceptionally()) {
        Throwable why = part.exceptionNow();
        if (!(why instanceof ExecutionStore.RefusedException)) {
          return why;
        }
        refused = why;
      }
    }
    return refused;
  }

  private static EventBatch opened(PreheatRequest request, List<EventBatch> toStore) {
    EventBatch batch = new EventBatch(request.policy());
    toStore.add(batch);
    return batch;
  }

  private void start(List<EventBatch> batches) throws InterruptedException {
    for (EventBatch batch : batches) {
      writes.acquire();
      try {
        writers.execute(() -> {
          try {
            writer.write(batch);
          } finally {
            writes.release();
          }
        });
      } catch (RejectedExecutionException e) {
        // Closing; Harbor is told to come again.
        writes.release();
        batch.fail(e);
      }
    }
  }
}
