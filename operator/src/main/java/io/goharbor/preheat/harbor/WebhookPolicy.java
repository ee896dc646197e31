package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A webhook policy of a Harbor project with one HTTP target.
 *
 * @param id 0 before it is created
 * @param address of several targets, which only somebody else makes, all addresses; of a target
 *     that is not HTTP, its type in front
 * @param payloadFormat Default or CloudEvents
 */
public record WebhookPolicy(
    long id,
    String name,
    String description,
    boolean enabled,
    Set<String> eventTypes,
    String address,
    String authHeader,
    boolean skipCertVerify,
    String payloadFormat) {

  /** The same under another id. */
  public WebhookPolicy withId(long newId) {
    return new WebhookPolicy(
        newId,
        name,
        description,
        enabled,
        eventTypes,
        address,
        authHeader,
        skipCertVerify,
        payloadFormat);
  }

  static WebhookPolicy read(JsonNode json) {
    Set<String> types = new TreeSet<>();
    json.path("event_types").forEach(type -> types.add(type.asText()));
    JsonNode target = json.path("targets").path(0);
    return new WebhookPolicy(
        json.path("id").asLong(),
        json.path("name").asText(""),
        json.path("description").asText(""),
        json.path("enabled").asBoolean(),
        types,
        addresses(json.path("targets")),
        target.path("auth_header").asText(""),
        target.path("skip_cert_verify").asBoolean(false),
        target.path("payload_format").asText("Default"));
  }

  private static String addresses(JsonNode targets) {
    List<String> all = new ArrayList<>();
    for (JsonNode target : targets) {
      String type = target.path("type").asText("http");
      String address = target.path("address").asText("");
      all.add(type.equals("http") ? address : type + " " + address);
    }
    return String.join(", ", all);
  }

  Map<String, Object> write() {
    return Map.of(
        "name",
        name,
        "description",
        description,
        "enabled",
        enabled,
        "event_types",
        List.copyOf(new TreeSet<>(eventTypes)),
        "targets",
        List.of(
            Map.of(
                "type",
                "http",
                "address",
                address,
                "auth_header",
                authHeader,
                "skip_cert_verify",
                skipCertVerify,
                "payload_format",
                payloadFormat)));
  }

  @Override
  public String toString() {
    return "WebhookPolicy[" + id + ", " + name + ", enabled=" + enabled + ", " + address + "]";
  }
}
