package io.goharbor.preheat.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of a webhook body, as it stands there. The body is read as a stream, and no tree
 * is made of it: what it takes of the heap is bounded by {@link #MAX_RESOURCES}, whatever it holds.
 *
 * @param type null when it is missing or no text
 * @param specVersion whether there is one, which tells a CloudEvent
 * @param occurAt seconds since the epoch, in the Default format; null when missing or no number
 * @param time of a CloudEvent; empty when missing
 * @param eventData what the Default format says
 * @param data what a CloudEvent says
 */
record Envelope(
    @Nullable String type,
    boolean specVersion,
    @Nullable Long occurAt,
    String time,
    Data eventData,
    Data data) {
  /** More than one event can mean. */
  static final int MAX_RESOURCES = 500;

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * The data of an event.
   *
   * @param repository empty when missing
   * @param scanType empty when missing
   * @param resources one more than may be, when there are more
   */
  record Data(String repository, String scanType, List<Resource> resources) {
    static final Data NONE = new Data("", "", List.of());
  }

  /** An artifact, its texts empty when missing. */
  record Resource(String digest, String tag) {}

  /** The data in the place where the format has it. */
  Data here() {
    return specVersion ? data : eventData;
  }

  /**
   * Reads a body.
   *
   * @return null when it is JSON, but no object
   * @throws IOException when it is not JSON; the message quotes the body
   */
  static @Nullable Envelope read(byte[] body) throws IOException {
    try (JsonParser json = JSON.createParser(body)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        return null;
      }
      if (first != JsonToken.START_OBJECT) {
        json.skipChildren();
        end(json);
        return null;
      }
      String type = null;
      boolean specVersion = false;
      Long occurAt = null;
      String time = "";
      Data eventData = Data.NONE;
      Data data = Data.NONE;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "type" -> type = value == JsonToken.VALUE_STRING ? json.getText() : skip(json);
          case "specversion" -> {
            specVersion = true;
            json.skipChildren();
          }
          case "occur_at" -> occurAt = number(json);
          case "time" -> time = text(json);
          case "event_data" -> eventData = data(json);
          case "data" -> data = data(json);
          default -> json.skipChildren();
        }
      }
      end(json);
      return new Envelope(type, specVersion, occurAt, time, eventData, data);
    }
  }

  /**
   * Reads the body of a CloudEvent in binary mode.
   *
   * @return null when it is JSON, but no object
   * @throws IOException when it is not JSON; the message quotes the body
   */
  static @Nullable Envelope read(BinaryAttributes attributes, byte[] body) throws IOException {
    try (JsonParser json = JSON.createParser(body)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        return null;
      }
      Data data = data(json);
      end(json);
      return first == JsonToken.START_OBJECT
          ? new Envelope(attributes.type(), true, null, attributes.time(), Data.NONE, data)
          : null;
    }
  }

  /** A second value after the first would be another event that no one looks at. */
  private static void end(JsonParser json) throws IOException {
    if (json.nextToken() != null) {
      throw new IOException("more than one value");
    }
  }

  private static Data data(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return Data.NONE;
    }
    String repository = "";
    String scanType = "";
    List<Resource> resources = List.of();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "repository" -> repository = member(json, "repo_full_name");
        case "scan" -> scanType = member(json, "scan_type");
        case "resources" -> resources = resources(json);
        default -> json.skipChildren();
      }
    }
    return new Data(repository, scanType, resources);
  }

  private static List<Resource> resources(JsonParser json) throws IOException {
    List<Resource> resources = new ArrayList<>();
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return resources;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Resource resource = resource(json);
      if (resources.size() <= MAX_RESOURCES) {
        resources.add(resource);
      }
    }
    return resources;
  }

  private static Resource resource(JsonParser json) throws IOException {
    String digest = "";
    String tag = "";
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return new Resource(digest, tag);
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "digest" -> digest = text(json);
        case "tag" -> tag = text(json);
        default -> json.skipChildren();
      }
    }
    return new Resource(digest, tag);
  }

  /** The text of one member of an object; empty when there is none. */
  private static String member(JsonParser json, String wanted) throws IOException {
    String found = "";
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return found;
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      if (name.equals(wanted)) {
        found = text(json);
      } else {
        json.skipChildren();
      }
    }
    return found;
  }

  private static String text(JsonParser json) throws IOException {
    JsonToken value = json.currentToken();
    if (value == null || value == JsonToken.VALUE_NULL || !value.isScalarValue()) {
      json.skipChildren();
      return "";
    }
    return json.getText();
  }

  private static @Nullable Long number(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      json.skipChildren();
      return null;
    }
    return json.getLongValue();
  }

  private static @Nullable String skip(JsonParser json) throws IOException {
    json.skipChildren();
    return null;
  }
}
