package io.goharbor.preheat.e2e.chart;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Renders the chart with Helm's own engine, as {@code helm template} would. */
public final class ChartRenderer {
  /** The name of the release. */
  public static final String RELEASE = "preheat";

  /** The namespace of the release; it is not among the rendered objects and must exist. */
  public static final String NAMESPACE = "preheat-system";

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path CHART = ROOT.resolve("charts/harbor-preheat-operator");

  /** A key that is written twice is an error here, as it is for an API server. */
  static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private static final KubernetesSerialization OBJECTS = new KubernetesSerialization();

  private ChartRenderer() {}

  /**
   * The objects that the chart makes, in the order in which Helm prints them.
   *
   * @param values what differs from values.yaml, nested as it is there
   * @throws IllegalStateException with Helm's message, when Helm refuses the values
   */
  public static List<HasMetadata> render(Map<String, Object> values) {
    try {
      String text =
          withFile(
              values,
              file ->
                  new Helm(CHART)
                      .template()
                      .withName(RELEASE)
                      .withNamespace(NAMESPACE)
                      .withValuesFile(file)
                      .call());
      List<HasMetadata> objects = new ArrayList<>();
      try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(text)) {
        while (documents.hasNext()) {
          JsonNode document = documents.next();
          if (document.isObject()) {
            objects.add(OBJECTS.unmarshal(document.toString()));
          }
        }
      }
      return objects;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Helm tells a person after the installation. */
  static String notes(Map<String, Object> values) throws IOException {
    return withFile(
        values,
        file ->
            new Helm(CHART)
                .install()
                .clientOnly()
                .dryRun()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withValuesFile(file)
                .call()
                .getOutput());
  }

  private interface Run {
    String with(Path values);
  }

  private static String withFile(Map<String, Object> values, Run run) throws IOException {
    Path file = Files.createTempFile("values", ".yaml");
    try {
      YAML.writeValue(file.toFile(), values);
      return run.with(file);
    } finally {
      Files.delete(file);
    }
  }
}
