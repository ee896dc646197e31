package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.ApiGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples keep to the model; that an API server takes them is tested elsewhere. */
class ExamplesTest {
  private static final Path EXAMPLES = Golden.ROOT.resolve("examples");
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Crds.KINDS.stream().collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      List<Path> yaml = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      return yaml.stream();
    }
  }

  @Test
  void the_examples_that_the_documentation_names_are_there() throws Exception {
    assertThat(examples().map(file -> file.getFileName().toString()))
        .contains(
            "quickstart-dragonfly.yaml",
            "quickstart-kraken.yaml",
            "nightly-policy.yaml",
            "models-and-nydus.yaml",
            "argocd-gate.yaml",
            "argocd-gate-history.yaml",
            "argocd-sync-wave.yaml",
            "dry-run-and-retry.yaml",
            "manual-execution.yaml");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void an_example_has_no_field_that_the_model_does_not_know(Path example) throws Exception {
    for (JsonNode object : objects(example)) {
      if (ours(object)) {
        Class<? extends HasMetadata> type = KINDS.get(object.path("kind").asText());
        assertThat(type).as(object.path("kind").asText()).isNotNull();
        assertThat(Crds.YAML.treeToValue(object, type).getMetadata()).isNotNull();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void an_example_keeps_to_the_schema(Path example) throws Exception {
    Map<String, JsonNode> schemas = schemas();
    for (JsonNode object : objects(example)) {
      if (ours(object)) {
        assertThat(object.path("apiVersion").asText())
            .isEqualTo(ApiGroup.NAME + "/" + ApiGroup.VERSION);
        assertThat(
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
                    .getSchema(schemas.get(object.path("kind").asText()))
                    .validate(object))
            .isEmpty();
      }
    }
  }

  static Stream<Path> allExamples() throws IOException {
    return Stream.concat(examples(), Stream.of(EXAMPLES.resolve("kind/preheat.yaml")));
  }

  /** {@code kubectl delete -f} deletes in the order of the file. */
  @ParameterizedTest
  @MethodSource("allExamples")
  void an_example_names_the_registry_before_the_secrets(Path example) throws Exception {
    List<String> kinds = objects(example).stream().map(o -> o.path("kind").asText()).toList();
    if (kinds.contains("HarborRegistry")) {
      assertThat(kinds).startsWith("HarborRegistry");
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void an_example_goes_into_any_namespace_and_gives_away_no_secret(Path example) throws Exception {
    for (JsonNode object : objects(example)) {
      assertThat(object.at("/metadata/namespace").isMissingNode())
          .as("a namespace in %s", object.at("/metadata/name"))
          .isTrue();
      if (object.path("kind").asText().equals("Secret")) {
        assertThat(object.has("data")).as("data, which no one can read").isFalse();
        for (Map.Entry<String, JsonNode> entry : object.path("stringData").properties()) {
          if (!entry.getKey().equals("username")) {
            assertThat(entry.getValue().asText()).contains("change-me");
          }
        }
      }
    }
  }

  /** Every Secret key and every object that the examples refer to is in one of them. */
  @Test
  void the_examples_refer_to_nothing_that_is_not_there() throws Exception {
    SortedMap<String, JsonNode> present = new TreeMap<>();
    for (Path example : examples().toList()) {
      for (JsonNode object : objects(example)) {
        present.put(
            object.path("kind").asText() + "/" + object.at("/metadata/name").asText(), object);
      }
    }
    for (JsonNode object : List.copyOf(present.values())) {
      JsonNode spec = object.path("spec");
      spec.path("providerRefs")
          .forEach(ref -> assertThat(present).containsKey("P2PProvider/" + name(ref)));
      if (spec.has("harborRef")) {
        assertThat(present).containsKey("HarborRegistry/" + name(spec.path("harborRef")));
      }
      for (JsonNode ref : spec.findValues("credentialsSecretRef")) {
        assertThat(present).containsKey("Secret/" + name(ref));
      }
      for (String field : List.of("authorizationSecretRef", "secretRef")) {
        for (JsonNode ref : spec.findValues(field)) {
          JsonNode secret = present.get("Secret/" + name(ref));
          assertThat(secret).as("Secret/%s", name(ref)).isNotNull();
          assertThat(
                  Objects.requireNonNull(secret).path("stringData").has(ref.path("key").asText()))
              .as("key %s of Secret/%s", ref.path("key").asText(), name(ref))
              .isTrue();
        }
      }
    }
  }

  private static String name(JsonNode ref) {
    return ref.path("name").asText();
  }

  private static boolean ours(JsonNode object) {
    return object.path("apiVersion").asText().startsWith(ApiGroup.NAME);
  }

  private static List<JsonNode> objects(Path example) throws IOException {
    try (MappingIterator<JsonNode> documents =
        Crds.YAML.readerFor(JsonNode.class).readValues(example.toFile())) {
      List<JsonNode> objects = documents.readAll();
      assertThat(objects).as("objects in %s", example.getFileName()).isNotEmpty();
      return objects;
    }
  }

  private static Map<String, JsonNode> schemas() throws IOException {
    return Crds.generate().values().stream()
        .collect(Collectors.toMap(crd -> crd.at("/spec/names/kind").asText(), Crds::schema));
  }
}
