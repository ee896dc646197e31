package io.goharbor.preheat.ingest;

import java.util.Optional;

/** Which events are stored already, by this replica or by another, now or before a restart. */
@FunctionalInterface
public interface StoredEvents {
  /** Nothing is known. */
  StoredEvents NONE = mark -> Optional.empty();

  /**
   * The execution, as namespace/name, that holds an event.
   *
   * @param mark one of {@link EventMarks}
   */
  Optional<String> find(String mark);
}
