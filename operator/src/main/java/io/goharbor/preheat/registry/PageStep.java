package io.goharbor.preheat.registry;

import io.goharbor.preheat.harbor.HarborClient.ArtifactPage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The next page of a list by time of push. It is asked for by the time to which the last one came,
 * not by its number: numbers shift when something is deleted, and then something would be leaped
 * over.
 *
 * @param from null: from the beginning
 * @param page number of the page from there on, from 1
 */
record PageStep(@Nullable Instant from, int page) {
  /** The first page. */
  static PageStep first(@Nullable Instant from) {
    return new PageStep(from == null ? null : from.truncatedTo(ChronoUnit.SECONDS), 1);
  }

  /** What comes after a page; null: nothing. */
  @Nullable PageStep after(ArtifactPage found) {
    if (!found.more()) {
      return null;
    }
    Instant last = found.artifacts().isEmpty() ? null : found.artifacts().getLast().pushTime();
    // Harbor is asked in whole seconds.
    Instant second = last == null ? null : last.truncatedTo(ChronoUnit.SECONDS);
    return second != null && (from == null || second.isAfter(from))
        ? new PageStep(second, 1)
        : new PageStep(from, page + 1);
  }
}
