package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form in which kubectl wants lists for people. */
final class Tables {
  private static final Pattern FILTER =
      Pattern.compile("^(.*)\\[\\?\\(@\\.(\\w+)==\"([^\"]*)\"\\)]\\.(\\w+)$");

  private Tables() {}

  static ObjectNode of(KubeType type, List<JsonNode> objects, String version, Instant now) {
    ObjectNode table = Json.object();
    table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    table.putObject("metadata").put("resourceVersion", version);
    ArrayNode columns = table.putArray("columnDefinitions");
    columns
        .addObject()
        .put("name", "Name")
        .put("type", "string")
        .put("format", "name")
        .put("description", "Name")
        .put("priority", 0);
    JsonNode own =
        type.schema().isMissingNode()
            ? Json.object()
            : java.util.Objects.requireNonNull(type.crd())
                .at("/spec/versions/0/additionalPrinterColumns");
    for (JsonNode column : own) {
      columns
          .addObject()
          .put("name", column.path("name").asText())
          .put("type", column.path("type").asText())
          .put("format", "")
          .put("description", "")
          .put("priority", column.path("priority").asInt());
    }
    if (own.isEmpty()) {
      columns
          .addObject()
          .put("name", "Age")
          .put("type", "date")
          .put("format", "")
          .put("description", "")
          .put("priority", 0);
    }
    ArrayNode rows = table.putArray("rows");
    for (JsonNode object : objects) {
      ObjectNode row = rows.addObject();
      ArrayNode cells = row.putArray("cells");
      cells.add(Json.name(object));
      for (JsonNode column : own) {
        cell(cells, column, object, now);
      }
      if (own.isEmpty()) {
        cells.add(age(object.at("/metadata/creationTimestamp").asText(), now));
      }
      ObjectNode partial = row.putObject("object");
      partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
      partial.set("metadata", object.path("metadata"));
    }
    return table;
  }

  private static void cell(ArrayNode cells, JsonNode column, JsonNode object, Instant now) {
    JsonNode value = path(object, column.path("jsonPath").asText());
    if (value.isMissingNode() || value.isNull()) {
      cells.addNull();
    } else if (column.path("type").asText().equals("date")) {
      cells.add(age(value.asText(), now));
    } else {
      cells.add(value);
    }
  }

  private static JsonNode path(JsonNode object, String jsonPath) {
    Matcher filter = FILTER.matcher(jsonPath);
    if (filter.matches()) {
      for (JsonNode item : object.at(filter.group(1).replace('.', '/'))) {
        if (item.path(filter.group(2)).asText().equals(filter.group(3))) {
          return item.path(filter.group(4));
        }
      }
      return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
    return object.at(jsonPath.replace('.', '/'));
  }

  private static String age(String time, Instant now) {
    try {
      Duration age = Duration.between(Instant.parse(time), now);
      if (age.toDays() > 1) {
        return age.toDays() + "d";
      }
      if (age.toHours() > 2) {
        return age.toHours() + "h";
      }
      return age.toMinutes() > 2 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    } catch (DateTimeParseException e) {
      return "<unknown>";
    }
  }
}
