package io.goharbor.preheat.matching;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest artifacts of each repository while they come in, and holds no others.
 *
 * @param <T> what stands for an artifact
 */
public final class LatestPushed<T> {
  /**
   * A selected artifact.
   *
   * @param pushTime null counts as oldest
   * @param tags the tags that matched
   */
  public record Entry<T>(
      String repository, @Nullable Instant pushTime, List<String> tags, T value) {}

  private final Comparator<Entry<T>> oldestFirst =
      Comparator.comparing(Entry::pushTime, Comparator.nullsFirst(Comparator.naturalOrder()));
  private final int newest;
  private final Map<String, PriorityQueue<Entry<T>>> byRepository = new LinkedHashMap<>();

  /** Keeps so many of each repository. */
  public LatestPushed(int newest) {
    this.newest = newest;
  }

  /** Takes one in; gives the one that is left out instead, which may be the same. */
  public Optional<Entry<T>> add(Entry<T> entry) {
    PriorityQueue<Entry<T>> kept =
        byRepository.computeIfAbsent(entry.repository(), key -> new PriorityQueue<>(oldestFirst));
    kept.add(entry);
    return kept.size() > newest ? Optional.ofNullable(kept.poll()) : Optional.empty();
  }

  /** What is kept, repository by repository, each from the newest to the oldest. */
  public List<Entry<T>> kept() {
    List<Entry<T>> all = new ArrayList<>();
    byRepository
        .values()
        .forEach(kept -> kept.stream().sorted(oldestFirst.reversed()).forEach(all::add));
    return all;
  }
}
