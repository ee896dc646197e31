package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What the API tells of itself: groups, resources, and OpenAPI for explain and validation. */
final class Discovery {
  private static final List<String> VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  private Discovery() {}

  static Optional<ObjectNode> answer(String path, Collection<KubeType> types) {
    return switch (path) {
      case "/api" ->
          Optional.of(
              Json.object().put("kind", "APIVersions").<ObjectNode>set("versions", array("v1")));
      case "/apis" -> Optional.of(groups(types));
      case "/version" ->
          Optional.of(
              Json.object()
                  .put("major", "1")
                  .put("minor", "36")
                  .put("gitVersion", "v1.36.0-embedded")
                  .put("platform", "embedded"));
      case "/openapi/v3" -> Optional.of(openApiIndex(types));
      default ->
          path.startsWith("/openapi/v3/")
              ? openApi(path.substring("/openapi/v3".length()), types)
              : resources(path, types);
    };
  }

  private static ObjectNode groups(Collection<KubeType> types) {
    TreeMap<String, String> groups = new TreeMap<>();
    types.stream()
        .filter(type -> !type.group().isEmpty())
        .forEach(type -> groups.put(type.group(), type.version()));
    ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode all = list.putArray("groups");
    groups.forEach((group, version) -> {
      ObjectNode one = all.addObject().put("name", group);
      ObjectNode served =
          Json.object().put("groupVersion", group + "/" + version).put("version", version);
      one.putArray("versions").add(served);
      one.set("preferredVersion", served);
    });
    return list;
  }

  private static Optional<ObjectNode> resources(String path, Collection<KubeType> types) {
    List<KubeType> own = types.stream().filter(type -> type.root().equals(path)).toList();
    if (own.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode list =
        Json.object()
            .put("kind", "APIResourceList")
            .put("apiVersion", "v1")
            .put("groupVersion", own.getFirst().apiVersion());
    ArrayNode all = list.putArray("resources");
    for (KubeType type : own) {
      ObjectNode resource = all.addObject();
      resource
          .put("name", type.plural())
          .put("singularName", type.kind().toLowerCase(java.util.Locale.ROOT))
          .put("namespaced", type.namespaced())
          .put("kind", type.kind());
      resource.set("verbs", array(VERBS.toArray(String[]::new)));
      if (!type.shortNames().isEmpty()) {
        resource.set("shortNames", array(type.shortNames().toArray(String[]::new)));
      }
      if (!type.categories().isEmpty()) {
        resource.set("categories", array(type.categories().toArray(String[]::new)));
      }
      if (type.hasStatus()) {
        ObjectNode status = all.addObject();
        status
            .put("name", type.plural() + "/status")
            .put("singularName", "")
            .put("namespaced", type.namespaced())
            .put("kind", type.kind());
        status.set("verbs", array("get", "patch", "update"));
      }
    }
    return Optional.of(list);
  }

  private static ObjectNode openApiIndex(Collection<KubeType> types) {
    ObjectNode index = Json.object();
    ObjectNode paths = index.putObject("paths");
    types.stream()
        .map(KubeType::root)
        .distinct()
        .forEach(root ->
            paths.putObject(root.substring(1)).put("serverRelativeURL", "/openapi/v3" + root));
    return index;
  }

  private static Optional<ObjectNode> openApi(String root, Collection<KubeType> types) {
    List<KubeType> own = types.stream().filter(type -> type.root().equals(root)).toList();
    if (own.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode document = Json.object().put("openapi", "3.0.0");
    document.putObject("info").put("title", "Kubernetes").put("version", "embedded");
    ObjectNode paths = document.putObject("paths");
    ObjectNode schemas = document.putObject("components").putObject("schemas");
    for (KubeType type : own) {
      String schemaName = type.apiVersion().replace('/', '.') + "." + type.kind();
      ObjectNode gvk =
          Json.object()
              .put("group", type.group())
              .put("version", type.version())
              .put("kind", type.kind());
      JsonNode source = type.schema();
      ObjectNode schema =
          source.isObject() ? source.deepCopy() : Json.object().put("type", "object");
      ObjectNode properties = schema.withObject("/properties");
      properties.putObject("apiVersion").put("type", "string").put("description", "API version.");
      properties.putObject("kind").put("type", "string").put("description", "Kind.");
      properties.putObject("metadata").put("type", "object").put("description", "Metadata.");
      schema.putArray("x-kubernetes-group-version-kind").add(gvk);
      schemas.set(schemaName, schema);
      String collection =
          type.root() + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
      ObjectNode list = paths.putObject(collection);
      operation(list, "get", "list", gvk, schemaName);
      operation(list, "post", "post", gvk, schemaName);
      ObjectNode single = paths.putObject(collection + "/{name}");
      operation(single, "get", "get", gvk, schemaName);
      operation(single, "put", "put", gvk, schemaName);
      operation(single, "patch", "patch", gvk, schemaName);
    }
    return Optional.of(document);
  }

  private static void operation(
      ObjectNode path, String method, String action, ObjectNode gvk, String schema) {
    ObjectNode operation = path.putObject(method);
    operation.put("x-kubernetes-action", action);
    operation.set("x-kubernetes-group-version-kind", gvk);
    // kubectl looks for this parameter to learn that the server validates fields itself.
    operation
        .putArray("parameters")
        .addObject()
        .put("name", "fieldValidation")
        .put("in", "query")
        .putObject("schema")
        .put("type", "string");
    operation
        .putObject("responses")
        .putObject("200")
        .put("description", "OK")
        .putObject("content")
        .putObject("application/json")
        .putObject("schema")
        .put("$ref", "#/components/schemas/" + schema);
  }

  private static ArrayNode array(String... values) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    for (String value : values) {
      array.add(value);
    }
    return array;
  }
}
