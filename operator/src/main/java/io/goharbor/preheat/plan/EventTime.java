package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecution;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When what an execution is about happened in Harbor; kept with it, for the time to warm. An event
 * may claim any time: one that cannot be is taken as none.
 */
public final class EventTime {
  /** Annotation with the time of an execution's first event, by Harbor's clock. */
  public static final String ANNOTATION = "preheat.goharbor.io/event-time";

  /** Far longer than Harbor tries to deliver an event. */
  private static final Duration OLDEST = Duration.ofDays(7);

  /** How far Harbor's clock may be ahead of the cluster's. */
  private static final Duration AHEAD = Duration.ofMinutes(5);

  private EventTime() {}

  /**
   * The time of an event that was received then, as far as it can be true.
   *
   * @param event by Harbor's clock; null: Harbor did not tell
   * @param received by the cluster's clock
   * @return null: Harbor did not tell, or it is more than seven days before or five minutes after
   */
  public static @Nullable Instant believable(@Nullable Instant event, Instant received) {
    return event == null
            || event.isBefore(received.minus(OLDEST))
            || event.isAfter(received.plus(AHEAD))
        ? null
        : event;
  }

  /** Writes the time onto an execution that is to be stored. */
  public static void put(PreheatExecution execution, Instant time) {
    Map<String, String> annotations = new HashMap<>();
    if (execution.getMetadata().getAnnotations() != null) {
      annotations.putAll(execution.getMetadata().getAnnotations());
    }
    annotations.put(ANNOTATION, time.toString());
    execution.getMetadata().setAnnotations(annotations);
  }

  /**
   * The time; empty when no event made the execution, Harbor did not tell, or it cannot be true
   * beside the time at which the execution was created.
   */
  public static Optional<Instant> of(PreheatExecution execution) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    String text = annotations == null ? null : annotations.get(ANNOTATION);
    if (text == null) {
      return Optional.empty();
    }
    try {
      Instant time = Instant.parse(text);
      String created = execution.getMetadata().getCreationTimestamp();
      return created == null
          ? Optional.of(time)
          : Optional.ofNullable(believable(time, Instant.parse(created)));
    } catch (DateTimeException e) {
      // Somebody else wrote it.
      return Optional.empty();
    }
  }
}
