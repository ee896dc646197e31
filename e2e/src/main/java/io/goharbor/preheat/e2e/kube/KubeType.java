package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type of object that the API serves.
 *
 * @param group empty for the core group
 * @param crd the definition of a custom resource, null for a built-in type
 */
record KubeType(
    String group,
    String version,
    String plural,
    String kind,
    boolean namespaced,
    List<String> shortNames,
    List<String> categories,
    @Nullable JsonNode crd) {

  /** As {@code kubectl api-resources} lists them. */
  private static final Map<String, List<String>> SHORT_NAMES =
      Map.of(
          "namespaces", List.of("ns"),
          "configmaps", List.of("cm"),
          "events", List.of("ev"),
          "services", List.of("svc"),
          "serviceaccounts", List.of("sa"),
          "deployments", List.of("deploy"),
          "ingresses", List.of("ing"),
          "poddisruptionbudgets", List.of("pdb"),
          "customresourcedefinitions", List.of("crd", "crds"));

  static KubeType builtIn(
      String group, String version, String plural, String kind, boolean namespaced) {
    return new KubeType(
        group,
        version,
        plural,
        kind,
        namespaced,
        SHORT_NAMES.getOrDefault(plural, List.of()),
        List.of(),
        null);
  }

  static KubeType custom(JsonNode crd) {
    JsonNode names = crd.at("/spec/names");
    return new KubeType(
        crd.at("/spec/group").asText(),
        crd.at("/spec/versions/0/name").asText(),
        names.path("plural").asText(),
        names.path("kind").asText(),
        crd.at("/spec/scope").asText().equals("Namespaced"),
        texts(names.path("shortNames")),
        texts(names.path("categories")),
        crd);
  }

  private static List<String> texts(JsonNode array) {
    List<String> all = new java.util.ArrayList<>();
    array.forEach(item -> all.add(item.asText()));
    return List.copyOf(all);
  }

  String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Path of the group and version, such as /apis/apps/v1. */
  String root() {
    return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  boolean custom() {
    return crd != null;
  }

  /** Whether status is written through a subresource only. */
  boolean hasStatus() {
    return crd == null
        ? plural.equals("namespaces") || group.equals("apps")
        : crd.at("/spec/versions/0/subresources/status").isObject();
  }

  JsonNode schema() {
    return crd == null
        ? com.fasterxml.jackson.databind.node.MissingNode.getInstance()
        : crd.at("/spec/versions/0/schema/openAPIV3Schema");
  }
}
