package io.goharbor.preheat.execution.report;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.plan.Parts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long the rest of a run will take: for each provider what is left, by the bytes that it made
 * warm recently; the slowest provider counts. A guess for people, rounded so that it does not
 * change all the time.
 */
public final class EtaEstimator {
  /**
   * Some of the work.
   *
   * @param warm bytes of it that are known to be warm
   * @param ended null: it has not
   */
  record Item(String provider, long bytes, long warm, @Nullable Instant ended) {}

  private static final Duration OF_LATE = Duration.ofMinutes(10);
  private static final Duration SHORTEST = Duration.ofSeconds(5);

  private EtaEstimator() {}

  static List<Item> ofTasks(List<TaskStatus> tasks) {
    return tasks.stream()
        .map(task -> {
          TaskCounts tally = TaskCounts.of(task);
          return new Item(
              task.provider(),
              tally.bytes(),
              tally.warmBytes(),
              task.state().terminal() ? task.completionTime() : null);
        })
        .toList();
  }

  /** Of parts; those that have not begun are taken to be like the others. */
  static List<Item> ofParts(List<PreheatExecution> parts) {
    List<Item> known = new ArrayList<>();
    List<PreheatExecution> unknown = new ArrayList<>();
    for (PreheatExecution part : parts) {
      PreheatExecutionStatus status = Parts.status(part);
      TaskCounts tally = TaskCounts.ofPart(part);
      if (tally.unplanned() > 0) {
        unknown.add(part);
      } else {
        known.add(
            new Item(
                Parts.provider(part).toString(),
                tally.bytes(),
                tally.warmBytes(),
                status.completionTime()));
      }
    }
    if (known.isEmpty()) {
      return known;
    }
    long average = (long) known.stream().mapToLong(Item::bytes).average().orElse(0);
    unknown.forEach(part -> known.add(new Item(Parts.provider(part).toString(), average, 0, null)));
    return known;
  }

  /**
   * The rest as text.
   *
   * @return null: nothing is left, or nothing is known
   */
  static @Nullable String remaining(List<Item> items, @Nullable Instant start, Instant now) {
    if (start == null) {
      return null;
    }
    Map<String, List<Item>> byProvider = new LinkedHashMap<>();
    items.forEach(
        item -> byProvider.computeIfAbsent(item.provider(), key -> new ArrayList<>()).add(item));
    double longest = 0;
    for (List<Item> own : byProvider.values()) {
      long left =
          own.stream()
              .filter(item -> item.ended() == null)
              .mapToLong(item -> item.bytes() - item.warm())
              .sum();
      if (left <= 0) {
        continue;
      }
      double rate = rate(own, start, now);
      if (rate <= 0) {
        return null;
      }
      longest = Math.max(longest, left / rate);
    }
    return longest == 0 ? null : text(longest);
  }

  /** Bytes a second. */
  private static double rate(List<Item> items, Instant start, Instant now) {
    Instant from = now.minus(OF_LATE).isAfter(start) ? now.minus(OF_LATE) : start;
    long late =
        items.stream()
            .filter(item -> item.ended() != null && item.ended().isAfter(from))
            .mapToLong(Item::warm)
            .sum();
    if (late > 0) {
      return late / seconds(from, now);
    }
    long all = items.stream().mapToLong(Item::warm).sum();
    return all / seconds(start, now);
  }

  private static double seconds(Instant from, Instant to) {
    return Math.max(SHORTEST.toMillis(), Duration.between(from, to).toMillis()) / 1000.0;
  }

  private static String text(double seconds) {
    if (seconds <= 50) {
      return Math.max(10, (int) Math.ceil(seconds / 10) * 10) + "s";
    }
    long minutes = (long) Math.ceil(seconds / 60);
    if (minutes < 60) {
      return minutes + "m";
    }
    // To ten minutes.
    long tens = (minutes + 9) / 10;
    return tens / 6 + "h" + (tens % 6 == 0 ? "" : tens % 6 * 10 + "m");
  }
}
