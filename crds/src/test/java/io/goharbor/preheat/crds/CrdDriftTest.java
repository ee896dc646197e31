package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is generated and checked in is what the model says. */
class CrdDriftTest {
  private static final String HEADER = "# Generated from api-model; do not edit.\n";
  private static final Path CRDS = Golden.ROOT.resolve("crds");
  private static final Path CHART =
      Golden.ROOT.resolve("charts/harbor-preheat-operator/files/crds");

  @Test
  void the_checked_in_crds_are_those_of_the_model() throws Exception {
    for (Map.Entry<String, JsonNode> crd : Crds.generate().entrySet()) {
      String content = HEADER + Crds.YAML.writeValueAsString(crd.getValue());
      Golden.check(CRDS.resolve(crd.getKey()), content);
      // Helm reads no file outside of the chart.
      Golden.check(CHART.resolve(crd.getKey()), content);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"crds", "charts/harbor-preheat-operator/files/crds"})
  void no_crd_of_a_kind_that_is_gone_is_left(String directory) throws Exception {
    try (Stream<Path> files = Files.list(Golden.ROOT.resolve(directory))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml"))
          .containsExactlyInAnyOrderElementsOf(Crds.generate().keySet());
    }
  }

  @Test
  void the_kustomization_lists_every_crd() throws Exception {
    List<String> resources = new ArrayList<>();
    Crds.YAML
        .readTree(CRDS.resolve("kustomization.yaml").toFile())
        .path("resources")
        .forEach(resource -> resources.add(resource.asText()));
    assertThat(resources).containsExactlyElementsOf(Crds.generate().keySet());
  }

  @Test
  void the_reference_pages_are_those_of_the_model() throws Exception {
    Path pages = Golden.ROOT.resolve("docs/reference");
    Golden.check(pages.resolve("crds.md"), CrdReference.page(Crds.generate().values()));
    Golden.check(pages.resolve("reasons.md"), ReasonReference.page(Reason.values()));
  }
}
