package io.goharbor.preheat.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the events of the last minutes went. This replica remembers by itself what it stored, what
 * it is storing, and what it tried to store without learning whether it worked; beyond that, the
 * executions tell.
 */
final class EventMemory {
  /** Where an event went. */
  sealed interface Known {
    /** It is in a stored execution, named as namespace/name. */
    record Stored(String name) implements Known {}

    /** It is in a batch that is being stored, or was not stored for sure. */
    record Open(Batch batch) implements Known {}
  }

  // Harbor's third and last try comes some 200 seconds after the first; its queue may add to that.
  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final long MAX_BYTES = 24L * 1024 * 1024;
  private static final int STORED_BYTES = 200;
  private static final int OPEN_BYTES = 800;

  private final StoredEvents executions;
  private final Cache<String, Known> recent =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((String mark, Known known) ->
              known instanceof Known.Stored ? STORED_BYTES : OPEN_BYTES)
          .expireAfterWrite(REMEMBERED)
          .build();

  EventMemory(StoredEvents executions) {
    this.executions = executions;
  }

  Optional<Known> find(String mark) {
    Known known = recent.getIfPresent(mark);
    // A batch that failed may have been stored all the same, or its event by another replica.
    if (known == null || (known instanceof Known.Open(Batch batch) && batch.failed())) {
      Optional<String> name = executions.find(mark);
      if (name.isPresent()) {
        return Optional.of(new Known.Stored(name.get()));
      }
    }
    return Optional.ofNullable(known);
  }

  /**
   * What is left of a batch that failed, for another try. Unless a part of it was stored meanwhile,
   * that is the whole batch, under the same name.
   */
  Batch again(Batch failed) {
    Batch again = failed.again(mark -> executions.find(mark).isEmpty());
    opened(again);
    return again;
  }

  void opened(String mark, Batch batch) {
    recent.put(mark, new Known.Open(batch));
  }

  void opened(Batch batch) {
    Known known = new Known.Open(batch);
    batch.marks().forEach(mark -> recent.put(mark, known));
  }

  void stored(Batch batch, String name) {
    Known known = new Known.Stored(name);
    batch.marks().forEach(mark -> recent.put(mark, known));
  }

  /** It was not stored for sure, so its events may go into any other. */
  void refused(Batch batch) {
    recent.invalidateAll(batch.marks());
  }
}
