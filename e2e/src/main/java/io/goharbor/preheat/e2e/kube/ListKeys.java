package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds keys that come twice in lists which a schema declares to be maps. */
final class ListKeys {
  /**
   * An item whose key another one before it has. As the API server does, only the second of many is
   * named.
   *
   * @param list path of the list, such as {@code status.conditions}
   * @param index of the item
   * @param key the key fields with their values
   */
  record Duplicate(String list, int index, ObjectNode key) {
    /** The key as server-side apply writes it. */
    String path() {
      return key.properties().stream()
          .map(field -> field.getKey() + "=" + field.getValue())
          .collect(Collectors.joining(",", "[", "]"));
    }
  }

  private ListKeys() {}

  /** All of them, at any depth of a value. */
  static List<Duplicate> duplicates(JsonNode schema, JsonNode value) {
    List<Duplicate> found = new ArrayList<>();
    collect(schema, value, "", found);
    return found;
  }

  private static void collect(JsonNode schema, JsonNode value, String path, List<Duplicate> found) {
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
        String name = property.getKey();
        collect(
            property.getValue(),
            value.path(name),
            path.isEmpty() ? name : path + "." + name,
            found);
      }
    } else if (value.isArray()) {
      if (schema.path("x-kubernetes-list-type").asText().equals("map")) {
        compare(schema.path("x-kubernetes-list-map-keys"), value, path, found);
      }
      for (int i = 0; i < value.size(); i++) {
        collect(schema.path("items"), value.get(i), path + "[" + i + "]", found);
      }
    }
  }

  private static void compare(JsonNode keys, JsonNode list, String path, List<Duplicate> found) {
    Map<ObjectNode, Integer> seen = new HashMap<>();
    for (int i = 0; i < list.size(); i++) {
      ObjectNode key = Json.object();
      for (JsonNode field : keys) {
        if (list.get(i).has(field.asText())) {
          key.set(field.asText(), list.get(i).get(field.asText()));
        }
      }
      if (seen.merge(key, 1, Integer::sum) == 2) {
        found.add(new Duplicate(path, i, key));
      }
    }
  }
}
