package io.goharbor.preheat.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tries one block of YAML. Objects are created, with unknown fields refused. What is not an object
 * by itself says in the comment above it what it is:
 *
 * <ul>
 *   <li>{@code part of KIND}, {@code part of KIND.spec}: completed, and created
 *   <li>{@code values of the chart}: the chart is rendered with them; so is what has no comment and
 *       only keys of its values
 *   <li>{@code configuration of the operator}, and what has no comment on the page of the
 *       configuration: its keys must be in the table of that page
 *   <li>{@code values of NAME}, {@code configuration of NAME}: looked up in {@link ForeignFields}
 * </ul>
 */
final class YamlCheck {
  private static final String CONFIGURATION = "docs/configuration.md";
  private static final Path CHART = Page.ROOT.resolve("charts/harbor-preheat-operator");
  private static final Set<String> UNSERVED = ForeignFields.KINDS.keySet();

  /** What a part is put into. */
  private static final Map<String, String> WHOLES =
      Map.of(
          "HarborRegistry",
          "spec: {url: 'https://harbor.example.com'}",
          "PreheatPolicy",
          "spec: {harborRef: {name: main}, providerRefs: [{name: dragonfly}]}",
          "PreheatExecution",
          "spec: {policyRef: {name: shop}}",
          "P2PProvider",
          "spec: {}");

  private final KubernetesClient client;
  private int blocks;

  YamlCheck(KubernetesClient client) {
    this.client = client;
  }

  /** Fails with the server's or Helm's words. */
  void check(Block block) throws IOException {
    String namespace = "block-" + ++blocks;
    if (block.check().equals("values of the chart")) {
      render(block.text());
    } else if (block.check().equals("configuration of the operator")
        || (block.check().isEmpty() && block.page().equals(CONFIGURATION))) {
      ForeignFields.check(
          "the configuration of the operator",
          configurationKeys(),
          Workspace.documents(block.text()));
    } else if (block.check().startsWith("part of ")) {
      create(whole(block), namespace);
    } else if (!block.check().isEmpty()) {
      ForeignFields.check(block.check(), Workspace.documents(block.text()));
    } else {
      List<JsonNode> documents = Workspace.documents(block.text());
      if (documents.stream().allMatch(YamlCheck::ofTheChart) && !documents.isEmpty()) {
        render(block.text());
        return;
      }
      if (documents.isEmpty()) {
        throw new IllegalArgumentException("there is nothing in it");
      }
      for (JsonNode document : documents) {
        if (!document.path("kind").isTextual() || !document.path("apiVersion").isTextual()) {
          throw new IllegalArgumentException(
              "no object: say above it what it is, such as <!-- check: part of PreheatPolicy.spec"
                  + " --> (YamlCheck lists the ways)");
        }
        if (UNSERVED.contains(document.path("kind").asText())) {
          ForeignFields.checkKind(document);
        } else {
          create((ObjectNode) document, namespace);
        }
      }
    }
  }

  /** Those in the generated table of the page of the configuration; a map takes any key. */
  private static Set<String> configurationKeys() throws IOException {
    String page = Files.readString(Page.ROOT.resolve(CONFIGURATION));
    return Page.of(CONFIGURATION, page).rows().stream()
        .flatMap(row -> Page.words(row.getFirst()).stream().limit(1))
        .collect(Collectors.toSet());
  }

  /** Only keys of the chart's values, and no object: then it can be nothing else. */
  private static boolean ofTheChart(JsonNode document) {
    JsonNode values;
    try {
      values = Workspace.YAML.readTree(CHART.resolve("values.yaml").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return document.isObject()
        && !document.isEmpty()
        && document.propertyStream().allMatch(field -> values.has(field.getKey()));
  }

  private static ObjectNode whole(Block block) throws IOException {
    String[] path = block.check().substring("part of ".length()).split("\\.", 2);
    String base = WHOLES.get(path[0]);
    if (base == null) {
      throw new IllegalArgumentException("no kind of ours: " + path[0]);
    }
    ObjectNode whole = (ObjectNode) Workspace.YAML.readTree(base);
    whole.put("apiVersion", "preheat.goharbor.io/v1alpha1").put("kind", path[0]);
    ObjectNode part = (ObjectNode) Workspace.YAML.readTree(block.text());
    if (path.length == 1) {
      whole.setAll(part);
    } else {
      ObjectNode spec = (ObjectNode) whole.path("spec");
      spec.setAll(part);
      if (path[0].equals("P2PProvider")) {
        spec.put("type", part.has("kraken") ? "Kraken" : "Dragonfly");
      }
    }
    if (!whole.has("metadata")) {
      whole.putObject("metadata").put("name", "part");
    }
    return whole;
  }

  /** In a namespace of its own, so that blocks may use the same names. */
  private void create(ObjectNode object, String namespace) {
    Workspace.namespace(client, namespace);
    GenericKubernetesResource resource =
        Serialization.unmarshal(object.toString(), GenericKubernetesResource.class);
    resource.getMetadata().setNamespace(namespace);
    client.resource(resource).fieldValidation(FieldValidateable.Validation.STRICT).create();
  }

  private static void render(String values) throws IOException {
    Path file = Files.createTempFile("values", ".yaml");
    try {
      Files.writeString(file, values);
      String rendered =
          new Helm(CHART)
              .template()
              .withName("preheat")
              .withNamespace("preheat")
              .withKubeVersion(HelmCommands.KUBERNETES)
              .withValuesFile(file)
              .call();
      if (Workspace.documents(rendered).isEmpty()) {
        throw new IllegalArgumentException("nothing was rendered");
      }
    } finally {
      Files.delete(file);
    }
  }
}
