package io.goharbor.preheat.e2e.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every object of the frozen version is one of this version. */
class SchemaChangesTest {
  private static final String SPEC =
      "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";

  /** Rules that came since, and why no old object breaks them. */
  private static final Map<String, String> REVIEWED =
      Map.of(
          "proxyURL or originURL must be set",
          "proxyURL was required",
          "without policyRef, artifacts, images or retryOf must say what to preheat",
          "the old rule, or retryOf",
          "retryOf says what to preheat; leave out artifacts and images",
          "retryOf is new",
          "retryOf is immutable; create a new PreheatExecution",
          "retryOf is new",
          "partOf is immutable",
          "partOf is new",
          "accessories is immutable; create a new PreheatExecution",
          "accessories is new",
          "taskTimeout is immutable; create a new PreheatExecution",
          "taskTimeout is new",
          "operation is immutable; create a new PreheatExecution",
          "operation is new; an API server sets its default also in what is stored",
          "headerName must not be a header that HTTP itself uses, such as Host or Content-Length",
          "a request with such a header could not be sent, or was another request",
          "a pattern has more than 32 '*', or more than 64 '{' and ',': split it into several"
              + " patterns",
          "what it refuses could not be matched in bounded time, and is InvalidSpec");

  private static final String NO_NAME = "what it refuses names nothing, and is InvalidSpec";

  /** Fields whose patterns are closer than they were, by the end of their paths, and why. */
  private static final Map<String, String> NARROWED =
      Map.ofEntries(
          Map.entry("Ref.name", NO_NAME),
          Map.entry("Ref.key", NO_NAME),
          Map.entry("Refs[].name", NO_NAME),
          Map.entry("Refs[].namespace", NO_NAME),
          Map.entry(".url", NO_NAME),
          Map.entry("URL", NO_NAME),
          Map.entry(".registration.address", NO_NAME),
          Map.entry(".artifacts[].repository", NO_NAME),
          Map.entry(".artifacts[].tag", NO_NAME),
          Map.entry(".images[]", NO_NAME),
          Map.entry(".target.ips[]", NO_NAME),
          Map.entry(".kraken.namespaceTemplate", NO_NAME),
          Map.entry(".auth.headerName", "any token but the headers that HTTP itself uses"));

