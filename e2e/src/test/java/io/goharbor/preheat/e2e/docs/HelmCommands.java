package io.goharbor.preheat.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Commands of helm: the chart of this repository is rendered with what they set. */
final class HelmCommands {
  /** Without a cluster the engine takes a version that charts refuse. */
  static final String KUBERNETES = "1.34.0";

  private static final Set<String> RENDERED = Set.of("install", "upgrade", "template");
  private static final Set<String> LOOKED_AT = Set.of("uninstall", "rollback", "history");
  private static final Set<String> SWITCHES =
      Set.of("--create-namespace", "--wait", "--install", "--reuse-values", "--take-ownership");
  private static final Set<String> OPTIONS =
      Set.of("--namespace", "-n", "--set", "--values", "-f", "--version", "--timeout");

  private HelmCommands() {}

  static Trial tryOut(ShellCommand command, List<String> words, Workspace workspace)
      throws IOException {
    List<String> plain = new ArrayList<>();
    List<String> values = new ArrayList<>();
    List<String> sets = new ArrayList<>();
    String namespace = "default";
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (OPTIONS.contains(word)) {
        String value = words.get(++i);
        switch (word) {
          case "--namespace", "-n" -> namespace = value;
          case "--set" -> sets.add(value);
          case "--values", "-f" -> values.add(value);
          default -> {
            // Nothing that a render could tell about.
          }
        }
      } else if (word.startsWith("-") && !SWITCHES.contains(word)) {
        return new Trial.Wrong("an option of helm that is not known here: " + word);
      } else if (!word.startsWith("-")) {
        plain.add(word);
      }
    }
    for (String file : values) {
      if (!Files.exists(workspace.directory().resolve(file))) {
        return new Trial.Wrong("there is no file " + file);
      }
    }
    Optional<String> foreign = Foreign.reason(words);
    if (foreign.isPresent()) {
      return new Trial.NotRun(foreign.get());
    }
    if (command.inline() || LOOKED_AT.contains(plain.getFirst())) {
      return RENDERED.contains(plain.getFirst()) || LOOKED_AT.contains(plain.getFirst())
          ? new Trial.LookedAt("verb and options")
          : new Trial.Wrong("helm " + plain.getFirst() + ": how to try this is not known");
    }
    if (!RENDERED.contains(plain.getFirst()) || plain.size() != 3) {
      return new Trial.Wrong("how to try this is not known");
    }
    TemplateCommand template =
        new Helm(Page.ROOT.resolve(plain.get(2)))
            .template()
            .withName(plain.get(1))
            .withNamespace(namespace)
            .withKubeVersion(KUBERNETES);
    values.forEach(file -> template.withValuesFile(workspace.directory().resolve(file)));
    for (String set : sets) {
      template.set(set.substring(0, set.indexOf('=')), set.substring(set.indexOf('=') + 1));
    }
    String rendered = template.call();
    if (plain.getFirst().equals("template")) {
      if (!command.redirect().isEmpty()) {
        Files.writeString(workspace.directory().resolve(command.redirect()), rendered);
      }
    } else {
      install(rendered, namespace, workspace);
    }
    return new Trial.Ran();
  }

  private static void install(String rendered, String namespace, Workspace workspace)
      throws IOException {
    try (KubernetesClient client = workspace.client()) {
      Workspace.namespace(client, namespace);
      for (JsonNode object : Workspace.documents(rendered)) {
        client
            .resource(Serialization.unmarshal(object.toString(), GenericKubernetesResource.class))
            .forceConflicts()
            .serverSideApply();
      }
    }
  }
}
