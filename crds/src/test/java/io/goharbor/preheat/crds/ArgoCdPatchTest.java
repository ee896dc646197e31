package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.ApiGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The patch of Argo CD's ConfigMap is made of the health checks as they are in their files. */
class ArgoCdPatchTest {
  private static final Path ARGOCD = Golden.ROOT.resolve("deploy/argocd");
  private static final Path PATCH = ARGOCD.resolve("argocd-cm-patch.yaml");

  @Test
  void the_patch_holds_each_check_as_it_is_in_its_file() throws Exception {
    StringBuilder text =
        new StringBuilder(
            """
            # Generated from resource_customizations/. Teaches Argo CD the health of the four kinds:
            #
            #   kubectl patch configmap argocd-cm -n argocd --patch-file deploy/argocd/argocd-cm-patch.yaml
            #
            # Patch, and do not apply: kubectl apply can take out what else the ConfigMap holds.
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: argocd-cm
            data:
            """);
    for (String kind : kinds()) {
      text.append("  ").append(key(kind)).append(": |\n");
      check(kind)
          .lines()
          .map(line -> line.isEmpty() ? "\n" : "    " + line + "\n")
          .forEach(text::append);
    }
    Golden.check(PATCH, text.toString());
    // Argo CD reads each check as it is in its file: indented rightly, and taken for nothing else.
    JsonNode data = Crds.YAML.readTree(PATCH.toFile()).path("data");
    assertThat(data.properties()).hasSize(kinds().size());
    for (String kind : kinds()) {
      assertThat(data.path(key(kind)).asText()).as(kind).isEqualTo(check(kind));
    }
  }

  private static List<String> kinds() {
    return Crds.KINDS.stream().map(Class::getSimpleName).sorted().toList();
  }

  /** As Argo CD wants it: group and kind, joined by an underscore. */
  private static String key(String kind) {
    return "resource.customizations.health." + ApiGroup.NAME + "_" + kind;
  }

  private static String check(String kind) throws IOException {
    return Files.readString(
        ARGOCD.resolve("resource_customizations/" + ApiGroup.NAME + "/" + kind + "/health.lua"));
  }
}
