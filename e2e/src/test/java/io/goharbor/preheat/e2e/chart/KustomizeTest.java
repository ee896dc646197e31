package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The Kustomize base is what the chart makes by default, without what only Helm needs. */
class KustomizeTest {
  private static final String NAME = "harbor-preheat-operator";
  private static final Path KUSTOMIZE = ChartRenderer.ROOT.resolve("deploy/kustomize");
  private static final Path BASE = KUSTOMIZE.resolve("base");
  private static final Path PREREQUISITES = KUSTOMIZE.resolve("prerequisites");

  @Test
  void the_base_is_the_default_render_of_the_chart() throws IOException {
    StringBuilder text = new StringBuilder("# Generated from the Helm chart; do not edit.\n");
    expected()
        .forEach((key, object) -> {
          if (!key.startsWith("CustomResourceDefinition ")) {
            text.append(print(object));
          }
        });
    Golden.check(BASE.resolve("operator.yaml"), text.toString());
  }

  /**
   * Who deletes what a kustomization names deletes all of it at once: were the definitions among
   * it, or a namespace, registries would wait for an operator that has lost its rights.
   */
  @Test
  void the_base_is_the_operator_and_the_definitions_and_the_namespace_are_apart()
      throws IOException {
    JsonNode base = kustomization(BASE);
    assertThat(resources(BASE)).containsExactly("operator.yaml");
    assertThat(resources(PREREQUISITES)).containsExactly("../../../crds", "namespace.yaml");
    assertThat(ChartRenderer.documents(Files.readString(BASE.resolve("operator.yaml"))))
        .extracting(object -> object.path("kind").asText())
        .doesNotContain("Namespace", "CustomResourceDefinition");
    JsonNode namespace =
        ChartRenderer.YAML.readTree(PREREQUISITES.resolve("namespace.yaml").toFile());
    assertThat(base.path("namespace")).isEqualTo(namespace.at("/metadata/name"));
  }

  private static JsonNode kustomization(Path directory) throws IOException {
    return ChartRenderer.YAML.readTree(directory.resolve("kustomization.yaml").toFile());
  }

  private static List<String> resources(Path directory) throws IOException {
    List<String> resources = new ArrayList<>();
    for (JsonNode resource : kustomization(directory).path("resources")) {
      resources.add(resource.asText());
      assertThat(directory.resolve(resource.asText())).exists();
    }
    return resources;
  }

  @Test
  void kustomize_builds_it() throws Exception {
    Map<String, ObjectNode> built = build("prerequisites");
    assertThat(built.remove("Namespace preheat")).isNotNull();
    built.putAll(build("base"));
    Map<String, ObjectNode> expected = expected();
    assertThat(built.keySet()).isEqualTo(expected.keySet());
    built.forEach((key, object) -> {
      ObjectNode made = Objects.requireNonNull(expected.get(key));
      if (key.startsWith("CustomResourceDefinition ")) {
        assertThat(object.path("spec")).isEqualTo(made.path("spec"));
      } else {
        assertThat(object).as(key).isEqualTo(made);
      }
    });
  }

  @Test
  void the_example_of_an_overlay_changes_what_it_says() throws Exception {
    Map<String, ObjectNode> built = build("overlays/example");
    assertThat(built).isNotEmpty();
    StringBuilder text = new StringBuilder();
    built.values().forEach(object -> text.append(print(object)));
    Rendered rendered = new Rendered(ChartRenderer.objects(text.toString()));
    var deployment = rendered.only(Deployment.class, NAME);
    assertThat(deployment.getMetadata().getNamespace()).isEqualTo("images");
    assertThat(deployment.getSpec().getReplicas()).isEqualTo(3);
    var container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
    assertThat(container.getImage())
        .isEqualTo("registry.example.com/tools/harbor-preheat-operator:0.1.0");
    assertThat(container.getEnv())
        .filteredOn(variable -> variable.getName().equals("PREHEAT_LOG_LEVEL"))
        .extracting(variable -> variable.getValue())
        .containsExactly("debug");
    // Else the operator would have no rights.
    assertThat(rendered.all(ClusterRoleBinding.class))
        .flatExtracting(ClusterRoleBinding::getSubjects)
        .extracting(subject -> subject.getNamespace())
        .containsExactly("images");
  }

  /** What the chart makes by default, by kind and name. */
  private static Map<String, ObjectNode> expected() {
    Map<String, ObjectNode> objects = new TreeMap<>();
    for (ObjectNode object :
        ChartRenderer.documents(ChartRenderer.text(NAME, "preheat", Map.of()))) {
      withoutHelm(object.path("metadata").path("labels"));
      withoutHelm(object.at("/spec/template/metadata/labels"));
      objects.put(key(object), object);
    }
    return objects;
  }

  private static void withoutHelm(JsonNode labels) {
    if (labels instanceof ObjectNode object) {
      object.remove(List.of("helm.sh/chart", "app.kubernetes.io/managed-by"));
    }
  }

  private static String key(JsonNode object) {
    return object.path("kind").asText() + " " + object.at("/metadata/name").asText();
  }

  private static String print(ObjectNode object) {
    try {
      return ChartRenderer.PRINTED.writeValueAsString(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, ObjectNode> build(String directory)
      throws IOException, InterruptedException {
    Path kubectl =
        List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)).stream()
            .map(path -> Path.of(path, "kubectl"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseGet(() -> abort("skipped: there is no kubectl on the PATH"));
    Process process =
        new ProcessBuilder(kubectl.toString(), "kustomize", KUSTOMIZE.resolve(directory).toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    Map<String, ObjectNode> objects = new TreeMap<>();
    ChartRenderer.documents(output).forEach(object -> objects.put(key(object), object));
    return objects;
  }
}
