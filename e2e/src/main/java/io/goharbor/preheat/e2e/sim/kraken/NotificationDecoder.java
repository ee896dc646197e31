package io.goharbor.preheat.e2e.sim.kraken;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads registry notifications as Go's decoder does: keys in any case, unknown ones ignored, null
 * taken as absent, and every value of a wrong type an error for the whole body.
 */
final class NotificationDecoder {
  /** An event. */
  record Event(String action, @Nullable Target target) {}

  /** What it is about. */
  record Target(String mediaType, String digest, String repository) {}

  /** The body cannot be read. */
  static final class Undecodable extends Exception {
    private static final long serialVersionUID = 1L;

    Undecodable(String message) {
      super(message);
    }
  }

  private NotificationDecoder() {}

  /** The events of a body. */
  static List<Event> decode(JsonNode body) throws Undecodable {
    if (body.isMissingNode()) {
      throw new Undecodable("EOF");
    }
    List<Event> events = new ArrayList<>();
    JsonNode list = field(object(body, "Notification"), "events");
    if (!list.isMissingNode() && !list.isArray()) {
      throw wrong(list, "Notification.Events");
    }
    for (JsonNode event : list) {
      object(event, "Event");
      text(event, "id");
      timestamp(field(event, "timestamp"));
      JsonNode target = field(event, "target");
      events.add(
          new Event(
              text(event, "action"),
              target.isMissingNode() ? null : target(object(target, "Target"))));
    }
    return events;
  }

  /** The error text of Go's decoder for text that is no JSON. */
  static Undecodable syntax(JsonProcessingException e) {
    return new Undecodable("invalid character: " + e.getOriginalMessage());
  }

  private static Target target(JsonNode target) throws Undecodable {
    text(target, "url");
    text(target, "tag");
    return new Target(
        text(target, "mediaType"), text(target, "digest"), text(target, "repository"));
  }

  private static JsonNode object(JsonNode node, String what) throws Undecodable {
    if (!node.isObject() && !node.isNull()) {
      throw wrong(node, what);
    }
    return node;
  }

  private static JsonNode field(JsonNode node, String name) {
    JsonNode found = MissingNode.getInstance();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        found = entry.getValue().isNull() ? MissingNode.getInstance() : entry.getValue();
      }
    }
    return found;
  }

  private static String text(JsonNode node, String name) throws Undecodable {
    JsonNode value = field(node, name);
    if (value.isMissingNode()) {
      return "";
    }
    if (value.getNodeType() != JsonNodeType.STRING) {
      throw wrong(value, name);
    }
    return value.asText();
  }

  private static void timestamp(JsonNode value) throws Undecodable {
    if (value.isMissingNode()) {
      return;
    }
    if (!value.isTextual()) {
      throw new Undecodable("Time.UnmarshalJSON: input is not a JSON string");
    }
    try {
      OffsetDateTime.parse(value.asText(), DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    } catch (DateTimeParseException e) {
      throw new Undecodable("parsing time \"" + value.asText() + "\": cannot parse");
    }
  }

  private static Undecodable wrong(JsonNode node, String into) {
    return new Undecodable(
        "json: cannot unmarshal "
            + node.getNodeType().name().toLowerCase(java.util.Locale.ROOT)
            + " into Go struct field "
            + into);
  }
}
