package io.goharbor.preheat.execution;

import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Task events for each execution. They are read, folded into the status and only then taken out, so
 * that a status write that fails loses nothing.
 */
final class Inbox {
  private final ConcurrentHashMap<ObjectKey, List<TaskEvent>> news = new ConcurrentHashMap<>();

  void put(ObjectKey execution, TaskEvent item) {
    news.compute(
        execution,
        (key, before) -> {
          List<TaskEvent> list = before == null ? new ArrayList<>() : before;
          list.add(item);
          return list;
        });
  }

  /** A copy of what lies there, oldest first. */
  List<TaskEvent> read(ObjectKey execution) {
    List<TaskEvent> copy = new ArrayList<>();
    news.computeIfPresent(
        execution,
        (key, list) -> {
          copy.addAll(list);
          return list;
        });
    return copy;
  }

  /** Takes out the oldest {@code count} items. */
  void taken(ObjectKey execution, int count) {
    news.computeIfPresent(
        execution,
        (key, list) -> {
          list.subList(0, Math.min(count, list.size())).clear();
          return list.isEmpty() ? null : list;
        });
  }

  void forget(ObjectKey execution) {
    news.remove(execution);
  }
}
