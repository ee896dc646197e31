package io.goharbor.preheat.crds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every node of a schema with its path: fields, items of lists, values of maps. */
final class SchemaWalk {
  /**
   * One node.
   *
   * @param path such as {@code spec.images[]} or {@code spec.selector.matchLabels{}}
   * @param field whether it is a named field, not an item or a value
   */
  record Node(String path, JsonNode schema, boolean field) {}

  private SchemaWalk() {}

  /** The nodes below this one, without it, in the order of the schema. */
  static List<Node> below(String path, JsonNode schema) {
    List<Node> nodes = new ArrayList<>();
    collect(path, schema, nodes);
    return nodes;
  }

  private static void collect(String path, JsonNode schema, List<Node> nodes) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      add(new Node(path + "." + property.getKey(), property.getValue(), true), nodes);
    }
    if (schema.path("items").isObject()) {
      add(new Node(path + "[]", schema.path("items"), false), nodes);
    }
    if (schema.path("additionalProperties").isObject()) {
      add(new Node(path + "{}", schema.path("additionalProperties"), false), nodes);
    }
  }

  private static void add(Node node, List<Node> nodes) {
    nodes.add(node);
    collect(node.path(), node.schema(), nodes);
  }
}
