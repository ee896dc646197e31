package io.goharbor.preheat.e2e.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The alerting rules in the chart. */
final class Alerts {
  static final Path FILE =
      MetricsTest.ROOT.resolve("charts/harbor-preheat-operator/files/alerts/preheat.yaml");

  /**
   * A rule.
   *
   * @param name of the alert
   * @param texts its annotations
   */
  record Alert(
      String name,
      String expression,
      String lasting,
      Map<String, String> labels,
      Map<String, String> texts) {}

  private Alerts() {}

  static List<Alert> all() throws IOException {
    return read(new YAMLMapper().readTree(Files.readString(FILE)).path("groups"));
  }

  /** The rules of groups, as they are in a file or in a PrometheusRule. */
  static List<Alert> read(JsonNode groups) {
    List<Alert> alerts = new ArrayList<>();
    for (JsonNode group : groups) {
      for (JsonNode rule : group.path("rules")) {
        alerts.add(
            new Alert(
                rule.path("alert").asText(),
                rule.path("expr").asText(),
                rule.path("for").asText(),
                map(rule.path("labels")),
                map(rule.path("annotations"))));
      }
    }
    return alerts;
  }

  private static Map<String, String> map(JsonNode object) {
    Map<String, String> map = new TreeMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }
}
