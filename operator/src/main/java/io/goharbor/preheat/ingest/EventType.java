package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The types of event that Harbor sends, unchanged from 2.8 to 2.16 (goharbor/harbor,
 * src/pkg/notification/notification.go). The constants are named as the Default format names them.
 */
enum EventType {
  PUSH_ARTIFACT("harbor.artifact.pushed", EventTrigger.PUSHED),
  PULL_ARTIFACT("harbor.artifact.pulled", null),
  DELETE_ARTIFACT("harbor.artifact.deleted", null),
  SCANNING_COMPLETED("harbor.scan.completed", EventTrigger.SCANNED),
  SCANNING_FAILED("harbor.scan.failed", null),
  SCANNING_STOPPED("harbor.scan.stopped", null),
  QUOTA_EXCEED("harbor.quota.exceeded", null),
  QUOTA_WARNING("harbor.quota.warned", null),
  REPLICATION("harbor.replication.status.changed", null),
  TAG_RETENTION("harbor.tag_retention.finished", null),
  /** What a later Harbor may send. */
  UNKNOWN("", null);

  private static final Map<String, EventType> BY_NAME =
      Arrays.stream(values())
          .filter(type -> type != UNKNOWN)
          .flatMap(type ->
              Stream.of(Map.entry(type.name(), type), Map.entry(type.cloudEventsName, type)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private final String cloudEventsName;
  private final @Nullable EventTrigger trigger;

  EventType(String cloudEventsName, @Nullable EventTrigger trigger) {
    this.cloudEventsName = cloudEventsName;
    this.trigger = trigger;
  }

  /** The type of that name in either format. */
  static EventType named(String name) {
    return BY_NAME.getOrDefault(name, UNKNOWN);
  }

  /** What of a policy's triggers it is; empty when it can start nothing. */
  Optional<EventTrigger> trigger() {
    return Optional.ofNullable(trigger);
  }
}
