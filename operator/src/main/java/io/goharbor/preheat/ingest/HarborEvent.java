package io.goharbor.preheat.ingest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a webhook body says. */
sealed interface HarborEvent {
  /**
   * Artifacts were pushed, or scanned.
   *
   * @param occurred the event's own time, as text; the same in a redelivery
   * @param repository without the project
   */
  record Artifacts(
      Kind kind, String occurred, String project, String repository, List<Artifact> artifacts)
      implements HarborEvent {}

  /** A body that is understood and asks for nothing. */
  record Ignored(String type, String why) implements HarborEvent {}

  /** A body that is no Harbor event. */
  record Malformed(String why) implements HarborEvent {}

  /** The events that matter. */
  enum Kind {
    PUSHED,
    SCANNED
  }

  /**
   * An artifact of an event.
   *
   * @param tag null when the event names none, or the digest in its place
   */
  record Artifact(String digest, @Nullable String tag) {}
}
