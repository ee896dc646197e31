package io.goharbor.preheat.e2e.argocd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.argocd.HealthCheck.Health;
import io.goharbor.preheat.e2e.argocd.HealthTables.Case;
import io.goharbor.preheat.e2e.argocd.HealthTables.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases in Argo CD's test layout, and that they leave nothing out. */
class HealthTest {
  static final List<String> KINDS = HealthCheck.KINDS;

  private static final Map<String, Class<? extends HasMetadata>> TYPES =
      Map.of(
          "HarborRegistry", HarborRegistry.class,
          "P2PProvider", P2PProvider.class,
          "PreheatPolicy", PreheatPolicy.class,
          "PreheatExecution", PreheatExecution.class);

  static Stream<Case> cases() throws IOException {
    return HealthTables.cases().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void an_object_has_the_health_that_its_case_expects(Case given) throws Exception {
    assertThat(given.check().of(given.object())).isEqualTo(given.expected());
  }

  /** Otherwise a misspelt field would be tested as one that is absent. */
  @ParameterizedTest
  @MethodSource("cases")
  void an_object_has_no_field_that_the_model_does_not_know(Case given) throws Exception {
    String kind = given.check().kind();
    JsonNode object = given.object();
    assertThat(object.path("kind").asText()).isEqualTo(kind);
    JsonNode known =
        HealthCheck.YAML.readTree(
            Serialization.asJson(Serialization.unmarshal(object.toString(), TYPES.get(kind))));
    assertThat(known.path("spec")).isEqualTo(object.path("spec"));
    assertThat(known.path("status")).isEqualTo(object.path("status"));
  }

  @Test
  void each_kind_has_its_check_and_there_are_no_others() throws Exception {
    Path group = HealthCheck.folder(KINDS.getFirst()).getParent();
    try (Stream<Path> folders = Files.list(group)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(TYPES.keySet());
    }
    assertThat(KINDS).containsExactlyInAnyOrderElementsOf(TYPES.keySet());
  }

  @ParameterizedTest
  @FieldSource("KINDS")
  void each_file_is_used_by_one_case(String kind) throws Exception {
    assertThat(cases(kind).map(Case::input))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(HealthTables.inputs(kind));
  }

  @ParameterizedTest
  @FieldSource("KINDS")
  void each_health_and_each_reason_of_the_documented_table_has_a_case(String kind)
      throws Exception {
    List<Row> rows = rows(kind);
    assertThat(rows.stream().map(Row::health)).contains("Healthy", "Progressing", "Degraded");
    assertThat(cases(kind).map(given -> given.expected().status()).distinct())
        .containsExactlyInAnyOrderElementsOf(rows.stream().map(Row::health).distinct().toList());
    for (Row row : rows) {
      for (String reason : row.reasons()) {
        assertThat(cases(kind).filter(given -> given.expected().status().equals(row.health())))
            .as("%s with reason %s is %s", kind, reason, row.health())
            .anyMatch(given -> reasons(given).contains(reason));
      }
    }
  }

  /** The table is complete: a reason that it does not name is one that needs a person. */
  @ParameterizedTest
  @FieldSource("KINDS")
  void every_reason_there_is_has_the_documented_health(String kind) throws Exception {
    String condition = kind.equals("PreheatExecution") ? "Stalled" : "Ready";
    String status = kind.equals("PreheatExecution") ? "True" : "False";
    HealthCheck check = HealthCheck.of(kind);
    for (Reason reason : Reason.values()) {
      String expected =
          rows(kind).stream()
                  .filter(row -> row.health().equals("Progressing"))
                  .anyMatch(row -> row.reasons().contains(reason.toString()))
              ? "Progressing"
              : "Degraded";
      Health health =
          check.of(
              HealthCheck.YAML.readTree(
                  """
                  metadata: {generation: 1}
                  status:
                    observedGeneration: 1
                    phase: Pending
                    message: that is how it is
                    conditions:
                    - {type: %s, status: "%s", reason: %s, message: that is how it is, observedGeneration: 1}
                  """
                      .formatted(condition, status, reason)));
      assertThat(health)
          .as("%s %s", kind, reason)
          .isEqualTo(new Health(expected, "that is how it is"));
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void every_phase_has_its_health(Phase phase) throws Exception {
    String expected =
        switch (phase) {
          case PENDING, PLANNING, RUNNING -> "Progressing";
          case SUCCEEDED -> "Healthy";
          case PARTIALLY_SUCCEEDED, FAILED, CANCELLED -> "Degraded";
        };
    String name = HealthCheck.YAML.readTree(Serialization.asJson(phase)).asText();
    Health health =
        HealthCheck.of("PreheatExecution")
            .of(HealthCheck.YAML.readTree("{metadata: {}, status: {phase: " + name + "}}"));
    assertThat(health).isEqualTo(new Health(expected, name));
    assertThat(cases("PreheatExecution").filter(of -> of.expected().status().equals(expected)))
        .as("a case of a run that is %s", phase)
        .anyMatch(given -> phaseOf(given).equals(name));
  }

  /** What Argo CD would refuse must not pass here. */
  @Test
  void the_interpreter_offers_no_more_than_that_of_argo_cd() throws Exception {
    JsonNode object = HealthCheck.YAML.readTree("{}");
    for (String absent : List.of("io", "string", "math", "debug", "coroutine", "luajava")) {
      HealthCheck check =
          new HealthCheck("X", "return {status = 'Healthy', message = type(" + absent + ")}");
      assertThat(check.of(object).message()).as(absent).isEqualTo("nil");
    }
    assertThatThrownBy(() -> new HealthCheck("X", "return {status = 'Fine'}").of(object))
        .hasMessageContaining("Fine");
    assertThatThrownBy(() -> new HealthCheck("X", "return 'Healthy'").of(object))
        .hasMessageContaining("table");
  }

  private static Stream<Case> cases(String kind) throws IOException {
    return cases().filter(given -> given.check().kind().equals(kind));
  }

  private static List<Row> rows(String kind) throws IOException {
    return HealthTables.rows().stream().filter(row -> row.kind().equals(kind)).toList();
  }

  private static List<String> reasons(Case given) {
    List<String> reasons = new ArrayList<>();
    for (JsonNode condition : read(given).at("/status/conditions")) {
      reasons.add(condition.path("reason").asText());
    }
    return reasons;
  }

  private static String phaseOf(Case given) {
    return read(given).at("/status/phase").asText("Pending");
  }

  private static JsonNode read(Case given) {
    try {
      return given.object();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
