package io.goharbor.preheat.e2e.sim.dragonfly;

import io.goharbor.preheat.e2e.sim.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a replica of the Manager remembers of its queries: for 30 s, or until something is written
 * through the same replica (dragonfly 2.5, {@code manager/database/cacher.go}).
 */
final class QueryCache {
  private static final int ENTRIES = 1024;

  private record Remembered(Answer answer, Instant at) {}

  private final Map<String, Remembered> entries = new HashMap<>();

  /** The database is asked without a lock: it has one of its own, and clears this one under it. */
  Answer get(String query, Instant now, Duration life, Supplier<Answer> database) {
    Remembered known = known(query);
    if (known != null && known.at().plus(life).isAfter(now)) {
      return known.answer();
    }
    Answer answer = database.get();
    if (answer.status() == 200) {
      remember(query, new Remembered(answer, now));
    }
    return answer;
  }

  private synchronized @Nullable Remembered known(String query) {
    return entries.get(query);
  }

  private synchronized void remember(String query, Remembered answer) {
    if (entries.size() >= ENTRIES) {
      entries.clear();
    }
    entries.put(query, answer);
  }

  synchronized void clear() {
    entries.clear();
  }
}
