package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** When what an execution is about happened in Harbor; kept with it, for the time to warm. */
public final class EventTime {
  /** Annotation with the time of an execution's first event, by Harbor's clock. */
  public static final String ANNOTATION = "preheat.goharbor.io/event-time";

  private EventTime() {}

  /** Writes the time onto an execution that is to be stored. */
  public static void put(PreheatExecution execution, Instant time) {
    Map<String, String> annotations = new HashMap<>();
    if (execution.getMetadata().getAnnotations() != null) {
      annotations.putAll(execution.getMetadata().getAnnotations());
    }
    annotations.put(ANNOTATION, time.toString());
    execution.getMetadata().setAnnotations(annotations);
  }

  /** The time; empty when no event made the execution, or Harbor did not tell. */
  public static Optional<Instant> of(PreheatExecution execution) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    String text = annotations == null ? null : annotations.get(ANNOTATION);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      // Somebody else wrote it.
      return Optional.empty();
    }
  }
}
