package io.goharbor.preheat.crds;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The reference pages as Markdown. */
final class Reference {
  private static final String HEADER = "<!-- Generated from api-model; do not edit. -->\n\n";

  private Reference() {}

  static String crds(Collection<JsonNode> crds) {
    StringBuilder page = new StringBuilder(HEADER).append("# Custom resources\n");
    for (JsonNode crd : crds) {
      JsonNode names = crd.at("/spec/names");
      JsonNode schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
      page.append("\n## ")
          .append(names.path("kind").asText())
          .append("\n\n")
          .append(schema.path("description").asText())
          .append("\n\nShort name `")
          .append(names.path("shortNames").path(0).asText())
          .append("`, plural `")
          .append(names.path("plural").asText())
          .append("`, namespaced, `preheat.goharbor.io/v1alpha1`.\n");
      for (String part : List.of("spec", "status")) {
        page.append("\n### ")
            .append(names.path("kind").asText())
            .append(" ")
            .append(part)
            .append("\n\n| Field | Type | Meaning |\n|---|---|---|\n");
        rows(page, "", schema.path("properties").path(part));
        rules(page, part, schema.path("properties").path(part));
      }
    }
    return page.toString();
  }

  private static void rows(StringBuilder page, String prefix, JsonNode schema) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = prefix + property.getKey();
      JsonNode field = property.getValue();
      boolean required = false;
      for (JsonNode wanted : schema.path("required")) {
        required |= wanted.asText().equals(property.getKey());
      }
      page.append("| `")
          .append(name)
          .append("` | ")
          .append(type(field))
          .append(" | ")
          .append(required ? "**Required.** " : "")
          .append(field.path("description").asText().replace("|", "\\|"))
          .append(limits(field))
          .append(" |\n");
      rows(page, name + ".", field);
      if (field.path("items").path("properties").isObject()) {
        rows(page, name + "[].", field.path("items"));
      }
    }
  }

  private static void rules(StringBuilder page, String path, JsonNode schema) {
    List<String> messages = new ArrayList<>();
    collect(path, schema, messages);
    if (!messages.isEmpty()) {
      page.append("\nRules:\n\n");
      messages.forEach(message -> page.append("- ").append(message).append("\n"));
    }
  }

  private static void collect(String path, JsonNode schema, List<String> messages) {
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      messages.add("`" + path + "`: " + rule.path("message").asText());
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      collect(path + "." + property.getKey(), property.getValue(), messages);
    }
    if (schema.path("items").isObject()) {
      collect(path + "[]", schema.path("items"), messages);
    }
  }

  private static String type(JsonNode field) {
    String type = field.path("type").asText();
    if (type.equals("array")) {
      return "list of " + type(field.path("items"));
    }
    if (field.has("enum")) {
      List<String> values = new ArrayList<>();
      field.path("enum").forEach(value -> values.add("`" + value.asText() + "`"));
      return String.join(", ", values);
    }
    return type + (field.has("format") ? " (" + field.path("format").asText() + ")" : "");
  }

  private static String limits(JsonNode field) {
    List<String> limits = new ArrayList<>();
    if (field.has("default")) {
      limits.add("Default `" + field.path("default").asText() + "`.");
    }
    if (field.has("minimum") || field.has("maximum")) {
      limits.add(
          "From " + number(field.path("minimum")) + " to " + number(field.path("maximum")) + ".");
    }
    if (field.has("maxItems")) {
      limits.add("At most " + field.path("maxItems").asInt() + ".");
    }
    return limits.isEmpty() ? "" : " " + String.join(" ", limits);
  }

  private static String number(JsonNode bound) {
    return bound.isMissingNode() ? "any" : Long.toString(bound.asLong());
  }

  static String reasons(Reason[] reasons) {
    StringBuilder page =
        new StringBuilder(HEADER)
            .append("# Reasons\n\n")
            .append(
                "Every reason that a condition, a task, a skipped artifact or an Event can carry.\n\n")
            .append("| Reason | Meaning | What to do |\n|---|---|---|\n");
    for (Reason reason : reasons) {
      page.append("| `")
          .append(reason)
          .append("` | ")
          .append(reason.meaning())
          .append(" | ")
          .append(reason.remedy())
          .append(" |\n");
    }
    return page.toString();
  }
}
