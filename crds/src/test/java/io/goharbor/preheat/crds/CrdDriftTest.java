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

/** What is generated and checked in is what the model says. */
class CrdDriftTest {
  private static final String HEADER = "# Generated from api-model; do not edit.\n";
  private static final Path CRDS = Golden.ROOT.resolve("crds");

  @Test
  void the_checked_in_crds_are_those_of_the_model() throws Exception {
    for (Map.Entry<String, JsonNode> crd : Crds.generate().entrySet()) {
      Golden.check(
          CRDS.resolve(crd.getKey()), HEADER + Crds.YAML.writeValueAsString(crd.getValue()));
    }
  }

  @Test
  void no_crd_of_a_kind_that_is_gone_is_left() throws Exception {
    try (Stream<Path> files = Files.list(CRDS)) {
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
