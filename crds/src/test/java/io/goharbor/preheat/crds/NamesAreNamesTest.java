package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.SpecCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every text of a spec has a grammar, or never gets to where one is needed. */
class NamesAreNamesTest {
  private static final String MATCHED =
      "a pattern over names: what it matches has their grammar, itself it goes nowhere";
  private static final String COMPARED =
      "compared with the labels of artifacts in Harbor's answers, and goes nowhere";
  private static final String SELECTS =
      "Kubernetes' own type; compared with the labels of namespaces, and goes nowhere";

  /** Texts that never reach a URL, header, label, metric or file name, and why. */
  private static final Map<String, String> FREE =
      Map.ofEntries(
          Map.entry("HarborRegistry.spec.webhook.registration.projects[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.projects.include[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.projects.exclude[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.repositories.include[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.repositories.exclude[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.tags.include[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.tags.exclude[]", MATCHED),
          Map.entry("PreheatPolicy.spec.selector.labels.all[]", COMPARED),
          Map.entry("PreheatPolicy.spec.selector.labels.any[]", COMPARED),
          Map.entry("PreheatPolicy.spec.selector.labels.none[]", COMPARED),
          Map.entry("P2PProvider.spec.allowedNamespaces.selector.matchLabels{}", SELECTS),
          Map.entry("P2PProvider.spec.allowedNamespaces.selector.matchExpressions[].key", SELECTS),
          Map.entry(
              "P2PProvider.spec.allowedNamespaces.selector.matchExpressions[].operator", SELECTS),
          Map.entry(
              "P2PProvider.spec.allowedNamespaces.selector.matchExpressions[].values[]", SELECTS));

  private static final List<String> HOSTILE =
      List.of(
          "../../platform/secrets/harbor-robot",
          "a/../../api/v2.0/users",
          "#",
          "?x=",
          "%2e%2e",
          "a\r\nb",
          "a\n",
          "a\u0000b",
          "a\u0085b",
          "..;",
          "..\\..\\x",
          "a".repeat(100_000));

  /** Texts that a header or a query carries, encoded; of them any that is printable is right. */
  private static final Set<String> CARRIED =
      Set.of(Patterns.HEADER_NAME, Patterns.HEADER_TEXT, Patterns.QUERY_PARAMETER);

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  @Test
  void every_text_of_a_spec_has_a_grammar_or_goes_nowhere() throws IOException {
    List<String> texts = new ArrayList<>();
    List<String> without = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      String kind = crd.at("/spec/names/kind").asText();
      JsonNode spec = Crds.schema(crd).at("/properties/spec");
      for (SchemaWalk.Node node : SchemaWalk.below(kind + ".spec", spec)) {
        if (node.schema().path("type").asText().equals("string")) {
          texts.add(node.path());
          if (!node.schema().has("pattern")
              && !node.schema().has("enum")
              && !node.schema().has("format")) {
            without.add(node.path());
          }
        }
      }
    }
    assertThat(texts).hasSizeGreaterThan(50);
    assertThat(without).containsExactlyInAnyOrderElementsOf(new TreeSet<>(FREE.keySet()));
  }

  @Test
  void the_program_holds_what_is_stored_to_the_same_patterns() throws IOException {
    Map<String, Class<? extends Record>> specs =
        Map.of(
            "HarborRegistry", HarborRegistrySpec.class,
            "P2PProvider", P2PProviderSpec.class,
            "PreheatPolicy", PreheatPolicySpec.class,
            "PreheatExecution", PreheatExecutionSpec.class);
    List<String> passed = new ArrayList<>();
    int tried = 0;
    for (JsonNode crd : Crds.generate().values()) {
      String kind = crd.at("/spec/names/kind").asText();
      JsonNode schema = Crds.schema(crd).at("/properties/spec");
      for (SchemaWalk.Node node : SchemaWalk.below("spec", schema)) {
        if (!node.schema().has("pattern")) {
          continue;
        }
        boolean carried = CARRIED.contains(node.schema().path("pattern").asText());
        for (String text : HOSTILE) {
          if (carried && text.length() < 200 && text.matches("[ -~]+")) {
            continue;
          }
          tried++;
          Record spec =
              JSON.convertValue(
                  holding(node.path().substring("spec.".length()), text), specs.get(kind));
          Optional<String> fault = SpecCheck.fault(spec);
          if (!fault.orElse("").startsWith(node.path().replace("[]", "[0]") + ": ")) {
            passed.add(kind + " " + node.path() + " " + Grammar.shown(text) + " " + fault);
          }
        }
      }
    }
    assertThat(tried).isGreaterThan(500);
    assertThat(passed).isEmpty();
  }

  /** An object that has nothing but one text at a path. */
  private static JsonNode holding(String path, String text) {
    JsonNode value = JSON.getNodeFactory().textNode(text);
    String[] steps = path.split("\\.", -1);
    for (int i = steps.length - 1; i >= 0; i--) {
      if (steps[i].endsWith("[]")) {
        value = JSON.createArrayNode().add(value);
      }
      value = JSON.createObjectNode().set(steps[i].replace("[]", ""), value);
    }
    return value;
  }

  @Test
  void no_pattern_is_open_at_an_end() throws IOException {
    // A pattern of a schema is searched for, not matched.
    List<String> open = new ArrayList<>();
    for (JsonNode crd : Crds.generate().values()) {
      String kind = crd.at("/spec/names/kind").asText();
      for (SchemaWalk.Node node : SchemaWalk.below(kind, Crds.schema(crd))) {
        String pattern = node.schema().path("pattern").asText("^$");
        if (!pattern.startsWith("^") || !pattern.endsWith("$")) {
          open.add(node.path() + " " + pattern);
        }
      }
    }
    assertThat(open).isEmpty();
  }
}
