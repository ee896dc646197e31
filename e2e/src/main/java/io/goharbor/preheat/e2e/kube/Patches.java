package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ways to change an object by a part of it. */
final class Patches {
  private static final List<String> SETS = List.of("finalizers", "ownerReferences");

  private Patches() {}

  /** RFC 7386; also what strategic merge patches of built-in types are taken for. */
  static JsonNode merge(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch;
    }
    ObjectNode result = target.isObject() ? target.deepCopy() : Json.object();
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      if (field.getKey().startsWith("$")) {
        continue;
      }
      if (field.getValue().isNull()) {
        result.remove(field.getKey());
      } else {
        JsonNode before = result.path(field.getKey());
        result.set(field.getKey(), merge(before, field.getValue()));
      }
    }
    return result;
  }

  /**
   * Server-side apply: fields that the manager sent before and sends no longer are taken out, then
   * what it sends is laid over the object. Lists are replaced, but for sets in metadata.
   */
  static ObjectNode apply(ObjectNode target, @Nullable JsonNode appliedBefore, JsonNode applied) {
    ObjectNode result = target.deepCopy();
    if (appliedBefore != null) {
      remove(result, appliedBefore, applied);
    }
    lay(result, applied);
    return result;
  }

  private static void remove(ObjectNode target, JsonNode before, JsonNode now) {
    for (Map.Entry<String, JsonNode> field : before.properties()) {
      String name = field.getKey();
      JsonNode had = field.getValue();
      JsonNode has = now.path(name);
      if (SETS.contains(name) && had.isArray() && target.path(name) instanceof ArrayNode set) {
        for (JsonNode item : had) {
          boolean kept = false;
          for (JsonNode other : has) {
            kept |= other.equals(item);
          }
          if (!kept) {
            for (int i = set.size() - 1; i >= 0; i--) {
              if (set.get(i).equals(item)) {
                set.remove(i);
              }
            }
          }
        }
        if (set.isEmpty()) {
          target.remove(name);
        }
      } else if (had.isObject() && target.path(name) instanceof ObjectNode child) {
        remove(child, had, has);
        if (child.isEmpty() && has.isMissingNode()) {
          target.remove(name);
        }
      } else if (has.isMissingNode()) {
        target.remove(name);
      }
    }
  }

  private static void lay(ObjectNode target, JsonNode applied) {
    for (Map.Entry<String, JsonNode> field : applied.properties()) {
      JsonNode value = field.getValue();
      JsonNode present = target.path(field.getKey());
      if (value.isObject() && present instanceof ObjectNode child) {
        lay(child, value);
      } else if (SETS.contains(field.getKey())
          && value.isArray()
          && present instanceof ArrayNode set) {
        for (JsonNode item : value) {
          boolean there = false;
          for (JsonNode other : set) {
            there |= other.equals(item);
          }
          if (!there) {
            set.add(item);
          }
        }
      } else if (!value.isNull()) {
        target.set(field.getKey(), value.deepCopy());
      }
    }
  }
}
