package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.plan.EventTime;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one policy within one window: one execution. Its name follows from what is in
 * it, so a batch that is stored a second time, because no one knows whether the first time worked,
 * is the same object.
 *
 * <p>Filled by the gatherer's thread, stored by another.
 */
final class EventBatch {
  /** Far below the thousand that the schema permits, so that a run's status stays small too. */
  static final int MAX_ARTIFACTS = 200;

  /** Names to try when an object of someone else has the first. */
  private static final int MAX_NAMES = 4;

  private record Entry(
      ArtifactRef artifact, @Nullable Instant occurred, CompletableFuture<String> stored) {}

  private final PreheatPolicy policy;
  private final Map<String, Entry> byMark = new TreeMap<>();

  EventBatch(PreheatPolicy policy) {
    this.policy = policy;
  }

  /**
   * Adds what an event asks.
   *
   * @param occurred when the event happened, or null
   */
  void add(String mark, ArtifactRef artifact, @Nullable Instant occurred) {
    byMark.put(mark, new Entry(artifact, occurred, new CompletableFuture<>()));
  }

  int size() {
    return byMark.size();
  }

  boolean full() {
    return size() >= MAX_ARTIFACTS;
  }

  Set<String> marks() {
    return byMark.keySet();
  }

  /** Name of the execution that holds the wish of that mark, once it is stored. */
  CompletableFuture<String> stored(String mark) {
    Entry entry = byMark.get(mark);
    if (entry == null) {
      throw new IllegalArgumentException("not in this batch: " + mark);
    }
    return entry.stored();
  }

  /** Whether a try ended, and no one knows that the execution is stored. */
  boolean failed() {
    return byMark.values().stream().anyMatch(entry -> entry.stored().isCompletedExceptionally());
  }

  /** What of it is to be tried again; all of it makes the same object. */
  EventBatch again(Predicate<String> marks) {
    EventBatch again = new EventBatch(policy);
    byMark.forEach((mark, entry) -> {
      if (marks.test(mark)) {
        again.add(mark, entry.artifact(), entry.occurred());
      }
    });
    return again;
  }

  /** Two halves, each an execution; who waits for the whole waits for these. */
  List<EventBatch> halves() {
    EventBatch first = new EventBatch(policy);
    EventBatch second = new EventBatch(policy);
    int half = size() / 2;
    byMark.forEach((mark, entry) -> (first.size() < half ? first : second).byMark.put(mark, entry));
    return List.of(first, second);
  }

  /**
   * Stores the execution.
   *
   * @return its name as namespace/name; no one is told yet
   * @throws RuntimeException as {@link ExecutionStore#store}
   */
  String store(ExecutionStore store) {
    for (int number = 0; ; number++) {
      PreheatExecution execution = execution(number);
      try {
        store.store(execution);
        return ObjectKey.of(execution).toString();
      } catch (ExecutionCreation.NameTakenException e) {
        if (number + 1 == MAX_NAMES) {
          throw e;
        }
      }
    }
  }

  private PreheatExecution execution(int number) {
    List<String> causes = new ArrayList<>(marks());
    if (number > 0) {
      causes.add("name " + number);
    }
    PreheatExecution execution =
        ExecutionFactory.of(
            policy,
            Trigger.EVENT,
            String.join("\n", causes),
            byMark.values().stream().map(Entry::artifact).distinct().toList());
    EventFingerprints.put(execution, marks());
    byMark.values().stream()
        .map(Entry::occurred)
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .ifPresent(first -> EventTime.put(execution, first));
    return execution;
  }

  /** Tells who waits where it is stored. */
  void succeed(String name) {
    byMark.values().forEach(entry -> entry.stored().complete(name));
  }

  /** Tells who waits that it failed. */
  void fail(Throwable why) {
    byMark.values().forEach(entry -> entry.stored().completeExceptionally(why));
  }
}
