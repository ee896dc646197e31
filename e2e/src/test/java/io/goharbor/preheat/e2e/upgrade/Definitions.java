package io.goharbor.preheat.e2e.upgrade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The definitions of one version by the file that they are in. */
record Definitions(Map<String, JsonNode> byFile) {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final YAMLMapper YAML = new YAMLMapper();

  /** The frozen ones. */
  static Definitions previous() throws IOException {
    return in(Path.of("src/test/resources/previous/crds"));
  }

  /** Those of this version. */
  static Definitions current() throws IOException {
    return in(ROOT.resolve("crds"));
  }

  private static Definitions in(Path directory) throws IOException {
    Map<String, JsonNode> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files
              .filter(it -> it.getFileName().toString().startsWith("preheat.goharbor.io_"))
              .toList()) {
        all.put(file.getFileName().toString(), YAML.readTree(file.toFile()));
      }
    }
    return new Definitions(all);
  }

  /** Puts them in force in place of others. */
  void apply(KubernetesClient client) {
    for (JsonNode definition : byFile.values()) {
      CustomResourceDefinition crd =
          Serialization.unmarshal(definition.toString(), CustomResourceDefinition.class);
      client.resource(crd).fieldManager("world").forceConflicts().serverSideApply();
    }
  }

  /** The schema of a kind's objects. */
  JsonNode schema(String kind) {
    return byFile.values().stream()
        .filter(definition -> definition.at("/spec/names/kind").asText().equals(kind))
        .map(definition -> definition.at("/spec/versions/0/schema/openAPIV3Schema"))
        .findFirst()
        .orElseThrow();
  }
}
