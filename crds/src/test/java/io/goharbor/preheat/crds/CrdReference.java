package io.goharbor.preheat.crds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The page of custom resources as Markdown: every kind and every field, out of the CRDs. */
final class CrdReference {
  private final StringBuilder page = new StringBuilder();

  private CrdReference() {}

  static String page(Collection<JsonNode> crds) {
    CrdReference reference = new CrdReference();
    reference
        .line("<!-- Generated from api-model; do not edit. -->")
        .line("")
        .line("# Custom resources")
        .line("")
        .line("`kubectl explain` prints the same texts. A field that is neither required nor has a")
        .line("default may be left out; its meaning says what happens then.")
        .line("")
        .line("| Kind | Short name | Is |")
        .line("|---|---|---|");
    for (JsonNode crd : crds) {
      reference.row(
          "[" + kind(crd) + "](#" + kind(crd).toLowerCase(java.util.Locale.ROOT) + ")",
          code(crd.at("/spec/names/shortNames/0").asText()),
          Crds.schema(crd).path("description").asText());
    }
    crds.forEach(reference::kindOf);
    return reference.page.toString();
  }

  private void kindOf(JsonNode crd) {
    JsonNode version = crd.at("/spec/versions/0");
    line("").line("## " + kind(crd)).line("");
    line(Crds.schema(crd).path("description").asText()).line("");
    line("- API version: " + code(crd.at("/spec/group").asText() + "/" + text(version, "name")));
    line("- Plural: " + code(crd.at("/spec/names/plural").asText()) + ", namespaced");
    line("- Columns: " + columns(version, 0) + "; with `-o wide` also " + columns(version, 1));
    List<String> selectable = new ArrayList<>();
    version.path("selectableFields").forEach(field -> selectable.add(field(field)));
    if (!selectable.isEmpty()) {
      line("- Fields for `--field-selector`: " + String.join(", ", selectable));
    }
    for (String part : List.of("spec", "status")) {
      JsonNode schema = Crds.schema(crd).path("properties").path(part);
      line("").line("### " + kind(crd) + " " + part).line("");
      line("| Field | Type | Default | Limits | Meaning |").line("|---|---|---|---|---|");
      rows("", schema);
      rules(part, schema);
    }
  }

  private void rows(String prefix, JsonNode schema) {
    for (var property : schema.path("properties").properties()) {
      JsonNode field = property.getValue();
      String name = prefix + property.getKey();
      row(
          code(name),
          type(field),
          field.has("default")
              ? code(field.path("default").asText())
              : required(schema, property.getKey()) ? "required" : "",
          String.join("; ", limits(field)),
          cell(text(field, "description")));
      rows(name + ".", field);
      rows(name + "[].", field.path("items"));
    }
  }

  private void rules(String part, JsonNode schema) {
    List<String> messages = new ArrayList<>();
    messages(new SchemaWalk.Node(part, schema, true), messages);
    SchemaWalk.below(part, schema).forEach(node -> messages(node, messages));
    if (!messages.isEmpty()) {
      line("").line("Rules over several fields:").line("");
      messages.forEach(message -> line("- " + message));
    }
  }

  private static void messages(SchemaWalk.Node node, List<String> messages) {
    node.schema()
        .path("x-kubernetes-validations")
        .forEach(rule -> messages.add(code(node.path()) + ": " + text(rule, "message")));
  }

  private static boolean required(JsonNode schema, String field) {
    for (JsonNode wanted : schema.path("required")) {
      if (wanted.asText().equals(field)) {
        return true;
      }
    }
    return false;
  }

  private static String type(JsonNode field) {
    if (field.has("enum")) {
      List<String> values = new ArrayList<>();
      field.path("enum").forEach(value -> values.add(code(value.asText())));
      return String.join(", ", values);
    }
    return switch (text(field, "type")) {
      case "array" -> "list of " + type(field.path("items"));
      case "object" ->
          field.has("additionalProperties")
              ? "map to " + type(field.path("additionalProperties"))
              : "object";
      case "string" -> text(field, "format").equals("date-time") ? "time (RFC 3339)" : "string";
      default -> text(field, "type");
    };
  }

  private static List<String> limits(JsonNode field) {
    List<String> limits = new ArrayList<>();
    range(limits, field, "minimum", "maximum", "");
    range(limits, field, "minLength", "maxLength", " characters");
    range(limits, field, "minItems", "maxItems", " items");
    if (field.has("pattern")) {
      // A backtick would end the code in which it stands.
      limits.add(cell(code(text(field, "pattern").replace("`", "\\x60"))));
    }
    if (text(field.path("items"), "type").equals("string") && !field.path("items").has("enum")) {
      List<String> each = limits(field.path("items"));
      if (!each.isEmpty()) {
        limits.add("each " + String.join("; ", each));
      }
    }
    return limits;
  }

  private static void range(
      List<String> limits, JsonNode field, String least, String most, String unit) {
    if (field.has(least) && field.has(most)) {
      long from = field.path(least).asLong();
      long to = field.path(most).asLong();
      limits.add((from == to ? Long.toString(from) : from + " to " + to) + unit);
    } else if (field.has(most)) {
      limits.add("at most " + field.path(most).asLong() + unit);
    } else if (field.has(least)) {
      limits.add("at least " + field.path(least).asLong() + unit);
    }
  }

  private static String columns(JsonNode version, int priority) {
    List<String> names = new ArrayList<>();
    for (JsonNode column : version.path("additionalPrinterColumns")) {
      if (column.path("priority").asInt() == priority) {
        names.add(text(column, "name"));
      }
    }
    return String.join(", ", names);
  }

  private static String kind(JsonNode crd) {
    return crd.at("/spec/names/kind").asText();
  }

  private static String field(JsonNode selectable) {
    return code(text(selectable, "jsonPath").substring(1));
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  /** A bar ends a table's cell, in code too. */
  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  private void row(String... cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private CrdReference line(String text) {
    page.append(text).append('\n');
    return this;
  }
}
