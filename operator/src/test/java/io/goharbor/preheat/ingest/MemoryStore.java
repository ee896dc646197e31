package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.policy.ExecutionCreation.NameTakenException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps executions in memory, and fails in the ways an API server does. */
final class MemoryStore implements ExecutionStore {
  /** How a create goes wrong. */
  enum Fault {
    NONE,
    /** Nothing is stored. */
    DOWN,
    /** It is stored, and the answer is lost. */
    ANSWER_LOST
  }

  final Map<String, PreheatExecution> stored = new ConcurrentHashMap<>();
  private final List<Consumer<PreheatExecution>> onlookers = new CopyOnWriteArrayList<>();
  final AtomicInteger creates = new AtomicInteger();
  volatile Fault fault = Fault.NONE;
  volatile @Nullable String refusedTag;
  volatile boolean allRefused;
  volatile boolean quotaUsedUp;
  volatile CountDownLatch gate = new CountDownLatch(0);

  @Override
  public void store(PreheatExecution execution) {
    creates.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (fault == Fault.DOWN) {
      throw new IllegalStateException("down");
    }
    if (quotaUsedUp) {
      throw new RefusedException("exceeded quota", false, null);
    }
    String refused = refusedTag;
    if (allRefused
        || (refused != null
            && artifacts(execution).stream().anyMatch(ref -> refused.equals(ref.tag())))) {
      throw new RefusedException("refused");
    }
    PreheatExecution there = stored.putIfAbsent(execution.getMetadata().getName(), execution);
    if (there != null && !EventFingerprints.of(there).equals(EventFingerprints.of(execution))) {
      throw new NameTakenException("taken");
    }
    onlookers.forEach(each -> each.accept(execution));
    if (fault == Fault.ANSWER_LOST) {
      throw new IllegalStateException("the answer is lost");
    }
  }

  /** Tells of all that are stored and of all that will be, as an informer does. */
  void show(Consumer<PreheatExecution> each) {
    onlookers.add(each);
    stored.values().forEach(each);
  }

  List<String> tags() {
    return stored.values().stream()
        .flatMap(execution -> artifacts(execution).stream())
        .map(ref -> String.valueOf(ref.tag()))
        .sorted()
        .toList();
  }

  static List<ArtifactRef> artifacts(PreheatExecution execution) {
    return Objects.requireNonNull(execution.getSpec().artifacts());
  }
}
