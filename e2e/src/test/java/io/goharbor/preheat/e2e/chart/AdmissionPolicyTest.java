package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The expressions of the admission policy, evaluated here; a real API server judges them too. */
class AdmissionPolicyTest {
  private static final String NAME = "harbor-preheat-operator";
  private static final ObjectMapper PLAIN =
      new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

  /** With the functions of Kubernetes' own that the policy uses. */
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("object", SimpleType.DYN)
          .addVar("oldObject", SimpleType.DYN)
          .addVar("params", SimpleType.DYN)
          .addVar("request", SimpleType.DYN)
          .addVar("variables", SimpleType.DYN)
          .addFunctionDeclarations(
              CelFunctionDecl.newFunctionDeclaration(
                  "split",
                  CelOverloadDecl.newMemberOverload(
                      "split",
                      ListType.create(SimpleType.STRING),
                      SimpleType.STRING,
                      SimpleType.STRING)),
              text("trim"),
              text("lowerAscii"))
          .build();

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder()
          .addFunctionBindings(
              CelFunctionBinding.from(
                  "split",
                  String.class,
                  String.class,
                  (whole, by) -> List.of(whole.split(Pattern.quote(by), -1))),
              CelFunctionBinding.from("trim", String.class, String::strip),
              CelFunctionBinding.from(
                  "lowerAscii", String.class, whole -> whole.toLowerCase(Locale.ROOT)))
          .build();

  private static final Map<String, ObjectNode> RENDERED =
      rendered(
          ChartRenderer.text(
              ChartRenderer.RELEASE, ChartRenderer.NAMESPACE, AdmissionCases.VALUES));

  private static CelFunctionDecl text(String name) {
    return CelFunctionDecl.newFunctionDeclaration(
        name, CelOverloadDecl.newMemberOverload(name, SimpleType.STRING, SimpleType.STRING));
  }

  private static Map<String, ObjectNode> rendered(String text) {
    Map<String, ObjectNode> objects = new HashMap<>();
    ChartRenderer.documents(text)
        .forEach(object ->
            objects.put(
                object.path("kind").asText() + " " + object.at("/metadata/name").asText(), object));
    return objects;
  }

