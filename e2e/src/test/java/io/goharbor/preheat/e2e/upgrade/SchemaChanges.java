package io.goharbor.preheat.e2e.upgrade;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a new definition takes away from an old one: objects that were valid and would not be, or
 * would lose something.
 */
final class SchemaChanges {
  private static final List<String> UPPER_LIMITS =
      List.of("maxLength", "maximum", "maxItems", "maxProperties");
  private static final List<String> LOWER_LIMITS =
      List.of("minLength", "minimum", "minItems", "minProperties");

  private final List<String> found = new ArrayList<>();

  private SchemaChanges() {}

  /** Sentences; empty when every old object is a new one. */
  static List<String> between(JsonNode old, JsonNode now) {
    SchemaChanges changes = new SchemaChanges();
    changes.names(old, now);
    for (JsonNode version : old.at("/spec/versions")) {
      changes.version(version, now);
    }
    return changes.found;
  }

  private void names(JsonNode old, JsonNode now) {
    for (String field : List.of("/spec/group", "/spec/scope", "/spec/names/kind")) {
      if (!old.at(field).equals(now.at(field))) {
        found.add(field + " was " + old.at(field) + " and is " + now.at(field));
      }
    }
    for (String field : List.of("plural", "singular", "shortNames", "categories")) {
      JsonNode was = old.at("/spec/names/" + field);
      if (!(was.isArray()
          ? texts(now.at("/spec/names/" + field)).containsAll(texts(was))
          : was.equals(now.at("/spec/names/" + field)))) {
        found.add("/spec/names/" + field + " lost one of " + was);
      }
    }
  }

  private void version(JsonNode old, JsonNode definition) {
    String name = old.path("name").asText();
    for (JsonNode now : definition.at("/spec/versions")) {
      if (now.path("name").asText().equals(name)) {
        if (old.path("served").asBoolean() && !now.path("served").asBoolean()) {
          found.add(name + " is not served any more");
        }
        for (JsonNode field : old.path("selectableFields")) {
          if (!texts(now.path("selectableFields")).contains(field.toString())) {
            found.add(name + " can no longer be selected by " + field.path("jsonPath"));
          }
        }
        walk(name, old.at("/schema/openAPIV3Schema"), now.at("/schema/openAPIV3Schema"));
        return;
      }
    }
    found.add("version " + name + " is gone");
  }

  private void walk(String path, JsonNode old, JsonNode now) {
    if (now.isMissingNode()) {
      found.add(path + " is gone");
      return;
    }
    if (!old.path("type").equals(now.path("type"))) {
      found.add(path + " was of type " + old.path("type") + " and is " + now.path("type"));
    }
    values(path, old, now);
    limits(path, old, now);
    for (String field : List.of("pattern", "format")) {
      if (now.has(field) && !now.path(field).equals(old.path(field))) {
        found.add(path + " has another " + field + ", " + now.path(field).asText());
      }
    }
    if (!old.path("default").equals(now.path("default")) && old.has("default")) {
      found.add(path + " has another default, " + now.path("default"));
    }
    Set<String> required = texts(now.path("required"));
    required.removeAll(texts(old.path("required")));
    for (String field : required) {
      found.add(path + "." + field + " is required now");
    }
    Set<String> rules = rules(now);
    rules.removeAll(rules(old));
    for (String rule : rules) {
      found.add(path + " has a new rule: " + rule);
    }
    for (var property : old.path("properties").properties()) {
      walk(
          path + "." + property.getKey(),
          property.getValue(),
          now.path("properties").path(property.getKey()));
    }
    for (String inner : List.of("items", "additionalProperties")) {
      if (old.path(inner).isObject()) {
        walk(path + (inner.equals("items") ? "[]" : "{}"), old.path(inner), now.path(inner));
      }
    }
  }

  private void values(String path, JsonNode old, JsonNode now) {
    if (!now.has("enum")) {
      return;
    }
    if (!old.has("enum")) {
      found.add(path + " takes only some values now");
      return;
    }
    Set<String> lost = texts(old.path("enum"));
    lost.removeAll(texts(now.path("enum")));
    for (String value : lost) {
      found.add(path + " does not take " + value + " any more");
    }
  }

  private void limits(String path, JsonNode old, JsonNode now) {
    for (String limit : UPPER_LIMITS) {
      if (now.has(limit)
          && (!old.has(limit) || now.path(limit).asDouble() < old.path(limit).asDouble())) {
        found.add(path + " has a lower " + limit + ", " + now.path(limit));
      }
    }
    for (String limit : LOWER_LIMITS) {
      if (now.has(limit)
          && (!old.has(limit) || now.path(limit).asDouble() > old.path(limit).asDouble())) {
        found.add(path + " has a higher " + limit + ", " + now.path(limit));
      }
    }
  }

  private static Set<String> rules(JsonNode schema) {
    Set<String> rules = new HashSet<>();
    schema
        .path("x-kubernetes-validations")
        .forEach(
            rule -> rules.add(rule.path("message").asText() + " | " + rule.path("rule").asText()));
    return rules;
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new HashSet<>();
    array.forEach(item -> texts.add(item.isTextual() ? item.asText() : item.toString()));
    return texts;
  }
}
