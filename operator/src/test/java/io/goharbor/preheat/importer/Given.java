package io.goharbor.preheat.importer;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.harbor.HarborPreheat.About;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Things of a Harbor, and what tests ask of their translations. */
final class Given {
  static final ImportSetup SETUP =
      new ImportSetup("https://harbor.example.com", null, "harbor", false, false, null, false);
  static final String EVERYTHING =
      "[{\"type\":\"repository\",\"value\":\"**\"},{\"type\":\"tag\",\"value\":\"**\"}]";
  static final String MANUAL = "{\"type\":\"manual\",\"trigger_setting\":{}}";

  private Given() {}

  static Instance instance(long id, String name, String vendor, String endpoint, String auth) {
    return new Instance(id, name, vendor, endpoint, auth, false, true);
  }

  static Project project(String name, String... settings) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return new Project(name, all, false);
  }

  static Policy policy(String name, String filters, String trigger, String extra) {
    return new Policy(name, "", 1, filters, trigger, true, null, extra);
  }

  static HarborContent content(
      String version, List<Instance> instances, HarborContent.ProjectPolicies... projects) {
    return new HarborContent(
        new About(version, null), instances, true, List.of(projects), List.of());
  }

  static Imported translate(Project project, Policy policy, P2PProviderSpec.Type type) {
    return new PolicyTranslation(SETUP, project, policy, true)
        .translate("p", new PolicyTranslation.Provider("df", type));
  }

  /** What an object comes to when its YAML is read by somebody else. */
  static Map<String, Object> printed(Imported object) {
    return map(YamlText.of(new Translation(List.of(), List.of(object)), null));
  }

  static Map<String, Object> map(String yaml) {
    // Text that begins with a brace would be taken for JSON.
    return Serialization.unmarshal("---\n" + yaml, new TypeReference<Map<String, Object>>() {});
  }

  /** All notes, each behind its field. */
  static String notes(Imported object) {
    return ((Imported.Translated) object)
        .notes().stream()
            .map(note -> note.path() + ": " + note.text())
            .collect(Collectors.joining("\n"));
  }
}
