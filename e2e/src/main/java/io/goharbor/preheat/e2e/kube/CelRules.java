package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The x-kubernetes-validations of a schema, evaluated with CEL-Java. */
final class CelRules {
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("self", SimpleType.DYN)
          .addVar("oldSelf", SimpleType.DYN)
          .build();
  private static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder().build();
  private static final ConcurrentHashMap<String, CelRuntime.Program> PROGRAMS =
      new ConcurrentHashMap<>();

  private CelRules() {}

  /** Adds a cause for every rule, at any depth, that an object breaks where it is changed. */
  static void check(
      JsonNode schema,
      JsonNode value,
      @Nullable JsonNode old,
      String path,
      List<KubeError.Cause> causes) {
    if (value.equals(old)) {
      return;
    }
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      String expression = rule.path("rule").asText();
      boolean transition = expression.contains("oldSelf");
      if (!transition || old != null) {
        try {
          Map<String, Object> variables = new LinkedHashMap<>();
          variables.put("self", plain(value));
          variables.put("oldSelf", old == null ? Map.of() : plain(old));
          if (!Boolean.TRUE.equals(program(expression).eval(variables))) {
            causes.add(KubeError.Cause.invalid(path, rule.path("message").asText()));
          }
        } catch (CelEvaluationException e) {
          causes.add(KubeError.Cause.invalid(path, "rule cannot be evaluated: " + e.getMessage()));
        }
      }
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode child = value.path(property.getKey());
      if (!child.isMissingNode()) {
        JsonNode oldChild = old == null ? null : old.get(property.getKey());
        check(
            property.getValue(),
            child,
            oldChild,
            path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
            causes);
      }
    }
    JsonNode items = schema.path("items");
    if (items.isObject() && value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        // Items of a plain list have no identity over time, so no transition rule applies.
        check(items, value.get(i), null, path + "[" + i + "]", causes);
      }
    }
  }

  private static CelRuntime.Program program(String expression) {
    return PROGRAMS.computeIfAbsent(
        expression,
        text -> {
          try {
            CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
            return RUNTIME.createProgram(tree);
          } catch (CelValidationException | CelEvaluationException e) {
            throw new KubeError(
                422, "Invalid", "rule '" + text + "' does not compile: " + e.getMessage());
          }
        });
  }

  private static Object plain(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
      return map;
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(item -> list.add(plain(item)));
      return list;
    }
    if (node.isIntegralNumber()) {
      return node.asLong();
    }
    if (node.isNumber()) {
      return node.asDouble();
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    return node.asText();
  }
}
