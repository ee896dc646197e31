package io.goharbor.preheat.ingest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads Harbor's webhook bodies in both formats, Default and CloudEvents. The data of an event is
 * the same in both; what differs is the envelope and the names of the types. Fields that are not
 * needed are not looked at, so nothing that a later Harbor adds can do harm.
 *
 * <p>What is let through can be stored: the API server would refuse an execution with a repository,
 * tag or digest out of form, and one bad event must not hold up those that are stored with it.
 */
final class EventDecoder {
  // Harbor sends one resource; some releases send a few.
  private static final int MAX_RESOURCES = 500;
  private static final int MAX_REPOSITORY = 512;
  private static final ObjectReader READER =
      RemoteSystem.JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Pattern REPOSITORY = Pattern.compile("[\\w.-]+(/[\\w.-]+)+");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern SHA256 = Pattern.compile(Patterns.DIGEST);
  private static final Pattern OTHER_DIGEST =
      Pattern.compile("[a-z0-9]+([.+_-][a-z0-9]+)*:[\\w=-]{1,256}");

  private EventDecoder() {}

  /** Reads a body; whatever it holds, the answer is a value. */
  static HarborEvent decode(byte[] body) {
    JsonNode json;
    try {
      json = READER.readTree(body);
    } catch (IOException e) {
      // Its message quotes the body.
      return new HarborEvent.Malformed("the body is not JSON");
    }
    if (json == null || !json.isObject()) {
      return new HarborEvent.Malformed("the body is not a JSON object");
    }
    JsonNode name = json.path("type");
    if (!name.isTextual() || name.textValue().isEmpty()) {
      return new HarborEvent.Malformed("the event has no type");
    }
    EventType type = EventType.named(name.textValue());
    if (type == EventType.UNKNOWN) {
      return new HarborEvent.Ignored(type, Reason.UNKNOWN_EVENT, "the type is not known");
    }
    Optional<EventTrigger> trigger = type.trigger();
    if (trigger.isEmpty()) {
      return new HarborEvent.Ignored(
          type, Reason.EVENT_STARTS_NOTHING, "events of this type start nothing");
    }
    boolean cloudEvent = json.has("specversion");
    JsonNode data = json.path(cloudEvent ? "data" : "event_data");
    // Older releases do not tell the kind of scan; they knew one only.
    if (trigger.get() == EventTrigger.SCANNED
        && data.path("scan").path("scan_type").asText("").equalsIgnoreCase("sbom")) {
      return new HarborEvent.Ignored(
          type, Reason.EVENT_STARTS_NOTHING, "an SBOM was made, not a vulnerability report");
    }
    return artifacts(type, trigger.get(), occurred(json, cloudEvent, body), data);
  }

  private static HarborEvent artifacts(
      EventType type, EventTrigger trigger, String occurred, JsonNode data) {
    String full = data.path("repository").path("repo_full_name").asText("");
    if (full.isEmpty()) {
      return new HarborEvent.Malformed("repository.repo_full_name is missing");
    }
    if (full.length() > MAX_REPOSITORY || !REPOSITORY.matcher(full).matches()) {
      return new HarborEvent.Malformed(
          "repository.repo_full_name is not of the form project/repository");
    }
    JsonNode resources = data.path("resources");
    if (!resources.isArray() || resources.isEmpty()) {
      return new HarborEvent.Malformed("resources is missing: the event names no artifact");
    }
    if (resources.size() > MAX_RESOURCES) {
      return new HarborEvent.Malformed("resources holds more than " + MAX_RESOURCES + " artifacts");
    }
    List<Artifact> artifacts = new ArrayList<>();
    for (JsonNode resource : resources) {
      String digest = resource.path("digest").asText("");
      String tag = resource.path("tag").asText("");
      if (!SHA256.matcher(digest).matches()) {
        if (!OTHER_DIGEST.matcher(digest).matches() || digest.startsWith("sha256:")) {
          return new HarborEvent.Malformed("a resource has no digest, or one out of form");
        }
        continue;
      }
      // A push by digest puts the digest where the tag belongs; no tag can hold a colon.
      boolean tagged = !tag.isEmpty() && tag.indexOf(':') < 0;
      if (tagged && !TAG.matcher(tag).matches()) {
        return new HarborEvent.Malformed("the tag of a resource is out of form");
      }
      artifacts.add(new Artifact(digest, tagged ? tag : null));
    }
    if (!artifacts.isEmpty()) {
      int slash = full.indexOf('/');
      return new HarborEvent.Artifacts(
          type,
          trigger,
          occurred,
          full.substring(0, slash),
          full.substring(slash + 1),
          artifacts.stream().distinct().toList());
    }
    return new HarborEvent.Ignored(
        type, Reason.EVENT_STARTS_NOTHING, "only artifacts with a sha256 digest are preheated");
  }

  /**
   * Second of the event; where the body has none, what else tells a redelivery from a new event.
   */
  private static String occurred(JsonNode json, boolean cloudEvent, byte[] body) {
    if (!cloudEvent && json.path("occur_at").canConvertToLong()) {
      return Long.toString(json.path("occur_at").longValue());
    }
    if (cloudEvent) {
      try {
        return Long.toString(OffsetDateTime.parse(json.path("time").asText("")).toEpochSecond());
      } catch (DateTimeException e) {
        // The time is optional in CloudEvents.
      }
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
