package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.http.RemoteSystem;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in Harbor, the YAML says it and nothing else. */
class YamlTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "yes",
        "Null",
        "1.10",
        "~",
        "- x",
        "a: b",
        "a:",
        "*",
        "&x",
        "!x",
        "#x",
        "a #b",
        "it's",
        "\"q\"",
        "{a,b}",
        "[a-z]*",
        "back\\slash",
        "x,y",
        "tab\there",
        "two\nlines",
        "\u0085",
        "\u2028",
        "\ufeff",
        "ä\ud83d\ude80",
        "---",
        "a\n---\nkind: Secret"
      })
  void any_text_is_read_back_as_it_was(String text) throws Exception {
    String filters =
        RemoteSystem.JSON.writeValueAsString(
            List.of(
                Map.of("type", "label", "value", "l" + text.replace(",", "")),
                Map.of("type", "tag", "value", text)));
    Policy policy = new Policy("p", text, 1, filters, Given.MANUAL, true, null, "");
    Imported object =
        Given.translate(Given.project("shop"), policy, P2PProviderSpec.Type.DRAGONFLY);

    Map<String, Object> printed = Given.printed(object);
    assertThat(printed).containsOnlyKeys("apiVersion", "kind", "metadata", "spec");
    PreheatPolicySpec spec =
        RemoteSystem.JSON.convertValue(printed.get("spec"), PreheatPolicySpec.class);
    assertThat(spec).isEqualTo(((Imported.Translated) object).spec());
    assertThat(Objects.requireNonNull(Objects.requireNonNull(spec.selector()).tags()).include())
        .containsExactly(text);
  }

  @Test
  void comments_stand_above_their_field_or_where_it_would_be() {
    Imported object =
        new Imported.Translated(
            "PreheatPolicy",
            "p",
            Map.of("selector", Map.of("tags", "x")),
            List.of(
                new Note("spec.selector.tags", "Above."),
                new Note("spec.selector.labels.all", "At the end of the selector."),
                new Note("spec.target.scope", "At the end of the spec.\n  a command"),
                new Note("", "First.")));
    assertThat(YamlText.of(new Translation(List.of("Head."), List.of(object)), "ns"))
        .isEqualTo(
            """
            # Head.
            ---
            # First.
            apiVersion: preheat.goharbor.io/v1alpha1
            kind: PreheatPolicy
            metadata:
              name: p
              namespace: ns
            spec:
              selector:
                # Above.
                tags: x
                # At the end of the selector.
              # At the end of the spec.
              #  a command
            """);
  }
}
