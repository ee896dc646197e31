package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole renders, so that a change of the chart is seen as what it does to a cluster. The CRDs are
 * left out: {@link ChartTest} compares them with their source.
 */
class ChartGoldenTest {
  private static final Path RENDERED = Path.of("src/test/resources/chart").toAbsolutePath();
  private static final Path VALUES = ChartRenderer.CHART.resolve("ci");

  @ParameterizedTest
  @ValueSource(strings = {"default", "everything", "namespaced"})
  void rendered(String name) throws IOException {
    StringBuilder text = new StringBuilder();
    for (ObjectNode object :
        ChartRenderer.documents(
            ChartRenderer.text(ChartRenderer.RELEASE, ChartRenderer.NAMESPACE, values(name)))) {
      if (!object.path("kind").asText().equals("CustomResourceDefinition")) {
        text.append(ChartRenderer.PRINTED.writeValueAsString(object));
      }
    }
    Golden.check(RENDERED.resolve(name + ".yaml"), text.toString());
  }

  @Test
  void every_file_of_values_has_its_render() throws IOException {
    try (Stream<Path> values = Files.list(VALUES);
        Stream<Path> rendered = Files.list(RENDERED)) {
      assertThat(values.map(file -> file.getFileName().toString().replace("-values.yaml", "")))
          .containsExactlyInAnyOrderElementsOf(
              rendered.map(file -> file.getFileName().toString().replace(".yaml", "")).toList());
    }
  }

  /** Else a value that is added would be in no render but the default one. */
  @Test
  void everything_sets_each_value_that_adds_something() throws IOException {
    Map<String, Object> everything = values("everything");
    List<String> unset = new ArrayList<>();
    for (ValuesTable.Row row :
        ValuesTable.read(Files.readString(ChartRenderer.CHART.resolve("values.yaml"))).rows()) {
      boolean adds = List.of("false", "{}", "[]").contains(row.byDefault());
      if (adds && !has(everything, row.path())) {
        unset.add(row.path());
      }
    }
    assertThat(unset)
        .as("values that ci/everything-values.yaml does not set")
        .containsExactlyInAnyOrder(
            // In namespaced-values.yaml.
            "watchNamespaces",
            // Not beside a ServiceMonitor.
            "metrics.podMonitor.enabled",
            "metrics.podMonitor.labels",
            "metrics.podMonitor.annotations",
            "metrics.podMonitor.relabelings",
            "metrics.podMonitor.metricRelabelings");
  }

  private static boolean has(Object values, String path) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    return values instanceof Map<?, ?> map
        && map.containsKey(first)
        && (dot < 0 || has(map.get(first), path.substring(dot + 1)));
  }

  static Map<String, Object> values(String name) throws IOException {
    return ChartRenderer.YAML.readValue(
        VALUES.resolve(name + "-values.yaml").toFile(), new TypeReference<>() {});
  }
}
