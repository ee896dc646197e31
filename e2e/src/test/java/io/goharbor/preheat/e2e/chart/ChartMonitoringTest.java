package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The dashboard and the alerts, as the chart installs them. */
class ChartMonitoringTest {
  @Test
  void metrics_dashboard() throws IOException {
    assertThat(Rendered.byDefault().all(ConfigMap.class)).isEmpty();
    ConfigMap dashboard =
        Rendered.of(
                Map.of(
                    "metrics",
                    Map.of(
                        "dashboard",
                        Map.of(
                            "enabled",
                            true,
                            "namespace",
                            "grafana",
                            "labels",
                            Map.of("team", "images"),
                            "annotations",
                            Map.of("folder", "Harbor")))))
            .only(ConfigMap.class, Rendered.NAME + "-dashboard");
    assertThat(dashboard.getMetadata().getNamespace()).isEqualTo("grafana");
    assertThat(dashboard.getMetadata().getLabels())
        .containsEntry("grafana_dashboard", "1")
        .containsEntry("team", "images");
    assertThat(dashboard.getMetadata().getAnnotations()).containsEntry("folder", "Harbor");
    assertThat(dashboard.getData())
        .containsOnlyKeys("harbor-preheat-operator.json")
        .containsValue(
            Files.readString(
                ChartRenderer.CHART.resolve("files/dashboards/harbor-preheat-operator.json")));
  }

  @Test
  void metrics_prometheusRule() throws IOException {
    assertThat(Rendered.byDefault().kind("PrometheusRule")).isEmpty();
    JsonNode written =
        ChartRenderer.YAML.readTree(
            Files.readString(ChartRenderer.CHART.resolve("files/alerts/preheat.yaml")));
    assertThat(rule(Map.of("enabled", true, "labels", Map.of("release", "prometheus"))))
        .satisfies(rule -> {
          assertThat(rule.getMetadata().getLabels()).containsEntry("release", "prometheus");
          JsonNode spec = new ObjectMapper().readTree(Serialization.asJson(rule)).path("spec");
          assertThat(spec).isEqualTo(written);
        });
  }

  @Test
  void metrics_prometheusRule_by_alert() {
    List<Map<String, Object>> rules =
        rule(Map.of(
                "enabled",
                true,
                "disabled",
                List.of("PreheatNoLeader"),
                "thresholds",
                Map.of("PreheatSlow", 90, "PreheatNotWarm", 0.25),
                "alertLabels",
                Map.of("team", "images", "severity", "not replaced")))
            .get("spec", "groups", 0, "rules");
    assertThat(rules).extracting(rule -> rule.get("alert")).doesNotContain("PreheatNoLeader");
    assertThat(expression(rules, "PreheatSlow")).contains("[30m]").endsWith(" > 90");
    assertThat(expression(rules, "PreheatNotWarm")).contains("[1h]").endsWith(" > 0.25");
    assertThat(expression(rules, "PreheatProviderFailing")).endsWith(" > 0.2");
    assertThat(rules)
        .allSatisfy(rule ->
            assertThat(rule.get("labels"))
                .asInstanceOf(InstanceOfAssertFactories.map(String.class, String.class))
                .containsEntry("team", "images")
                .containsKey("severity")
                .doesNotContainValue("not replaced"));
  }

  private static String expression(List<Map<String, Object>> rules, String alert) {
    return rules.stream()
        .filter(rule -> alert.equals(rule.get("alert")))
        .map(rule -> String.valueOf(rule.get("expr")).strip())
        .findFirst()
        .orElseThrow();
  }

  private static GenericKubernetesResource rule(Map<String, Object> values) {
    List<HasMetadata> rules =
        Rendered.of(Map.of("metrics", Map.of("prometheusRule", values))).kind("PrometheusRule");
    assertThat(rules).hasSize(1);
    return (GenericKubernetesResource) rules.getFirst();
  }

  @Test
  void an_alert_that_there_is_not_is_refused() {
    assertThatThrownBy(() -> rule(Map.of("enabled", true, "disabled", List.of("PreheatSlowly"))))
        .hasMessageContaining("disabled");
    assertThatThrownBy(() -> rule(Map.of("enabled", true, "thresholds", Map.of("PreheatX", 1))))
        .hasMessageContaining("thresholds");
  }
}