  static List<AdmissionCases.Case> cases() {
    return Stream.concat(AdmissionCases.all().stream(), AdmissionCases.odd().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_the_limits_let_in(AdmissionCases.Case one) throws Exception {
    List<String> refusals = judge(one);
    if (one.refusal() == null) {
      assertThat(refusals).isEmpty();
    } else {
      assertThat(refusals).anyMatch(refusal -> refusal.contains(one.refusal()));
    }
  }

  @Test
  void only_a_spec_that_is_written_is_judged() throws Exception {
    String condition =
        policy(AdmissionCases.REGISTRIES).at("/spec/matchConditions/0/expression").asText();
    Map<String, Object> one = Map.of("spec", Map.of("url", "a"));
    Map<String, Object> other = Map.of("spec", Map.of("url", "b"));
    assertThat(evaluate(condition, Map.of("request", Map.of("operation", "CREATE"), "object", one)))
        .isEqualTo(true);
    Map<String, Object> update = Map.of("operation", "UPDATE");
    assertThat(evaluate(condition, Map.of("request", update, "object", one, "oldObject", other)))
        .isEqualTo(true);
    assertThat(evaluate(condition, Map.of("request", update, "object", one, "oldObject", one)))
        .isEqualTo(false);
  }

  /** Else a binding would judge by nothing, or let all in. */
  @Test
  void every_policy_is_bound_to_the_limits() {
    for (String part :
        List.of(AdmissionCases.REGISTRIES, AdmissionCases.PROVIDERS, AdmissionCases.POLICIES)) {
      assertThat(policy(part).at("/spec/failurePolicy").asText()).isEqualTo("Fail");
      JsonNode binding = object("ValidatingAdmissionPolicyBinding " + Rendered.NAME + "-" + part);
      assertThat(binding.at("/spec/policyName").asText()).isEqualTo(Rendered.NAME + "-" + part);
      assertThat(binding.at("/spec/paramRef/parameterNotFoundAction").asText()).isEqualTo("Deny");
      assertThat(binding.at("/spec/paramRef/namespace").asText())
          .isEqualTo(ChartRenderer.NAMESPACE);
      assertThat(RENDERED.get("ConfigMap " + binding.at("/spec/paramRef/name").asText()))
          .isNotNull();
    }
  }

  /** A bound that no one set is no way in. */
  @Test
  void without_limits_nothing_is_let_in_but_plain_policies() throws Exception {
    ObjectNode limits = limits().deepCopy();
    limits.remove("data");
    for (AdmissionCases.Case one : AdmissionCases.all()) {
      boolean plain = one.policy().equals(AdmissionCases.POLICIES) && !one.spec().matches(".*1.*");
      assertThat(judge(one, limits).isEmpty()).as(one.toString()).isEqualTo(plain);
    }
  }

  @Test
  void the_file_to_apply_is_made_by_the_chart() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            # Generated from the Helm chart. Change the limits in the ConfigMap; all else is the same everywhere.
            # It limits which hosts registries and providers may name, and who may set insecureSkipVerify and high
            # priorities. Lists have one entry a line. A host is a name or an address without port; .example.com means
            # all hosts below it, * any host; hosts.<namespace> is for that namespace only.
            """);
    Map<String, Object> values =
        Map.of(
            "admissionPolicy",
            Map.of(
                "enabled",
                true,
                "hosts",
                List.of("harbor.example.com"),
                "namespaceHosts",
                Map.of("preheat", List.of(".dragonfly-system", ".kraken-system")),
                "insecureNamespaces",
                List.of("test"),
                "priorityNamespaces",
                List.of("preheat")));
    for (ObjectNode object : ChartRenderer.documents(ChartRenderer.text(NAME, "preheat", values))) {
      boolean limits = object.at("/metadata/name").asText().equals(NAME + "-limits");
      if (limits || object.path("kind").asText().startsWith("ValidatingAdmission")) {
        ((ObjectNode) object.at("/metadata/labels"))
            .remove(List.of("helm.sh/chart", "app.kubernetes.io/managed-by"));
        text.append(ChartRenderer.PRINTED.writeValueAsString(object));
      }
    }
    Golden.check(ChartRenderer.ROOT.resolve("deploy/admission-policy.yaml"), text.toString());
  }

  private static ObjectNode policy(String part) {
    return object("ValidatingAdmissionPolicy " + Rendered.NAME + "-" + part);
  }

  private static ObjectNode limits() {
    return object("ConfigMap " + Rendered.NAME + "-limits");
  }

  private static ObjectNode object(String name) {
    return Objects.requireNonNull(RENDERED.get(name), name);
  }

  private static List<String> judge(AdmissionCases.Case one) throws Exception {
    return judge(one, limits());
  }

  /** The messages of the validations that fail. */
  private static List<String> judge(AdmissionCases.Case one, JsonNode limits) throws Exception {
    JsonNode spec = policy(one.policy()).path("spec");
    Map<String, Object> known = new HashMap<>();
    known.put("object", PLAIN.convertValue(ChartRenderer.YAML.readTree(one.yaml("x")), Map.class));
    known.put("params", PLAIN.convertValue(limits, Map.class));
    known.put("request", Map.of("namespace", one.namespace(), "operation", "CREATE"));
    Map<String, Object> variables = new HashMap<>();
    known.put("variables", variables);
    for (JsonNode variable : spec.path("variables")) {
      variables.put(
          variable.path("name").asText(), evaluate(variable.path("expression").asText(), known));
    }
    List<String> refusals = new ArrayList<>();
    for (JsonNode validation : spec.path("validations")) {
      if (!Boolean.TRUE.equals(evaluate(validation.path("expression").asText(), known))) {
        refusals.add((String) evaluate(validation.path("messageExpression").asText(), known));
      }
    }
    return refusals;
  }

  private static Object evaluate(String expression, Map<String, Object> known) throws Exception {
    return RUNTIME.createProgram(COMPILER.compile(expression).getAst()).eval(known);
  }
}
