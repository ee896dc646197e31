package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.importer.HarborContent.ProjectPolicies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * From what was read in Harbor to objects of ours. Pure: the same content gives the same objects.
 */
record Translation(List<String> head, List<Imported> objects) {
  /**
   * Translates.
   *
   * @param unused whether instances that no policy uses are translated too
   */
  static Translation of(ImportSetup setup, HarborContent content, boolean unused) {
    List<Imported> objects = new ArrayList<>();
    Map<Long, PolicyTranslation.Provider> providers = providers(setup, content, unused, objects);
    List<String> originals = new ArrayList<>();
    for (ProjectPolicies project : content.projects()) {
      for (Policy policy : project.policies()) {
        originals.add(PolicyTranslation.original(project.project(), policy));
      }
    }
    Map<String, String> names = Names.of(originals);
    Set<String> imported = new TreeSet<>();
    for (ProjectPolicies project : content.projects()) {
      for (Policy policy : project.policies()) {
        String original = PolicyTranslation.original(project.project(), policy);
        Imported object =
            new PolicyTranslation(setup, project.project(), policy, content.preheatsModels())
                .translate(
                    names.getOrDefault(original, original), providers.get(policy.providerId()));
        objects.add(object);
        if (object instanceof Imported.Translated) {
          imported.add(project.project().name());
        }
      }
    }
    objects.addFirst(
        RegistryTranslation.of(setup, content.about().externalUrl(), List.copyOf(imported)));
    return new Translation(head(setup, content), objects);
  }

  private static Map<Long, PolicyTranslation.Provider> providers(
      ImportSetup setup, HarborContent content, boolean unused, List<Imported> objects) {
    Set<Long> used = new TreeSet<>();
    content
        .projects()
        .forEach(project -> project.policies().forEach(policy -> used.add(policy.providerId())));
    List<Instance> wanted =
        content.instances().stream()
            .filter(instance -> unused || used.contains(instance.id()))
            .toList();
    Map<String, String> names = Names.of(wanted.stream().map(Instance::name).toList());
    Map<Long, PolicyTranslation.Provider> providers = new HashMap<>();
    for (Instance instance : wanted) {
      String name = names.getOrDefault(instance.name(), instance.name());
      Imported object = InstanceTranslation.of(setup, instance, name);
      objects.add(object);
      if (object instanceof Imported.Translated translated
          && translated.spec() instanceof P2PProviderSpec spec) {
        providers.put(instance.id(), new PolicyTranslation.Provider(name, spec.type()));
      }
    }
    return providers;
  }

  private static List<String> head(ImportSetup setup, HarborContent content) {
    List<String> head = new ArrayList<>();
    head.add(
        "Imported from Harbor "
            + (content.about().version() == null ? "" : content.about().version() + " ")
            + "at "
            + setup.url()
            + ".");
    head.add(
        "Comments stand where something differs from Harbor's own preheating. No secret was read or"
            + " is written: each Secret is to be created with the command beside its reference."
            + " Before these policies are applied, see docs/import-harbor.md.");
    if (setup.suspend()) {
      head.add("All policies are suspended, as --suspend asks.");
    }
    if (!content.wholeInstances()) {
      head.add(
          "Harbor let the account list no instances (preheat-instance:list of the system); they are as"
              + " projects are shown them.");
    }
    if (!content.refusedProjects().isEmpty()) {
      head.add(
          "Not looked at, for the account lacks preheat-policy:list there: "
              + String.join(", ", content.refusedProjects())
              + ".");
    }
    return head;
  }

  /** How many objects of a kind were translated. */
  long count(String kind) {
    return objects.stream()
        .filter(object ->
            object instanceof Imported.Translated translated && translated.kind().equals(kind))
        .count();
  }

  /** What was left out. */
  List<Imported.LeftOut> leftOut() {
    return objects.stream()
        .filter(Imported.LeftOut.class::isInstance)
        .map(Imported.LeftOut.class::cast)
        .toList();
  }
}
