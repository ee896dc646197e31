package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What values.schema.json refuses, before anything reaches a cluster. */
class ChartSchemaTest {
  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("replcas", 3, "replcas"),
        Arguments.of("webhook.ingres", Map.of("enabled", true), "ingres"),
        Arguments.of("metrics.serviceMonitor.intervall", "1m", "intervall"),
        Arguments.of("image.digest", "sha256:short", "digest"),
        Arguments.of("image.repository", "", "repository"),
        Arguments.of("image.pullPolicy", "Sometimes", "pullPolicy"),
        Arguments.of("replicas", -1, "replicas"),
        Arguments.of("replicas", "two", "replicas"),
        Arguments.of("logging.format", "xml", "format"),
        Arguments.of("logging.level", "loud", "level"),
        Arguments.of("webhook.service.port", 0, "port"),
        Arguments.of("webhook.service.type", "ExternalName", "type"),
        Arguments.of("metrics.serviceMonitor.interval", "soon", "interval"),
        Arguments.of("watchNamespaces", List.of("Shop"), "watchNamespaces"),
        // The Role would be there twice.
        Arguments.of("watchNamespaces", List.of("shop", "shop"), "watchNamespaces"),
        Arguments.of("rbac.secretNamespaces", List.of("Shop"), "secretNamespaces"),
        Arguments.of("rbac.secretNamespaces", List.of("shop", "shop"), "secretNamespaces"),
        Arguments.of("admissionPolicy.hosts", List.of("https://harbor"), "hosts"),
        Arguments.of("admissionPolicy.hosts", List.of("harbor:443"), "hosts"),
        Arguments.of("admissionPolicy.namespaceHosts", Map.of("A", List.of("b")), "pattern"),
        Arguments.of("admissionPolicy.maxPriority", "high", "maxPriority"),
        Arguments.of("imagePullSecrets", List.of("pull"), "imagePullSecrets"),
        // The operator stops when it finds a variable that it does not know.
        Arguments.of("extraEnv", List.of(Map.of("name", "PREHEAT_X", "value", "1")), "extraEnv"),
        // Replicas of one identity would all lead.
        Arguments.of("extraEnv", List.of(Map.of("name", "HOSTNAME", "value", "a")), "extraEnv"),
        Arguments.of("podLabels", Map.of("app.kubernetes.io/name", "other"), "podLabels"),
        Arguments.of("commonLabels", Map.of("helm.sh/chart", "other"), "commonLabels"),
        Arguments.of("podAnnotations", Map.of("checksum/config", "x"), "podAnnotations"),
        Arguments.of("webhook.tls.certificate.issuer", "x", "issuer"),
        Arguments.of("webhook.tls.certificate.issuerRef.nam", "x", "nam"),
        Arguments.of("webhook.tls.certificate.duration", "90d", "duration"),
        Arguments.of("webhook.httpRoute.parentRefs", List.of(Map.of("gateway", "x")), "gateway"),
        Arguments.of("webhook.httpRoute.hostnames", List.of("https://p"), "hostnames"),
        Arguments.of("networkPolicy.webhookFrom", List.of(Map.of("pod", Map.of())), "pod"),
        Arguments.of("networkPolicy.metricsFrom", List.of(Map.of()), "metricsFrom"),
        Arguments.of("networkPolicy.egress.apiServerPorts", List.of(), "apiServerPorts"),
        Arguments.of("podDisruptionBudget.minAvailable", "half", "minAvailable"),
        Arguments.of("probes.startup.periodSecond", 1, "periodSecond"),
        Arguments.of("resources.limit", Map.of("cpu", "1"), "limit"),
        Arguments.of("strategy.rollingUpdat", Map.of(), "rollingUpdat"),
        Arguments.of("podSecurityContext.runAsUsers", 1, "runAsUsers"),
        Arguments.of("containerSecurityContext.capabilities.dropp", List.of("ALL"), "dropp"),
        Arguments.of("tolerations", List.of(Map.of("keys", "x")), "keys"),
        Arguments.of("affinity.podAfinity", Map.of(), "podAfinity"),
        Arguments.of("topologySpreadConstraints", List.of(Map.of("maxSkew", 1)), "topologyKey"),
        Arguments.of("extraEnvFrom", List.of(Map.of("secret", "x")), "secret"),
        // They would be there twice.
        Arguments.of("extraVolumes", List.of(Map.of("name", "tmp")), "extraVolumes"),
        Arguments.of(
            "extraVolumeMounts",
            List.of(Map.of("name", "x", "mountPath", "/tmp")),
            "extraVolumeMounts"),
        Arguments.of("extraObjects", List.of(Map.of("kind", "ConfigMap")), "extraObjects"),
        Arguments.of("hostAliases", List.of(Map.of("ip", "192.0.2.1")), "hostnames"),
        Arguments.of("dnsConfig.nameserver", "192.0.2.1", "nameserver"));
  }

  @ParameterizedTest
  @MethodSource
  void refused(String path, Object value, String named) {
    assertThatThrownBy(() -> Rendered.with(path, value))
        .hasMessageContaining("values don't meet the specifications of the schema")
        .hasMessageContaining(named);
  }

  @Test
  void it_knows_each_value_and_is_open_nowhere_else() throws IOException {
    JsonNode schema =
        ChartRenderer.YAML.readTree(
            Files.readString(ChartRenderer.CHART.resolve("values.schema.json")));
    List<String> documented =
        ValuesTable.read(Files.readString(ChartRenderer.CHART.resolve("values.yaml")))
            .rows()
            .stream()
            .map(ValuesTable.Row::path)
            .toList();
    List<String> known = new ArrayList<>();
    collect("", schema, documented, known);
    // Helm itself adds it.
    known.remove("global");
    assertThat(known).containsExactlyInAnyOrderElementsOf(documented);
  }

  private static void collect(
      String path, JsonNode schema, List<String> documented, List<String> known) {
    if (documented.contains(path) || !schema.has("properties")) {
      known.add(path);
      return;
    }
    assertThat(schema.path("additionalProperties").isBoolean()).as("closed: %s", path).isTrue();
    assertThat(schema.path("additionalProperties").asBoolean()).as("closed: %s", path).isFalse();
    schema
        .path("properties")
        .forEachEntry((name, child) ->
            collect(path.isEmpty() ? name : path + "." + name, child, documented, known));
  }
}
