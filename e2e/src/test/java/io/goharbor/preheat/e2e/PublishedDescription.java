package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.goharbor.preheat.e2e.sim.Ask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A published OpenAPI 2.0 description, to which requests and answers are held, where that is at
 * hand: {@code PREHEAT_SHARED_DATA} names its folder.
 */
public final class PublishedDescription {
  private final JsonNode api;
  private final String base;
  private final Set<String> undescribedQueries;

  private PublishedDescription(JsonNode api, Set<String> undescribedQueries) {
    this.api = api;
    this.base = api.path("basePath").asText("").replaceFirst("/$", "");
    this.undescribedQueries = undescribedQueries;
  }

  /**
   * Reads a description; aborts the test where it is not at hand.
   *
   * @param undescribedQueries parameters that the real system takes and its description forgot
   */
  public static PublishedDescription load(String file, Set<String> undescribedQueries)
      throws IOException {
    String configured = System.getenv("PREHEAT_SHARED_DATA");
    Path folder = Path.of(configured == null ? "../../shared/data" : configured);
    assumeTrue(
        Files.isRegularFile(folder.resolve(file)),
        () ->
            "skipped: "
                + file
                + " is not in "
                + folder
                + "; set PREHEAT_SHARED_DATA to its folder");
    return new PublishedDescription(
        new ObjectMapper(new YAMLFactory()).readTree(folder.resolve(file).toFile()),
        undescribedQueries);
  }

  /** Whether the description speaks of this path at all. */
  public boolean covers(Ask ask) {
    return ask.rawPath().startsWith(base + "/");
  }

  /**
   * Path, method, parameters and body of a request.
   *
   * @return the operation, such as {@code get /projects/{project_name}}
   */
  public String checkRequest(Ask ask) throws IOException {
    String path = template(ask.rawPath());
    JsonNode operation = api.path("paths").path(path).path(ask.method().toLowerCase(Locale.ROOT));
    assertThat(operation.isObject()).as("%s is described", ask).isTrue();
    for (Map.Entry<String, List<String>> query : ask.allQueries().entrySet()) {
      checkQuery(operation, query.getKey(), query.getValue().getFirst(), ask);
    }
    for (JsonNode declared : operation.path("parameters")) {
      JsonNode parameter = resolve(declared);
      if (parameter.path("in").asText().equals("query") && parameter.path("required").asBoolean()) {
        assertThat(ask.allQueries())
            .as(ask.toString())
            .containsKey(parameter.path("name").asText());
      }
      if (parameter.path("in").asText().equals("body")) {
        checkValue(parameter.path("schema"), ask.json(), ask.toString());
      }
    }
    return ask.method().toLowerCase(Locale.ROOT) + " " + path;
  }

  private void checkQuery(JsonNode operation, String name, String value, Ask ask) {
    for (JsonNode declared : operation.path("parameters")) {
      JsonNode parameter = resolve(declared);
      if (parameter.path("in").asText().equals("query")
          && parameter.path("name").asText().equals(name)) {
        if (parameter.has("maximum")) {
          assertThat(Integer.parseInt(value))
              .as(ask.toString())
              .isBetween(parameter.path("minimum").asInt(), parameter.path("maximum").asInt());
        }
        return;
      }
    }
    assertThat(undescribedQueries).as("%s: %s is described", ask, name).contains(name);
  }

  /** The body of a GET's answer, for a path as the description writes it. */
  public void checkAnswer(String path, JsonNode answer) {
    JsonNode schema =
        api.path("paths").path(path).path("get").path("responses").path("200").path("schema");
    assertThat(schema.isObject()).as("%s has an answer", path).isTrue();
    checkValue(schema, answer, path);
  }

  /** The path in the description that fits; one without variables is preferred. */
  private String template(String rawPath) {
    String path = rawPath.substring(base.length());
    List<String> fitting = new ArrayList<>();
    api.path("paths")
        .fieldNames()
        .forEachRemaining(candidate -> {
          String regex = Pattern.quote(candidate).replaceAll("\\{[^}/]+}", "\\\\E[^/]+\\\\Q");
          if (path.matches(regex)) {
            fitting.add(candidate);
          }
        });
    return fitting.stream()
        .min(
            java.util.Comparator.comparingLong(
                candidate -> candidate.chars().filter(c -> c == '{').count()))
        .orElse(path);
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? api.at(node.path("$ref").asText().substring(1)) : node;
  }

  /** Types, required fields, and no field that the description does not have. */
  private void checkValue(JsonNode declared, JsonNode value, String where) {
    JsonNode schema = resolve(declared);
    if (value.isNull()) {
      return;
    }
    switch (schema.path("type").asText(schema.has("properties") ? "object" : "")) {
      case "object" -> checkObject(schema, value, where);
      case "array" -> {
        assertThat(value.isArray()).as(where).isTrue();
        value.forEach(item -> checkValue(schema.path("items"), item, where + "[]"));
      }
      case "string" -> assertThat(value.isTextual()).as(where).isTrue();
      case "integer" -> assertThat(value.isIntegralNumber()).as(where).isTrue();
      case "boolean" -> assertThat(value.isBoolean()).as(where).isTrue();
      default -> assertThat(schema.isObject()).as("%s has a schema", where).isTrue();
    }
  }

  private void checkObject(JsonNode schema, JsonNode value, String where) {
    assertThat(value.isObject()).as(where).isTrue();
    schema
        .path("required")
        .forEach(field ->
            assertThat(value.has(field.asText())).as("%s.%s", where, field.asText()).isTrue());
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode property = schema.path("properties").path(field.getKey());
      if (property.isMissingNode() && schema.has("additionalProperties")) {
        property = schema.path("additionalProperties");
      } else if (schema.has("properties")) {
        assertThat(property.isObject()).as("%s.%s is described", where, field.getKey()).isTrue();
      }
      if (property.isObject()) {
        checkValue(property, field.getValue(), where + "." + field.getKey());
      }
    }
  }
}
