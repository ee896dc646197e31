package io.goharbor.preheat.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fields of other systems that the documentation uses, as their sources of July and August 2026
 * have them. A field that is not in here has not been looked up.
 */
final class ForeignFields {
  /** Kinds that neither API server of the tests serves. */
  static final Map<String, Set<String>> KINDS =
      Map.of(
          // https://kind.sigs.k8s.io/docs/user/configuration
          "Cluster", Set.of("kind", "apiVersion", "nodes[].role"));

  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          // goharbor/harbor-helm 70564d5, values.yaml
          "values of harbor",
          Set.of(
              "expose.type",
              "expose.tls.enabled",
              "expose.clusterIP.name",
              "externalURL",
              "persistence.enabled",
              "harborAdminPassword",
              "trivy.enabled"),
          // dragonflyoss/helm-charts 12bf3a2, charts/dragonfly/values.yaml (1.7.4)
          "values of dragonfly",
          Set.of(
              "manager.replicas",
              "manager.config.auth.jwt.key",
              "scheduler.replicas",
              "seedClient.replicas",
              "seedClient.persistence.enable",
              "seedClient.config.proxy.registryMirror.enableTaskIDBasedBlobDigest",
              "client.config.proxy.registryMirror.enableTaskIDBasedBlobDigest",
              "client.dfinit.enable",
              "client.dfinit.config.containerRuntime.containerd.configPath",
              "client.dfinit.config.containerRuntime.containerd.registries[].hostNamespace",
              "client.dfinit.config.containerRuntime.containerd.registries[].serverAddr",
              "client.dfinit.config.containerRuntime.containerd.registries[].capabilities[]"),
          // uber/kraken 2a7fbcb, helm/values.yaml
          "values of kraken",
          Set.of(
              "kraken.repository",
              "kraken.tag",
              "testfs.enabled",
              "origin.extraBackends",
              "build_index.extraBackends",
              "proxy.config",
              "proxy.extraVolumes[].name",
              "proxy.extraVolumes[].configMap.name",
              "proxy.extraVolumeMounts[].name",
              "proxy.extraVolumeMounts[].mountPath"),
          // uber/kraken 2a7fbcb, proxy/proxyserver and lib/backend/registrybackend
          "configuration of kraken",
          Set.of(
              "extends",
              "server.listener.net",
              "server.listener.addr",
              "[].namespace",
              "[].backend.registry_blob.address",
              "[].backend.registry_blob.timeout",
              "[].backend.registry_blob.security.basic.username",
              "[].backend.registry_blob.security.basic.password"));

  private ForeignFields() {}

  static void check(String name, List<JsonNode> documents) {
    Set<String> known = FIELDS.get(name);
    if (known == null) {
      throw new IllegalArgumentException(
          "there is no check '" + name + "'; known are " + FIELDS.keySet());
    }
    check(name, known, documents);
  }

  static void check(String name, Set<String> known, List<JsonNode> documents) {
    documents.forEach(document -> check(name, known, document));
  }

  static void checkKind(JsonNode object) {
    String kind = object.path("kind").asText();
    check(kind, KINDS.getOrDefault(kind, Set.of()), object);
  }

  private static void check(String name, Set<String> known, JsonNode document) {
    List<String> fields = new ArrayList<>();
    leaves(document, "", fields);
    // What is known may be a list, or a map with keys of any name.
    fields.removeIf(field ->
        known.stream()
            .anyMatch(key ->
                field.equals(key) || field.startsWith(key + ".") || field.equals(key + "[]")));
    if (!fields.isEmpty()) {
      throw new IllegalArgumentException("not looked up for " + name + ": " + fields);
    }
  }

  private static void leaves(JsonNode node, String path, List<String> fields) {
    if (node.isObject()) {
      node.properties()
          .forEach(entry ->
              leaves(
                  entry.getValue(),
                  path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                  fields));
    } else if (node.isArray()) {
      node.forEach(item -> leaves(item, path + "[]", fields));
    } else {
      fields.add(path);
    }
  }
}
