package io.goharbor.preheat.matching;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the newest artifacts of each repository. */
public final class LatestPushed {
  /**
   * A selected artifact.
   *
   * @param pushTime null counts as oldest
   * @param tags the tags that matched
   */
  public record Entry<T>(
      String repository, @Nullable Instant pushTime, List<String> tags, T value) {}

  /** What is kept and what is left out, each from the newest to the oldest. */
  public record Result<T>(List<Entry<T>> kept, List<Entry<T>> left) {}

  private LatestPushed() {}

  /**
   * Keeps the newest of each repository.
   *
   * @param newest how many; null: all
   */
  public static <T> Result<T> keep(@Nullable Integer newest, List<Entry<T>> entries) {
    if (newest == null) {
      return new Result<>(entries, List.of());
    }
    Map<String, Integer> seen = new HashMap<>();
    List<Entry<T>> kept = new ArrayList<>();
    List<Entry<T>> left = new ArrayList<>();
    entries.stream()
        .sorted(
            Comparator.comparing(
                Entry::pushTime,
                Comparator.nullsFirst(Comparator.<Instant>naturalOrder()).reversed()))
        .forEach(entry ->
            (seen.merge(entry.repository(), 1, Integer::sum) <= newest ? kept : left).add(entry));
    return new Result<>(kept, left);
  }
}
