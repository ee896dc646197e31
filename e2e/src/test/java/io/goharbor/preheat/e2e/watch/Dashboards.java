package io.goharbor.preheat.e2e.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Grafana dashboard in the chart. */
final class Dashboards {
  static final Path FILE =
      MetricsTest.ROOT.resolve(
          "charts/harbor-preheat-operator/files/dashboards/harbor-preheat-operator.json");

  private Dashboards() {}

  static JsonNode read() throws IOException {
    return new ObjectMapper().readTree(Files.readString(FILE));
  }

  /** Every query, also those of variables. */
  static List<MetricsTest.Named> queries() throws IOException {
    List<MetricsTest.Named> queries = new ArrayList<>();
    JsonNode dashboard = read();
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(
            new MetricsTest.Named(
                panel.path("title").asText() + " " + target.path("refId").asText(),
                target.path("expr").asText()));
      }
    }
    for (JsonNode variable : dashboard.path("templating").path("list")) {
      String query = variable.path("query").path("query").asText("");
      if (query.startsWith("label_values(")) {
        queries.add(
            new MetricsTest.Named(
                "variable " + variable.path("name").asText(),
                query.substring("label_values(".length(), query.lastIndexOf(','))));
      }
    }
    return queries;
  }
}
