package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
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
import org.jspecify.annotations.Nullable;

/**
 * Reads Harbor's webhook bodies in both formats, Default and CloudEvents; the latter in structured
 * mode, which Harbor sends, and in binary mode, which what stands between may make of it. The data
 * of an event is the same in both; what differs is the envelope and the names of the types. Fields
 * that are not needed are not looked at, so nothing that a later Harbor adds can do harm.
 *
 * <p>What is let through can be stored: the API server would refuse an execution with a repository,
 * tag or digest out of form, and one bad event must not hold up those that are stored with it.
 */
final class EventDecoder {
  private EventDecoder() {}

  /** Reads a body that holds the whole event; whatever it holds, the answer is a value. */
  static HarborEvent decode(byte[] body) {
    return decode(null, body);
  }

  /**
   * Reads a body; whatever it holds, the answer is a value.
   *
   * @param attributes of a CloudEvent in binary mode; null: the body holds the whole event
   */
  static HarborEvent decode(@Nullable BinaryAttributes attributes, byte[] body) {
    if (attributes != null) {
      Optional<String> fault = attributes.fault();
      if (fault.isPresent()) {
        return new HarborEvent.Malformed(fault.get());
      }
    }
    Envelope envelope;
    try {
      envelope = attributes == null ? Envelope.read(body) : Envelope.read(attributes, body);
    } catch (IOException e) {
      // Its message quotes the body.
      return new HarborEvent.Malformed("the body is not JSON");
    }
    if (envelope == null) {
      return new HarborEvent.Malformed("the body is not a JSON object");
    }
    if (envelope.type() == null || envelope.type().isEmpty()) {
      return new HarborEvent.Malformed("the event has no type");
    }
    EventType type = EventType.named(envelope.type());
    if (type == EventType.UNKNOWN) {
      return new HarborEvent.Ignored(type, Reason.UNKNOWN_EVENT, "the type is not known");
    }
    Optional<EventTrigger> trigger = type.trigger();
    if (trigger.isEmpty()) {
      return new HarborEvent.Ignored(
          type, Reason.EVENT_STARTS_NOTHING, "events of this type start nothing");
    }
    // Older releases do not tell the kind of scan; they knew one only.
    if (trigger.get() == EventTrigger.SCANNED
        && envelope.here().scanType().equalsIgnoreCase("sbom")) {
      return new HarborEvent.Ignored(
          type, Reason.EVENT_STARTS_NOTHING, "an SBOM was made, not a vulnerability report");
    }
    return artifacts(type, trigger.get(), occurred(envelope, attributes, body), envelope.here());
  }

  private static HarborEvent artifacts(
      EventType type, EventTrigger trigger, String occurred, Envelope.Data data) {
    String full = data.repository();
    if (full.isEmpty()) {
      return new HarborEvent.Malformed("repository.repo_full_name is missing");
    }
    if (!Grammar.FULL_REPOSITORY.accepts(full)) {
      return new HarborEvent.Malformed(
          "repository.repo_full_name is not of the form project/repository");
    }
    if (data.resources().isEmpty()) {
      return new HarborEvent.Malformed("resources is missing: the event names no artifact");
    }
    if (data.resources().size() > Envelope.MAX_RESOURCES) {
      return new HarborEvent.Malformed(
          "resources holds more than " + Envelope.MAX_RESOURCES + " artifacts");
    }
    List<Artifact> artifacts = new ArrayList<>();
    for (Envelope.Resource resource : data.resources()) {
      String digest = resource.digest();
      String tag = resource.tag();
      if (!Grammar.DIGEST.accepts(digest)) {
        if (!Grammar.CONTENT_DIGEST.accepts(digest) || digest.startsWith("sha256:")) {
          return new HarborEvent.Malformed("a resource has no digest, or one out of form");
        }
        continue;
      }
      // A push by digest puts the digest where the tag belongs; no tag can hold a colon.
      boolean tagged = !tag.isEmpty() && tag.indexOf(':') < 0;
      if (tagged && !Grammar.TAG.accepts(tag)) {
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
  private static String occurred(
      Envelope envelope, @Nullable BinaryAttributes attributes, byte[] body) {
    if (!envelope.specVersion() && envelope.occurAt() != null) {
      return Long.toString(envelope.occurAt());
    }
    if (envelope.specVersion()) {
      try {
        return Long.toString(OffsetDateTime.parse(envelope.time()).toEpochSecond());
      } catch (DateTimeException e) {
        // The time is optional in CloudEvents.
      }
    }
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      if (attributes != null) {
        // In the body otherwise, and a redelivery has the same.
        hash.update((attributes.source() + "\n" + attributes.id() + "\n").getBytes(UTF_8));
      }
      return HexFormat.of().formatHex(hash.digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