  @Test
  void nothing_is_taken_away() throws IOException {
    Map<String, JsonNode> current = Definitions.current().byFile();
    List<String> found = new ArrayList<>();
    List<String> used = new ArrayList<>();
    for (Map.Entry<String, JsonNode> old : Definitions.previous().byFile().entrySet()) {
      JsonNode now = current.get(old.getKey());
      assertThat(now).as("%s", old.getKey()).isNotNull();
      for (String change : SchemaChanges.between(old.getValue(), Objects.requireNonNull(now))) {
        String reviewed =
            Stream.concat(
                    REVIEWED.keySet().stream()
                        .filter(message -> change.contains(" has a new rule: " + message + " | ")),
                    NARROWED.keySet().stream()
                        .filter(end -> change.contains(end + " has another pattern, ")))
                .findFirst()
                .orElse(null);
        if (reviewed == null) {
          found.add(old.getKey() + ": " + change);
        } else {
          used.add(reviewed);
        }
      }
    }
    assertThat(found).isEmpty();
    assertThat(new TreeSet<>(used))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(REVIEWED.keySet().stream(), NARROWED.keySet().stream()).toList());
  }

  @Test
  void the_page_on_installing_lists_what_is_lost_on_the_way_back() throws IOException {
    String page = Files.readString(Definitions.ROOT.resolve("docs/install.md"));
    String section = page.substring(page.indexOf("## Going back\n"));
    section = section.substring(0, section.indexOf("\n## "));
    Definitions previous = Definitions.previous();
    Set<String> added = new TreeSet<>();
    for (JsonNode crd : Definitions.current().byFile().values()) {
      JsonNode old = previous.schema(crd.at("/spec/names/kind").asText());
      JsonNode now = crd.at("/spec/versions/0/schema/openAPIV3Schema");
      added("", old.at("/properties/spec"), now.at("/properties/spec"), added);
      now.at("/properties/status/properties")
          .forEachEntry((name, schema) -> {
            if (!old.at("/properties/status/properties").has(name)) {
              added.add(name);
            }
          });
    }
    assertThat(added).contains("operation", "dragonfly.submitTimeout", "settings");
    for (String field : added) {
      assertThat(section).contains("`" + field + "`");
    }
  }

  private static void added(String path, JsonNode old, JsonNode now, Set<String> added) {
    now.path("properties")
        .forEachEntry((name, schema) -> {
          JsonNode was = old.path("properties").path(name);
          if (was.isMissingNode()) {
            added.add(path + name);
          } else {
            added(path + name + ".", was, schema, added);
          }
        });
  }

  static Stream<Arguments> what_is_taken_away_is_found() {
    return Stream.of(
        Arguments.of(
            change(crd -> at(crd, SPEC).remove("suspend")), "v1alpha1.spec.suspend is gone"),
        Arguments.of(
            change(crd -> ((ArrayNode) crd.at(SPEC + "/type/enum")).remove(0)),
            "v1alpha1.spec.type does not take Dragonfly any more"),
        Arguments.of(
            change(crd -> ((ArrayNode) crd.at(SPEC + "/dragonfly/required")).add("proxyURL")),
            "v1alpha1.spec.dragonfly.proxyURL is required now"),
        Arguments.of(
            change(crd -> at(crd, SPEC + "/dragonfly/properties/url").put("maxLength", 10)),
            "v1alpha1.spec.dragonfly.url has a lower maxLength, 10"),
        Arguments.of(
            change(
                crd -> at(crd, SPEC + "/limits/properties/maxConcurrentTasks").put("minimum", 2)),
            "v1alpha1.spec.limits.maxConcurrentTasks has a higher minimum, 2"),
        Arguments.of(
            change(crd -> at(crd, SPEC + "/dragonfly/properties/url").put("pattern", "^x$")),
            "v1alpha1.spec.dragonfly.url has another pattern, ^x$"),
        Arguments.of(
            change(crd -> at(crd, SPEC + "/suspend").put("type", "string")),
            "v1alpha1.spec.suspend was of type \"boolean\" and is \"string\""),
        Arguments.of(
            change(crd -> at(crd, SPEC + "/suspend").put("default", true)),
            "v1alpha1.spec.suspend has another default, true"),
        Arguments.of(
            change(crd ->
                at(crd, SPEC + "/dragonfly")
                    .withArray("x-kubernetes-validations")
                    .addObject()
                    .put("message", "no")
                    .put("rule", "false")),
            "v1alpha1.spec.dragonfly has a new rule: no | false"),
        Arguments.of(
            change(crd -> at(crd, "/spec/versions/0").put("served", false)),
            "v1alpha1 is not served any more"),
        Arguments.of(
            change(crd -> at(crd, "/spec/versions/0").put("name", "v1")),
            "version v1alpha1 is gone"),
        Arguments.of(
            change(crd -> at(crd, "/spec").put("scope", "Cluster")),
            "/spec/scope was \"Namespaced\" and is \"Cluster\""));
  }

  @ParameterizedTest
  @MethodSource
  void what_is_taken_away_is_found(Consumer<JsonNode> change, String sentence) throws IOException {
    JsonNode old =
        Objects.requireNonNull(
            Definitions.previous().byFile().get("preheat.goharbor.io_p2pproviders.yaml"));
    JsonNode now = old.deepCopy();
    assertThat(SchemaChanges.between(old, now)).isEmpty();
    change.accept(now);
    assertThat(SchemaChanges.between(old, now)).containsExactly(sentence);
  }

  private static Consumer<JsonNode> change(Consumer<JsonNode> change) {
    return change;
  }

  private static ObjectNode at(JsonNode crd, String path) {
    return (ObjectNode) crd.at(path);
  }
}
