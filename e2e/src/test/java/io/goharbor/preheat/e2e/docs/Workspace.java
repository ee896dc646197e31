package io.goharbor.preheat.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A checkout with a cluster, in which the commands of one page are run one after the other. */
final class Workspace implements AutoCloseable {
  static final YAMLMapper YAML = new YAMLMapper();

  /** What a reader has in the cluster when a page speaks of it by name. */
  private static final String OBJECTS = "/docs/cluster.yaml";

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final Path directory;
  private final Path kubeconfig;

  Workspace(Path directory) throws IOException {
    this.directory = directory;
    try (Stream<Path> files = Files.list(Page.ROOT)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (List.of("charts", "crds", "deploy", "examples").contains(name)) {
          copy(file, directory.resolve(name));
        }
      }
    }
    kubeconfig = Files.writeString(directory.resolve("kubeconfig"), kube.kubeconfig());
    Path demo = Files.createDirectories(directory.resolve("e2e/target/demo"));
    Files.writeString(demo.resolve("kubeconfig"), kube.kubeconfig());
    try (KubernetesClient client = kube.client()) {
      applyCrds(client);
      for (String name : List.of("preheat", "argocd", "harbor", "team-a")) {
        namespace(client, name);
      }
      for (JsonNode object : documents(objects())) {
        create(client, object);
      }
    }
  }

  private static String objects() throws IOException {
    try (InputStream in = Objects.requireNonNull(Workspace.class.getResourceAsStream(OBJECTS))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(file -> !from.relativize(file).startsWith("target")).toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void create(KubernetesClient client, JsonNode object) {
    GenericKubernetesResource resource =
        Serialization.unmarshal(object.toString(), GenericKubernetesResource.class);
    client.resource(resource).create();
    if (object.has("status")) {
      client.resource(resource).updateStatus();
    }
  }

  static void applyCrds(KubernetesClient client) throws IOException {
    try (Stream<Path> files = Files.list(Page.ROOT.resolve("crds"))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("preheat.")).sorted().toList()) {
        client
            .resource(
                Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class))
            .serverSideApply();
      }
    }
  }

  static void namespace(KubernetesClient client, String name) {
    if (client.namespaces().withName(name).get() == null) {
      client
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .create();
    }
  }

  static List<JsonNode> documents(String yaml) throws IOException {
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      return documents.readAll().stream().filter(JsonNode::isContainerNode).toList();
    }
  }

  KubernetesClient client() {
    return kube.client();
  }

  Path directory() {
    return directory;
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void close() {
    kube.close();
  }
}
