package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The bundle is generated, and keeps the rules that OLM's documentation sets for bundles: <a
 * href="https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/">bundles</a>.
 */
class OlmBundleTest {
  private static final Path BUNDLE = ChartRenderer.ROOT.resolve("deploy/olm/bundle");
  private static final Path VERSION =
      BUNDLE.resolve("manifests/" + OlmBundle.NAME + ".clusterserviceversion.yaml");

  @Test
  void the_bundle_is_what_the_chart_and_the_definitions_make_of_it() throws IOException {
    Map<String, String> files = new OlmBundle().files();
    for (Map.Entry<String, String> file : files.entrySet()) {
      Golden.check(BUNDLE.resolve(file.getKey()), file.getValue());
    }
    try (Stream<Path> found = Files.walk(BUNDLE)) {
      assertThat(found.filter(Files::isRegularFile).map(BUNDLE::relativize).map(Path::toString))
          .as("files of the bundle")
          .containsExactlyInAnyOrderElementsOf(files.keySet());
    }
  }

  @Test
  void it_owns_each_definition_that_it_holds_and_has_an_example_of_each() throws IOException {
    JsonNode version = ChartRenderer.YAML.readTree(VERSION.toFile());
    List<String> owned = new ArrayList<>();
    for (JsonNode crd : version.at("/spec/customresourcedefinitions/owned")) {
      owned.add(crd.path("name").asText() + " " + crd.path("kind").asText());
      assertThat(crd.path("description").asText()).isNotEmpty();
      assertThat(crd.path("displayName").asText()).isNotEmpty();
      assertThat(crd.path("version").asText()).isEqualTo("v1alpha1");
    }
    List<String> held = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    try (Stream<Path> files = Files.list(BUNDLE.resolve("manifests"))) {
      for (Path file : files.toList()) {
        JsonNode object = ChartRenderer.YAML.readTree(file.toFile());
        if (object.path("kind").asText().equals("CustomResourceDefinition")) {
          kinds.add(object.at("/spec/names/kind").asText());
          held.add(object.at("/metadata/name").asText() + " " + kinds.getLast());
        }
      }
    }
    assertThat(owned).hasSize(4).containsExactlyInAnyOrderElementsOf(held);
    assertThat(new OlmBundle().examples())
        .extracting(example -> example.get("kind"))
        .containsExactlyInAnyOrderElementsOf(kinds);
  }

  @Test
  void its_name_is_that_of_its_version_and_every_mode_is_named() throws IOException {
    JsonNode version = ChartRenderer.YAML.readTree(VERSION.toFile());
    String number = version.at("/spec/version").asText();
    assertThat(number).matches("\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?");
    assertThat(version.at("/metadata/name").asText()).isEqualTo(OlmBundle.NAME + ".v" + number);
    assertThat(version.at("/spec/minKubeVersion").asText()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(version.at("/spec/installModes"))
        .extracting(mode -> mode.path("type").asText())
        .containsExactlyInAnyOrder(
            "OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces");
    assertThat(version.at("/spec/icon/0/base64data").asText()).isNotEmpty();
    assertThat(ChartRenderer.ROOT.resolve("deploy/olm/icon.svg")).isNotEmptyFile();
  }

  @Test
  void nothing_in_it_is_bound_to_a_namespace_and_its_account_is_left_to_olm() throws IOException {
    try (Stream<Path> files = Files.list(BUNDLE.resolve("manifests"))) {
      for (Path file : files.filter(file -> !file.equals(VERSION)).toList()) {
        JsonNode object = ChartRenderer.YAML.readTree(file.toFile());
        assertThat(object.at("/metadata").has("namespace")).as("%s", file).isFalse();
        assertThat(object.path("kind").asText())
            .isIn("CustomResourceDefinition", "Service", "PodDisruptionBudget");
      }
    }
    ObjectNode version = (ObjectNode) ChartRenderer.YAML.readTree(VERSION.toFile());
    JsonNode pod = version.at("/spec/install/spec/deployments/0/spec/template/spec");
    assertThat(pod.path("serviceAccountName"))
        .isEqualTo(version.at("/spec/install/spec/permissions/0/serviceAccountName"));
    assertThat(pod.at("/securityContext").has("runAsUser")).isFalse();
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(version.at("/spec/install/spec").has("clusterPermissions")).isFalse();
    assertThat(pod.at("/containers/0/env"))
        .filteredOn(variable -> variable.path("name").asText().equals("PREHEAT_NAMESPACES"))
        .extracting(variable -> variable.at("/valueFrom/fieldRef/fieldPath").asText())
        .containsExactly("metadata.annotations['olm.targetNamespaces']");
  }

  @Test
  void an_api_server_takes_its_examples() throws IOException {
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      for (HasMetadata object : Rendered.byDefault().objects()) {
        if (object.getKind().equals("CustomResourceDefinition")) {
          client.resource(object).create();
        }
      }
      for (Map<String, Object> example : new OlmBundle().examples()) {
        GenericKubernetesResource object =
            Serialization.unmarshal(Serialization.asJson(example), GenericKubernetesResource.class);
        client
            .genericKubernetesResources(object.getApiVersion(), object.getKind())
            .inNamespace("default")
            .resource(object)
            .fieldValidation(FieldValidateable.Validation.STRICT)
            .create();
      }
    }
  }
}
