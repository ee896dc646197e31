package io.goharbor.preheat.engine;

import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Tasks of a test: their orders, what happened to them, who was woken, and what time it is. */
class TestTasks implements TaskDirectory, InstantSource {
  /** Makes orders. */
  interface Orders {
    PreheatOrder order(Work work) throws RemoteCallException;
  }

  static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");

  final List<TaskEvent> events = new CopyOnWriteArrayList<>();
  final List<ObjectKey> woken = new ArrayList<>();
  List<Work> stored = List.of();
  Orders orders = work -> ScriptedDriver.order(work.key().task(), work.timeLimit());
  private Instant now = BEGIN;

  static Work work(ObjectKey execution, String task, int attempt, DedupKey key, Instant started) {
    return new Work(
        new TaskKey(execution, "uid of " + execution, task, attempt),
        key,
        null,
        Duration.ofHours(1),
        started);
  }

  /** Different work, never sent before. */
  static List<Work> works(ObjectKey execution, String prefix, int count) {
    return works(execution, prefix, count, 0);
  }

  static List<Work> works(ObjectKey execution, String prefix, int count, int attempt) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            work(
                execution,
                prefix + "-" + i,
                attempt,
                DedupKeys.of(execution.namespace(), "work " + prefix + i),
                BEGIN))
        .toList();
  }

  void later(Duration by) {
    now = now.plus(by);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public PreheatOrder order(Work work) throws RemoteCallException {
    return orders.order(work);
  }

  @Override
  public Stream<Work> inFlight(ObjectKey provider) {
    return stored.stream();
  }

  @Override
  public void happened(TaskEvent event) {
    events.add(event);
  }

  @Override
  public void wake(ObjectKey execution) {
    woken.add(execution);
  }

  /** What came of operations. */
  List<Submission> outcomes() {
    return events.stream()
        .filter(event -> event instanceof TaskEvent.Sent)
        .map(event -> ((TaskEvent.Sent) event).outcome())
        .toList();
  }

  /** What was seen of a task. */
  List<Observation> seen(String task) {
    return events.stream()
        .filter(event -> event instanceof TaskEvent.Seen && event.key().task().equals(task))
        .map(event -> ((TaskEvent.Seen) event).observation())
        .toList();
  }
}
