package io.goharbor.preheat.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where the events of the last minutes went: what this replica is storing, what it tried to store
 * without learning whether it worked, and what is stored, by whichever replica, which the
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
  private static final int STORED_BYTES = 200;
  private static final int OPEN_BYTES = 800;

  private final InstantSource clock;
  private final Cache<String, Known> recent;

  /** All marks of a batch are stored at once, for whoever wants to try it again. */
  private final Object telling = new Object();

  EventMemory(InstantSource clock, long maxBytes) {
    this.clock = clock;
    this.recent =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String mark, Known known) ->
                known instanceof Known.Stored ? STORED_BYTES : OPEN_BYTES)
            .expireAfterWrite(REMEMBERED)
            .build();
  }

  Optional<Known> find(String mark) {
    return Optional.ofNullable(recent.getIfPresent(mark));
  }

  /** An execution is there; each is told as often as it changes. */
  void there(PreheatExecution execution) {
    List<String> marks = EventMarks.of(execution);
    String created = execution.getMetadata().getCreationTimestamp();
    if (marks.isEmpty()
        || (created != null
            && Instant.parse(created).isBefore(clock.instant().minus(REMEMBERED)))) {
      return;
    }
    stored(marks, ObjectKey.of(execution).toString());
  }

  /**
   * Where an event of a batch that failed goes now: what is left of the batch is open for another
   * try. Unless a part of it was stored meanwhile, by another replica, that is the whole batch,
   * under the same name.
   */
  Known again(String mark, Batch failed) {
    // Half told that it is stored, the batch would be tried again as an object of the other half.
    synchronized (telling) {
      if (recent.getIfPresent(mark) instanceof Known.Stored stored) {
        return stored;
      }
      Batch again = failed.again(each -> !(recent.getIfPresent(each) instanceof Known.Stored));
      opened(again);
      return new Known.Open(again);
    }
  }

  void opened(String mark, Batch batch) {
    recent.put(mark, new Known.Open(batch));
  }

  void opened(Batch batch) {
    Known known = new Known.Open(batch);
    batch.marks().forEach(mark -> recent.put(mark, known));
  }

  void stored(Collection<String> marks, String name) {
    Known known = new Known.Stored(name);
    synchronized (telling) {
      for (String mark : marks) {
        if (!(recent.getIfPresent(mark) instanceof Known.Stored)) {
          recent.put(mark, known);
        }
      }
    }
  }

  /** It was not stored for sure, so its events may go into any other. */
  void refused(Batch batch) {
    recent.invalidateAll(batch.marks());
  }
}
