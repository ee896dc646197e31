package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What every CRD of this project keeps to, so that a new field cannot forget it. */
class CrdSchemaTest {
  /** The fields of an execution that may be changed after it was created. */
  private static final Set<String> CHANGEABLE = Set.of("suspend", "cancel");

  @Test
  void every_field_is_described() throws Exception {
    assertThat(nodes())
        .filteredOn(SchemaWalk.Node::field)
        .filteredOn(node -> node.schema().path("description").asText("").isBlank())
        .extracting(SchemaWalk.Node::path)
        .isEmpty();
  }

  @Test
  void every_text_list_and_map_of_a_spec_is_bounded() throws Exception {
    // Kubernetes estimates a rule's cost from these bounds and refuses a CRD without them.
    assertThat(nodes())
        .filteredOn(node -> node.path().contains(".spec."))
        // A LabelSelector is Kubernetes' own type, and no rule of ours looks into it.
        .filteredOn(node -> !node.path().contains(".allowedNamespaces.selector"))
        .filteredOn(node -> unbounded(node.schema()))
        .extracting(SchemaWalk.Node::path)
        .isEmpty();
  }

  private static boolean unbounded(JsonNode schema) {
    return switch (schema.path("type").asText()) {
      case "string" -> !schema.has("maxLength") && !schema.has("enum") && !schema.has("format");
      case "array" -> !schema.has("maxItems");
      case "object" -> schema.has("additionalProperties") && !schema.has("maxProperties");
      default -> false;
    };
  }

  @Test
  void nothing_unknown_is_kept() throws Exception {
    assertThat(nodes())
        .filteredOn(node -> node.schema().has("x-kubernetes-preserve-unknown-fields"))
        .extracting(SchemaWalk.Node::path)
        .isEmpty();
  }

  @Test
  void no_rule_stands_twice() throws Exception {
    // The generator doubles a rule on a record component; server-side apply refuses such a CRD.
    List<String> doubled = new ArrayList<>();
    for (SchemaWalk.Node node : nodes()) {
      Set<String> seen = new TreeSet<>();
      for (JsonNode rule : node.schema().path("x-kubernetes-validations")) {
        if (!seen.add(rule.path("rule").asText())) {
          doubled.add(node.path() + ": " + rule.path("rule").asText());
        }
      }
    }
    assertThat(doubled).isEmpty();
  }

  @Test
  void every_rule_says_what_is_wrong() throws Exception {
    List<String> silent = new ArrayList<>();
    for (SchemaWalk.Node node : nodes()) {
      for (JsonNode rule : node.schema().path("x-kubernetes-validations")) {
        if (rule.path("message").asText("").isBlank()) {
          silent.add(node.path() + ": " + rule.path("rule").asText());
        }
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void an_execution_cannot_be_turned_into_another() throws Exception {
    JsonNode spec =
        Crds.generate().values().stream()
            .filter(crd -> crd.at("/spec/names/kind").asText().equals("PreheatExecution"))
            .map(crd -> Crds.schema(crd).at("/properties/spec"))
            .findFirst()
            .orElseThrow();
    List<String> rules = new ArrayList<>();
    spec.path("x-kubernetes-validations").forEach(rule -> rules.add(rule.path("rule").asText()));
    List<String> changeable = new ArrayList<>();
    for (var property : spec.path("properties").properties()) {
      if (!rules.contains(immutable(property.getKey()))) {
        changeable.add(property.getKey());
      }
    }
    assertThat(changeable).containsExactlyInAnyOrderElementsOf(CHANGEABLE);
  }

  /** Neither set, changed nor taken away. */
  private static String immutable(String field) {
    return "has(self.F) == has(oldSelf.F) && (!has(self.F) || self.F == oldSelf.F)"
        .replace("F", field);
  }

  @Test
  void conditions_merge_by_type() throws Exception {
    for (JsonNode crd : Crds.generate().values()) {
      JsonNode conditions = Crds.schema(crd).at("/properties/status/properties/conditions");
      assertThat(conditions.path("x-kubernetes-list-type").asText()).isEqualTo("map");
      assertThat(conditions.path("x-kubernetes-list-map-keys").get(0).asText()).isEqualTo("type");
      assertThat(texts(conditions.at("/items/required"))).contains("type", "status");
    }
  }

  @Test
  void the_age_is_the_last_column_and_ready_or_the_phase_is_among_the_first() throws Exception {
    for (JsonNode crd : Crds.generate().values()) {
      List<String> names = new ArrayList<>();
      crd.at("/spec/versions/0/additionalPrinterColumns")
          .forEach(column -> names.add(column.path("name").asText()));
      assertThat(names).endsWith("AGE").doesNotHaveDuplicates();
      assertThat(names.subList(0, 2)).containsAnyOf("READY", "PHASE");
    }
  }

  @Test
  void columns_and_selectable_fields_look_at_fields_that_exist() throws Exception {
    List<String> astray = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      JsonNode version = crd.at("/spec/versions/0");
      for (String list : List.of("additionalPrinterColumns", "selectableFields")) {
        for (JsonNode entry : version.path(list)) {
          String path = entry.path("jsonPath").asText();
          String type = at(Crds.schema(crd), path).path("type").asText();
          boolean ours = path.startsWith(".spec.") || path.startsWith(".status.");
          if (ours && !Set.of("string", "integer", "boolean").contains(type)) {
            astray.add(path);
          }
        }
      }
    }
    assertThat(astray).isEmpty();
  }

  /** The node at a JSON path as columns have them, where a filter picks one item of a list. */
  private static JsonNode at(JsonNode schema, String path) {
    JsonNode node = schema;
    for (String step : path.substring(1).replaceAll("\\[\\?\\([^)]*\\)]", "[]").split("\\.", -1)) {
      node = node.path("properties").path(step.replace("[]", ""));
      node = step.endsWith("[]") ? node.path("items") : node;
    }
    return node;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static List<SchemaWalk.Node> nodes() throws IOException {
    List<SchemaWalk.Node> nodes = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      nodes.addAll(SchemaWalk.below(crd.at("/spec/names/kind").asText(), Crds.schema(crd)));
    }
    assertThat(nodes).hasSizeGreaterThan(200);
    return nodes;
  }
}
