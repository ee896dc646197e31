package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what events ask for, many events in one object. The first event of a group waits for
 * others for some milliseconds; then one execution is created for each policy. An event is answered
 * when all of its executions are stored.
 *
 * <p>The name of an execution follows from its policy and the events in it, so the same group
 * cannot be stored twice. A redelivery may come in another group; it then makes another execution,
 * and the lanes see to it that one digest is one job.
 */
public final class GroupCommitter implements AutoCloseable {
  /** Stores an execution; one that is stored already is no failure. */
  @FunctionalInterface
  public interface Store {
    /** Stores it, or throws. */
    void create(PreheatExecution execution);
  }

  /**
   * What one event asks of one policy.
   *
   * @param key the event's identity, the same in a redelivery
   */
  record Wish(PreheatPolicy policy, String key, ArtifactRef artifact) {}

  private record Pending(List<Wish> wishes, CompletableFuture<List<String>> stored) {}

  private static final Logger log = LoggerFactory.getLogger(GroupCommitter.class);
  private static final int QUEUE = 4096;
  private static final int GROUP = 200;
  private static final Duration GATHER = Duration.ofMillis(25);

  private final Store store;
  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
  private final ExecutorService writers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("commit-", 0).factory());
  private final Thread gatherer;
  private volatile boolean closed;

  /** Commits to the given store. */
  public GroupCommitter(Store store) {
    this.store = store;
    this.gatherer = Thread.ofVirtual().name("group-committer").start(this::run);
  }

  /**
   * Asks for executions.
   *
   * @return their names once they are stored; fails when they cannot be, at once when too much
   *     waits
   */
  CompletableFuture<List<String>> commit(List<Wish> wishes) {
    CompletableFuture<List<String>> stored = new CompletableFuture<>();
    if (closed || !queue.offer(new Pending(wishes, stored))) {
      stored.completeExceptionally(new IllegalStateException("too many events wait"));
    }
    return stored;
  }

  /** Stores what was asked for, then ends. */
  @Override
  public void close() {
    closed = true;
    try {
      gatherer.join(Duration.ofSeconds(5));
      writers.shutdown();
      if (!writers.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("Some events were not stored before the end; Harbor sends them again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed || !queue.isEmpty()) {
      try {
        Pending first = queue.poll(100, TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        List<Pending> group = new ArrayList<>();
        group.add(first);
        long until = System.nanoTime() + GATHER.toNanos();
        while (group.size() < GROUP) {
          Pending next = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
          if (next == null) {
            break;
          }
          group.add(next);
        }
        writers.execute(() -> write(group));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void write(List<Pending> group) {
    Map<ObjectKey, List<Wish>> byPolicy = new LinkedHashMap<>();
    for (Pending pending : group) {
      for (Wish wish : pending.wishes()) {
        byPolicy.computeIfAbsent(ObjectKey.of(wish.policy()), key -> new ArrayList<>()).add(wish);
      }
    }
    Map<ObjectKey, String> names = new LinkedHashMap<>();
    Map<ObjectKey, RuntimeException> failures = new LinkedHashMap<>();
    byPolicy.forEach((policy, wishes) -> {
      PreheatExecution execution = execution(wishes);
      try {
        store.create(execution);
        names.put(policy, ObjectKey.of(execution).toString());
      } catch (RuntimeException e) {
        failures.put(policy, e);
      }
    });
    if (!failures.isEmpty()) {
      log.atWarn()
          .addKeyValue("events", group.size())
          .log("Not stored, Harbor is told to send again: {}", failures.values());
    }
    for (Pending pending : group) {
      List<String> own = new ArrayList<>();
      RuntimeException failure = null;
      for (Wish wish : pending.wishes()) {
        ObjectKey policy = ObjectKey.of(wish.policy());
        failure = failures.getOrDefault(policy, failure);
        String name = names.get(policy);
        if (name != null && !own.contains(name)) {
          own.add(name);
        }
      }
      if (failure == null) {
        pending.stored().complete(own);
      } else {
        pending.stored().completeExceptionally(failure);
      }
    }
  }

  private static PreheatExecution execution(List<Wish> wishes) {
    Map<String, ArtifactRef> byKey = new TreeMap<>();
    wishes.forEach(wish -> byKey.put(wish.key(), wish.artifact()));
    List<ArtifactRef> artifacts = byKey.values().stream().distinct().toList();
    return ExecutionFactory.of(
        wishes.getFirst().policy(), Trigger.EVENT, String.join("\n", byKey.keySet()), artifacts);
  }
}
