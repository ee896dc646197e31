package io.goharbor.preheat.e2e.chart;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
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

  /** Without a cluster the engine takes a version that the chart refuses. */
  private static final String KUBERNETES = "1.34.0";

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path CHART = ROOT.resolve("charts/harbor-preheat-operator");

  /** A key that is written twice is an error here, as it is for an API server. */
  static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /** Prints for people: a text is quoted only where it would be something else without. */
  static final YAMLMapper PRINTED =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private static final KubernetesSerialization OBJECTS = new KubernetesSerialization();

  private ChartRenderer() {}

  /**
   * The objects that the chart makes, in the order in which Helm prints them.
   *
   * @param values what differs from values.yaml, nested as it is there
   * @throws IllegalStateException with Helm's message, when Helm refuses the values
   */
  public static List<HasMetadata> render(Map<String, Object> values) {
    return objects(text(RELEASE, NAMESPACE, values));
  }

  /**
   * What {@code helm template} prints.
   *
   * @throws IllegalStateException with Helm's message, when Helm refuses the values
   */
  static String text(String release, String namespace, Map<String, Object> values) {
    try {
      return withFile(
          values,
          file ->
              new Helm(CHART)
                  .template()
                  .withName(release)
                  .withNamespace(namespace)
                  .withKubeVersion(KUBERNETES)
                  .withValuesFile(file)
                  .call());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The objects in a text of YAML documents; empty documents are left out. */
  static List<HasMetadata> objects(String text) {
    List<HasMetadata> objects = new ArrayList<>();
    documents(text).forEach(document -> objects.add(OBJECTS.unmarshal(document.toString())));
    return objects;
  }

  /** The same as plain trees, in the order of the text. */
  static List<ObjectNode> documents(String text) {
    List<ObjectNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(text)) {
      while (all.hasNext()) {
        if (all.next() instanceof ObjectNode document) {
          documents.add(document);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return documents;
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
                .withKubeVersion(KUBERNETES)
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
