package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrdDriftTest {
  private static final String HEADER = "# Generated from api-model; do not edit.\n";

  @Test
  void the_checked_in_crds_are_those_of_the_model() throws Exception {
    for (Map.Entry<String, JsonNode> crd : Crds.generate().entrySet()) {
      Golden.check(
          Golden.ROOT.resolve("crds").resolve(crd.getKey()),
          HEADER + Crds.YAML.writeValueAsString(crd.getValue()));
    }
  }

  @Test
  void the_reference_pages_are_those_of_the_model() throws Exception {
    Golden.check(
        Golden.ROOT.resolve("docs/reference/crds.md"), Reference.crds(Crds.generate().values()));
    Golden.check(
        Golden.ROOT.resolve("docs/reference/reasons.md"), Reference.reasons(Reason.values()));
  }

  @Test
  void every_field_is_described() throws Exception {
    List<String> silent = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      walk(
          crd.at("/spec/names/kind").asText(),
          crd.at("/spec/versions/0/schema/openAPIV3Schema"),
          (path, field) -> {
            if (field.path("description").asText("").isBlank()) {
              silent.add(path);
            }
          });
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void every_list_and_text_of_a_spec_is_bounded() throws Exception {
    List<String> unbounded = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      JsonNode spec = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
      walk(
          crd.at("/spec/names/kind").asText() + ".spec",
          spec,
          (path, field) -> {
            boolean text = field.path("type").asText().equals("string") && !field.has("enum");
            boolean list = field.path("type").asText().equals("array");
            // A LabelSelector is Kubernetes' own type, and no rule of ours looks into it.
            if (!path.contains(".allowedNamespaces.selector.")
                && ((text && !field.has("maxLength")) || (list && !field.has("maxItems")))) {
              unbounded.add(path);
            }
          });
    }
    assertThat(unbounded).isEmpty();
  }

  private interface Visitor {
    void visit(String path, JsonNode field);
  }

  private static void walk(String path, JsonNode schema, Visitor visitor) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String child = path + "." + property.getKey();
      if (property.getKey().equals("metadata")
          || property.getKey().equals("kind")
          || property.getKey().equals("apiVersion")) {
        continue;
      }
      visitor.visit(child, property.getValue());
      walk(child, property.getValue(), visitor);
      JsonNode items = property.getValue().path("items");
      if (items.isObject()) {
        walk(child + "[]", items, visitor);
      }
    }
  }
}
