package io.goharbor.preheat.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Kubeconfig files, put together as kubectl does: what several files name alike is taken from the
 * first, paths are relative to the file in which they stand.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/">the
 *     rules of merging</a>
 */
final class Kubeconfig {
  /** What a command line chooses; null: what the files say. */
  record Choice(
      @Nullable String context,
      @Nullable String cluster,
      @Nullable String user,
      @Nullable String namespace) {}

  /**
   * A chosen connection.
   *
   * @param yaml a kubeconfig with nothing but this connection
   */
  record Chosen(String yaml, String context, String server, String user, String namespace) {}

  private static final List<String> PATHS =
      List.of(
          "certificate-authority", "client-certificate", "client-key", "tokenFile", "token-file");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, JsonNode> contexts = new LinkedHashMap<>();
  private final Map<String, JsonNode> clusters = new LinkedHashMap<>();
  private final Map<String, JsonNode> users = new LinkedHashMap<>();
  private final List<Path> files = new ArrayList<>();
  private String current = "";

  private Kubeconfig() {}

  /**
   * Reads the file that is named, else those of the environment variable KUBECONFIG, else the one
   * in the home directory; empty when there is none.
   */
  static Optional<Kubeconfig> read(@Nullable Path named, Map<String, String> environment)
      throws PluginFailure {
    Kubeconfig all = new Kubeconfig();
    if (named != null) {
      if (!Files.isRegularFile(named)) {
        throw PluginFailure.usage("--kubeconfig: there is no file " + named);
      }
      all.add(named);
      return Optional.of(all);
    }
    String list = environment.getOrDefault("KUBECONFIG", "");
    if (list.isBlank()) {
      Path usual = Path.of(environment.getOrDefault("HOME", "."), ".kube", "config");
      if (!Files.isRegularFile(usual)) {
        return Optional.empty();
      }
      all.add(usual);
      return Optional.of(all);
    }
    for (String file : list.split(File.pathSeparator, -1)) {
      // kubectl passes over those that are not there.
      if (!file.isBlank() && Files.isRegularFile(Path.of(file))) {
        all.add(Path.of(file));
      }
    }
    if (all.files.isEmpty()) {
      throw PluginFailure.usage("KUBECONFIG: none of its files exists: " + list);
    }
    return Optional.of(all);
  }

  private void add(Path file) throws PluginFailure {
    JsonNode tree;
    try {
      tree = JSON.valueToTree(Serialization.unmarshal(Files.readString(file), Map.class));
    } catch (IOException e) {
      throw PluginFailure.usage("the kubeconfig " + file + " cannot be read");
    } catch (RuntimeException e) {
      // The parser quotes the line, in which a token may stand.
      throw PluginFailure.usage("the kubeconfig " + file + " is not YAML");
    }
    if (tree == null || !tree.isObject()) {
      throw PluginFailure.usage("the kubeconfig " + file + " is empty");
    }
    files.add(file);
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    take(tree, "contexts", "context", folder, contexts);
    take(tree, "clusters", "cluster", folder, clusters);
    take(tree, "users", "user", folder, users);
    if (current.isEmpty()) {
      current = tree.path("current-context").asText("");
    }
  }

  private static void take(
      JsonNode tree, String list, String part, Path folder, Map<String, JsonNode> into) {
    for (JsonNode entry : tree.path(list)) {
      if (entry.path(part).deepCopy() instanceof ObjectNode content) {
        for (String field : PATHS) {
          String path = content.path(field).asText("");
          if (!path.isEmpty()) {
            content.put(field, folder.resolve(path).toString());
          }
        }
        String program = content.path("exec").path("command").asText("");
        if (program.contains("/") && content.get("exec") instanceof ObjectNode exec) {
          exec.put("command", folder.resolve(program).toString());
        }
        into.putIfAbsent(entry.path("name").asText(""), content);
      }
    }
  }

  /** The connection to use. */
  Chosen choose(Choice choice) throws PluginFailure {
    String name = choice.context() != null ? choice.context() : current;
    if (name.isEmpty() && choice.cluster() == null) {
      throw PluginFailure.usage(
          "no context is set in "
              + named()
              + ": choose one with --context"
              + among(contexts, ", of "));
    }
    JsonNode context = contexts.get(name);
    if (context == null && !name.isEmpty()) {
      throw PluginFailure.usage(
          "there is no context '" + name + "' in " + named() + among(contexts, "; there are "));
    }
    String clusterName = chosen(choice.cluster(), context, "cluster");
    JsonNode cluster = clusters.get(clusterName);
    if (cluster == null) {
      throw PluginFailure.usage(
          "there is no cluster '"
              + clusterName
              + "' in "
              + named()
              + among(clusters, "; there are "));
    }
    String userName = chosen(choice.user(), context, "user");
    JsonNode user = users.get(userName);
    if (user == null && !userName.isEmpty()) {
      throw PluginFailure.usage(
          "there is no user '" + userName + "' in " + named() + among(users, "; there are "));
    }
    String server = cluster.path("server").asText("");
    if (server.isEmpty()) {
      throw PluginFailure.usage(
          "the cluster '" + clusterName + "' in " + named() + " has no server");
    }
    String namespace = chosen(choice.namespace(), context, "namespace");
    namespace = namespace.isEmpty() ? "default" : namespace;
    return new Chosen(
        write(cluster, user == null ? JSON.createObjectNode() : user, namespace),
        name,
        server,
        userName.isEmpty() ? "no one" : userName,
        namespace);
  }

  private static String chosen(@Nullable String asked, @Nullable JsonNode context, String field) {
    return asked != null ? asked : context == null ? "" : context.path(field).asText("");
  }

  private static String write(JsonNode cluster, JsonNode user, String namespace) {
    ObjectNode root = JSON.createObjectNode();
    root.put("apiVersion", "v1").put("kind", "Config").put("current-context", "chosen");
    entry(root.putArray("clusters"), "cluster", cluster);
    entry(root.putArray("users"), "user", user);
    ObjectNode context = JSON.createObjectNode();
    context.put("cluster", "chosen").put("user", "chosen").put("namespace", namespace);
    entry(root.putArray("contexts"), "context", context);
    try {
      // JSON is YAML.
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private static void entry(ArrayNode list, String part, JsonNode content) {
    list.addObject().put("name", "chosen").set(part, content);
  }

  /** Names of all contexts. */
  List<String> contextNames() {
    return List.copyOf(contexts.keySet());
  }

  private String named() {
    return String.join(", ", files.stream().map(Path::toString).toList());
  }

  private static String among(Map<String, JsonNode> all, String words) {
    return all.isEmpty() ? "" : words + String.join(", ", all.keySet());
  }
}
