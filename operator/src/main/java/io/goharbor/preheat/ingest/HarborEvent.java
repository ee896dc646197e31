package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a webhook body says. */
sealed interface HarborEvent {
  /**
   * Artifacts were pushed, or scanned.
   *
   * @param occurred the event's own time in seconds since the epoch, as text, or else what tells it
   *     from another event; the same in a redelivery, and in what two webhook policies of Harbor
   *     tell of one event
   * @param repository without the project
   * @param artifacts at least one
   */
  record Artifacts(
      EventType type,
      EventTrigger trigger,
      String occurred,
      String project,
      String repository,
      List<Artifact> artifacts)
      implements HarborEvent {
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,11}");

    /** When it happened, by Harbor's clock, to the second; null when Harbor did not tell. */
    @Nullable Instant time() {
      return SECONDS.matcher(occurred).matches()
          ? Instant.ofEpochSecond(Long.parseLong(occurred))
          : null;
    }
  }

  /** A body that is understood and asks for nothing. */
  record Ignored(EventType type, Reason reason, String why) implements HarborEvent {}

  /** A body that is no Harbor event. */
  record Malformed(String why) implements HarborEvent {}

  /**
   * An artifact of an event.
   *
   * @param tag null when the event names none, or the digest in its place
   */
  record Artifact(String digest, @Nullable String tag) {}
}
