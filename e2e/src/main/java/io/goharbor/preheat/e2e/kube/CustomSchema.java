package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a CRD's schema does to an object: prune, set defaults, validate. */
final class CustomSchema {
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4);

  private final KubeType type;
  private final JsonNode schema;
  private final JsonSchema validator;

  CustomSchema(KubeType type) {
    this.type = type;
    this.schema = type.schema();
    this.validator = FACTORY.getSchema(withoutExtensions(schema.deepCopy()));
  }

  /** The validator does not know Kubernetes' extensions, and would warn of each. */
  private static JsonNode withoutExtensions(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(field -> field.getKey().startsWith("x-kubernetes-"));
    }
    node.forEach(CustomSchema::withoutExtensions);
    return node;
  }

  /** Takes out unknown fields; gives their paths. */
  List<String> prune(ObjectNode object) {
    List<String> unknown = new ArrayList<>();
    for (String part : List.of("spec", "status")) {
      if (object.has(part)) {
        prune(schema.path("properties").path(part), object.get(part), part, unknown);
      }
    }
    Iterator<Map.Entry<String, JsonNode>> top = object.properties().iterator();
    while (top.hasNext()) {
      String name = top.next().getKey();
      boolean known =
          List.of("apiVersion", "kind", "metadata").contains(name)
              || schema.path("properties").has(name);
      if (!known) {
        unknown.add(name);
        top.remove();
      }
    }
    return unknown;
  }

  private static void prune(JsonNode schema, JsonNode value, String path, List<String> unknown) {
    if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      return;
    }
    if (value instanceof ObjectNode object && schema.path("properties").isObject()) {
      Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        JsonNode child = schema.path("properties").path(field.getKey());
        if (child.isMissingNode()) {
          unknown.add(path + "." + field.getKey());
          fields.remove();
        } else {
          prune(child, field.getValue(), path + "." + field.getKey(), unknown);
        }
      }
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        prune(schema.path("items"), value.get(i), path + "[" + i + "]", unknown);
      }
    }
  }

  /** Sets defaults where a field is absent. */
  void setDefaults(ObjectNode object) {
    if (object.has("spec")) {
      setDefaults(schema.path("properties").path("spec"), object.get("spec"));
    }
  }

  private static void setDefaults(JsonNode schema, JsonNode value) {
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
        if (!object.has(property.getKey()) && property.getValue().has("default")) {
          object.set(property.getKey(), property.getValue().get("default").deepCopy());
        }
        if (object.has(property.getKey())) {
          setDefaults(property.getValue(), object.get(property.getKey()));
        }
      }
    } else if (value.isArray()) {
      value.forEach(item -> setDefaults(schema.path("items"), item));
    }
  }

  /**
   * Refuses an object that breaks the schema or a rule, unless that part of it is stored like this
   * already: the API server looks away there (KEP-4008, ratcheting).
   */
  void validate(ObjectNode object, @Nullable JsonNode old) {
    List<KubeError.Cause> causes = new ArrayList<>();
    ObjectNode checked = object.deepCopy();
    checked.remove(List.of("apiVersion", "kind", "metadata"));
    for (ValidationMessage message : validator.validate(checked)) {
      if (old != null && unchanged(message.getInstanceLocation(), checked, old)) {
        continue;
      }
      causes.add(
          KubeError.Cause.invalid(
              message.getInstanceLocation().toString().replaceFirst("^\\$\\.?", ""),
              message.getMessage().replaceFirst("^\\$[^:]*: ", "")));
    }
    // One that had them before may keep them: else no one could mend it.
    if (old == null || duplicates(old).isEmpty()) {
      duplicates(checked).forEach(twice -> causes.add(KubeError.Cause.duplicate(twice)));
    }
    if (causes.isEmpty()) {
      CelRules.check(schema, checked, old, "", causes);
    }
    if (!causes.isEmpty()) {
      KubeError.Cause first = causes.getFirst();
      throw new KubeError(
          422,
          "Invalid",
          type.kind()
              + "."
              + type.group()
              + " \""
              + Json.name(object)
              + "\" is invalid: "
              + first.field()
              + ": "
              + first.message()
              + (causes.size() > 1 ? " (and " + (causes.size() - 1) + " more)" : ""),
          causes);
    }
  }

  /** Keys that come twice in lists that are maps. */
  List<ListKeys.Duplicate> duplicates(JsonNode object) {
    return ListKeys.duplicates(schema, object);
  }

  /** Whether a value, or something that it is part of, is as before; items of lists have no old. */
  private static boolean unchanged(JsonNodePath place, JsonNode value, JsonNode old) {
    JsonNode is = value;
    JsonNode was = old;
    for (int i = 0; i < place.getNameCount() && place.getElement(i) instanceof String name; i++) {
      is = is.path(name);
      was = was.path(name);
      if (is.equals(was)) {
        return true;
      }
    }
    return false;
  }
}
