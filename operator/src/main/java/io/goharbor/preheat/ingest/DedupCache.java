package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Where the events of the last minutes went: what this replica is storing, what it tried to store
 * without learning whether it worked, and what is stored, by whichever replica, which the
 * executions tell.
 */
final class DedupCache {
  /** Where an event went. */
  sealed interface Known {
    /** It is in a stored execution, named as namespace/name. */
    record Stored(String name) implements Known {}

    /** It is in a batch that is being stored, or was not stored for sure. */
    record Open(EventBatch batch) implements Known {}
  }

  // Harbor's third and last try comes some 200 seconds after the first; its queue may add to that.
  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final int STORED_BYTES = 200;
  private static final int OPEN_BYTES = 800;

  /**
   * Since when it is known.
   *
   * @param at by the clock, in milliseconds
   */
  private record Entry(Known known, long at) {
    int bytes() {
      return known instanceof Known.Stored ? STORED_BYTES : OPEN_BYTES;
    }
  }

  private final InstantSource clock;
  private final long maxBytes;

  /**
   * By mark, the oldest first. When there are too many the oldest are forgotten; a cache that keeps
   * what is asked for most would forget the newest, which are the ones that come again.
   */
  private final LinkedHashMap<String, Entry> recent = new LinkedHashMap<>();

  private long bytes;

  DedupCache(InstantSource clock, long maxBytes) {
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  synchronized Optional<Known> find(String mark) {
    return Optional.ofNullable(recent.get(mark))
        .filter(entry -> entry.at() > expired())
        .map(Entry::known);
  }

  /** An execution is there; each is told as often as it changes. */
  void there(PreheatExecution execution) {
    List<String> marks = EventFingerprints.of(execution);
    String created = execution.getMetadata().getCreationTimestamp();
    if (!marks.isEmpty()
        && (created == null || Instant.parse(created).toEpochMilli() > expired())) {
      stored(marks, ObjectKey.of(execution).toString());
    }
  }

  /**
   * Where an event of a batch that failed goes now: what is left of the batch is open for another
   * try. Unless a part of it was stored meanwhile, by another replica, that is the whole batch,
   * under the same name.
   */
  synchronized Known again(String mark, EventBatch failed) {
    if (find(mark).orElse(null) instanceof Known.Stored stored) {
      return stored;
    }
    EventBatch again = failed.again(each -> !isStored(each));
    opened(again);
    return new Known.Open(again);
  }

  synchronized void opened(String mark, EventBatch batch) {
    put(mark, new Known.Open(batch));
  }

  synchronized void opened(EventBatch batch) {
    Known known = new Known.Open(batch);
    batch.marks().forEach(mark -> put(mark, known));
  }

  /**
   * An execution with these marks is stored. All of them at once: half told, its batch would be
   * tried again as an object of the other half.
   */
  synchronized void stored(Collection<String> marks, String name) {
    Known known = new Known.Stored(name);
    for (String mark : marks) {
      if (!isStored(mark)) {
        put(mark, known);
      }
    }
  }

  /** It was not stored for sure, so its events may go into any other. */
  synchronized void refused(EventBatch batch) {
    batch.marks().forEach(this::forget);
  }

  private boolean isStored(String mark) {
    return find(mark).orElse(null) instanceof Known.Stored;
  }

  private void put(String mark, Known known) {
    forget(mark);
    Entry entry = new Entry(known, clock.millis());
    recent.put(mark, entry);
    bytes += entry.bytes();
    Iterator<Entry> oldest = recent.values().iterator();
    while (oldest.hasNext()) {
      Entry next = oldest.next();
      if (bytes <= maxBytes && next.at() > expired()) {
        return;
      }
      oldest.remove();
      bytes -= next.bytes();
    }
  }

  private void forget(String mark) {
    Entry gone = recent.remove(mark);
    if (gone != null) {
      bytes -= gone.bytes();
    }
  }

  private long expired() {
    return clock.millis() - REMEMBERED.toMillis();
  }
}
