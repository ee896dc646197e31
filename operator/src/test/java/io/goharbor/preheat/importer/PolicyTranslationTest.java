package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each field of a policy of Harbor becomes. A row gives the field, what is expected of the
 * spec beside harborRef, providerRefs and the project, and words of the notes, behind their field.
 */
class PolicyTranslationTest {
  private static final Project SHOP = Given.project("shop");

  /** Filters of a manual policy; what is expected stands below {@code selector}. */
  static Stream<Arguments> filters() {
    return Stream.of(
        filter("everything", rule("repository", "**"), "{}"),
        filter("empty patterns take all too", rule("repository", "") + rule("tag", ""), "{}"),
        filter(
            "patterns",
            rule("tag", "{v1,v2}*") + rule("repository", "api/**"),
            "{repositories: {include: ['api/**']}, tags: {include: ['{v1,v2}*']}}"),
        filter(
            "the same pattern twice is once",
            rule("tag", "v*") + rule("tag", "v*") + rule("tag", "**"),
            "{tags: {include: ['v*']}}"),
        filter(
            "patterns of one type must all match in Harbor",
            rule("tag", "v*") + rule("tag", "*-rc"),
            "{tags: {include: ['v*', '*-rc']}}",
            "spec.selector.tags: In Harbor all of these must match",
            "spec.suspend: Held"),
        filter(
            "a pattern that Harbor cannot read",
            rule("tag", "[v"),
            "{tags: {include: ['[v']}}",
            "spec.selector.tags: Harbor cannot read this pattern",
            "spec.suspend: Held"),
        filter(
            "a pattern with the project",
            rule("repository", "shop/api"),
            "{repositories: {include: ['shop/api']}}",
            "spec.selector.repositories: Compared without the project, in Harbor and here: this takes"
                + " shop/shop/api."),
        filter("labels", rule("label", "prod,Web"), "{labels: {all: [prod, Web]}}"),
        filter(
            "labels of several filters",
            rule("label", "prod") + rule("label", "web"),
            "{labels: {all: [prod, web]}}"),
        filter("no labels", rule("label", ""), "{}"),
        filter(
            "labels are not trimmed",
            rule("label", "prod, web"),
            "{labels: {all: [prod, ' web']}}",
            "spec.selector.labels: Harbor compares with the space in ' web'"),
        filter(
            "a label without a name",
            rule("label", "prod,"),
            "{labels: {all: [prod]}}",
            "spec.selector.labels: Harbor's list 'prod,' has an empty name",
            "spec.suspend: Held"),
        filter(
            "stale signature",
            "{\"type\":\"signature\",\"value\":true}",
            "{signature: {anyOf: [Cosign, Notation]}}",
            "spec.selector.signature: The policy's filter signature, which Harbor ignores, takes effect"
                + " here"),
        filter(
            "stale signature that is off",
            "{\"type\":\"signature\",\"value\":false}",
            "{}",
            "spec.selector.signature: Harbor ignores the policy's filter signature false; left out"),
        filter(
            "stale vulnerability",
            "{\"type\":\"vulnerability\",\"value\":4}",
            "{vulnerability: {maxSeverity: Medium}}",
            "spec.selector.vulnerability: The policy's filter vulnerability 4, which Harbor ignores,"
                + " takes effect here: without a report NotScanned, worse than Medium"),
        filter(
            "vulnerability as Go writes numbers",
            "{\"type\":\"vulnerability\",\"value\":1.0}",
            "{vulnerability: {maxSeverity: None}}",
            "takes effect here"),
        filter(
            "vulnerability that lets all pass that was scanned",
            "{\"type\":\"vulnerability\",\"value\":99}",
            "{vulnerability: {maxSeverity: Critical}}",
            "takes effect here"),
        filter(
            "vulnerability that lets nothing pass",
            "{\"type\":\"vulnerability\",\"value\":0}",
            "{}",
            "spec.selector.vulnerability: The policy's filter vulnerability 0, which Harbor ignores,"
                + " would let nothing pass; left out"),
        filter(
            "vulnerability that is no number",
            "{\"type\":\"vulnerability\",\"value\":\"high\"}",
            "{}",
            "spec.selector.vulnerability: Harbor ignores the policy's filter vulnerability \"high\""),
        filter(
            "a filter that no one knows",
            rule("size", "big"),
            "{}",
            "spec.selector: Harbor knows no filter 'size'",
            "spec.suspend: Held"),
        filter(
            "a value of the wrong type",
            "{\"type\":\"tag\",\"value\":[\"v*\"]}",
            "{}",
            "spec.selector: The value of the filter tag is no text",
            "spec.suspend: Held"),
        filter(
            "no filters", "", "{}", "spec.selector: Harbor has no filters", "spec.suspend: Held"));
  }

  private static String rule(String type, String value) {
    return "{\"type\":\"" + type + "\",\"value\":\"" + value + "\"}";
  }

  private static Arguments filter(String name, String filters, String selector, String... notes) {
    return arguments(name, "[" + filters.replace("}{", "},{") + "]", selector, List.of(notes));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("filters")
  void filters_become_a_selector(
      String name, String filters, String selector, List<String> expectedNotes) {
    Imported object =
        Given.translate(
            SHOP, Given.policy("p", filters, Given.MANUAL, ""), P2PProviderSpec.Type.DRAGONFLY);

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("projects", Map.of("include", List.of("shop")));
    expected.put("artifactTypes", List.of("Image", "Model"));
    expected.putAll(Given.map(selector));
    assertThat(spec(object).get("selector")).isEqualTo(expected);
    assertNotes(object, expectedNotes, "spec.triggers: Manual");
    assertThat(spec(object).get("suspend"))
        .isEqualTo(expectedNotes.stream().anyMatch(note -> note.contains("Held")) ? true : null);
  }

  /** Settings of the project, with and without filters of the policy. */
  static Stream<Arguments> gates() {
    return Stream.of(
        arguments(Given.project("shop", "prevent_vul", "false", "severity", "high"), "", "{}", ""),
        arguments(
            Given.project("shop", "prevent_vul", "true", "severity", "high"),
            "",
            "{vulnerability: {maxSeverity: Medium}}",
            "better than high (prevent_vul), and Harbor preheats no other. Harbor leaves out what the"
                + " CVE allowlist names"),
        arguments(
            Given.project("shop", "prevent_vul", "true", "severity", "low"),
            "{\"type\":\"vulnerability\",\"value\":5}",
            "{vulnerability: {maxSeverity: Negligible}}",
            "worse than High TooVulnerable"),
        arguments(
            Given.project("shop", "prevent_vul", "true", "severity", "critical"),
            "{\"type\":\"vulnerability\",\"value\":2}",
            "{vulnerability: {maxSeverity: Negligible}}",
            "better than critical"),
        arguments(
            Given.project("shop", "prevent_vul", "true", "severity", "none"),
            "",
            "{}",
            "hands out nothing that was scanned"),
        arguments(
            Given.project("shop", "prevent_vul", "true"),
            "",
            "{vulnerability: {maxSeverity: Critical}}",
            "a severity it does not name"),
        arguments(
            Given.project("shop", "enable_content_trust_cosign", "true"),
            "",
            "{signature: {anyOf: [Cosign]}}",
            "Harbor's preheat does not look at that"),
        arguments(
            Given.project("shop", "enable_content_trust", "true"),
            "{\"type\":\"signature\",\"value\":true}",
            "{signature: {anyOf: [Notation]}}",
            "Harbor 2.9 and later preheat nothing at all"),
        arguments(
            Given.project(
                "shop", "enable_content_trust", "true", "enable_content_trust_cosign", "true"),
            "",
            "{signature: {anyOf: [Cosign, Notation]}}",
            "what lacks the other fails with PullDenied"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("gates")
  void settings_of_the_project_count(Project project, String filter, String gates, String note) {
    String filters = "[" + rule("tag", "**") + (filter.isEmpty() ? "" : "," + filter) + "]";
    Imported object =
        Given.translate(
            project, Given.policy("p", filters, Given.MANUAL, ""), P2PProviderSpec.Type.DRAGONFLY);

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("projects", Map.of("include", List.of("shop")));
    expected.put("artifactTypes", List.of("Image", "Model"));
    expected.putAll(Given.map(gates));
    assertThat(spec(object).get("selector")).isEqualTo(expected);
    assertThat(Given.notes(object)).contains(note);
    assertThat(spec(object)).doesNotContainKey("suspend");
  }

  static Stream<Arguments> triggers() {
    return Stream.of(
        arguments(Given.MANUAL, "{}", "spec.triggers: Manual"),
        arguments(
            "{\"type\":\"scheduled\",\"trigger_setting\":{\"cron\":\"0 30 2 * * *\"}}",
            "{schedule: {cron: '30 2 * * *'}}",
            "spec.triggers.schedule.cron: Harbor: '0 30 2 * * *', seconds first, in UTC."),
        arguments(
            "{\"type\":\"scheduled\",\"trigger_setting\":{\"cron\":\"\"}}",
            "{}",
            "spec.triggers: Harbor has an empty schedule"),
        arguments(
            "{\"type\":\"scheduled\",\"trigger_setting\":{\"cron\":\"0 0 2 L * *\"}}",
            "{}",
            "spec.triggers: No schedule: Harbor's cron is '0 0 2 L * *'"),
        arguments("", "{}", "spec.triggers: Harbor has no trigger here"),
        arguments("not JSON", "{}", "spec.triggers: Harbor has no trigger here"),
        arguments(
            "{\"type\":\"on_pull\"}",
            "{}",
            "spec.triggers: Harbor's trigger 'on_pull' is not known"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("triggers")
  void triggers_by_time_and_by_hand(String trigger, String expected, String note) {
    Imported object =
        Given.translate(
            SHOP, Given.policy("p", Given.EVERYTHING, trigger, ""), P2PProviderSpec.Type.DRAGONFLY);

    assertThat(spec(object).getOrDefault("triggers", Map.of())).isEqualTo(Given.map(expected));
    assertNotes(object, List.of(note));
    assertThat(spec(object)).doesNotContainKey("suspend");
  }

  @Test
  void one_trigger_by_events_is_three_and_takes_images_only() {
    Policy policy =
        Given.policy(
            "p", Given.EVERYTHING, "{\"type\":\"event_based\",\"trigger_setting\":{}}", "");
    Imported object = Given.translate(SHOP, policy, P2PProviderSpec.Type.DRAGONFLY);
    assertThat(spec(object).get("triggers"))
        .isEqualTo(Given.map("{events: [Pushed, Scanned, Labeled]}"));
    assertThat(spec(object).get("selector")).isEqualTo(Given.map("{projects: {include: [shop]}}"));
    assertNotes(object, List.of("spec.triggers.events: Harbor's one trigger for all three"));

    Imported cache =
        Given.translate(new Project("hub", Map.of(), true), policy, P2PProviderSpec.Type.DRAGONFLY);
    assertThat(Given.notes(cache)).contains("never preheat in a proxy cache project");
  }

  static Stream<Arguments> targets() {
    return Stream.of(
        arguments("", "{}", ""),
        arguments("{}", "{}", ""),
        arguments("{\"scope\":\"\",\"cluster_ids\":null}", "{}", ""),
        arguments("{\"scope\":\"single_seed_peer\"}", "{scope: SingleSeedPeer}", ""),
        arguments("{\"scope\":\"all_seed_peers\"}", "{scope: AllSeedPeers}", ""),
        arguments("{\"scope\":\"all_peers\"}", "{scope: AllPeers}", ""),
        arguments(
            "{\"scope\":\"all_peers\",\"cluster_ids\":[1,3]}",
            "{scope: AllPeers, dragonfly: {schedulerClusterIDs: [1, 3]}}",
            ""),
        arguments(
            "{\"scope\":\"single_peer\"}",
            "{}",
            "spec.target.scope: Harbor's scope is 'single_peer', which fails its jobs"),
        arguments("{\"scope\":7}", "{}", "spec.target.scope: Harbor's scope is 7"),
        arguments(
            "{\"cluster_ids\":[\"1\",2,0]}",
            "{dragonfly: {schedulerClusterIDs: [2]}}",
            "spec.target.dragonfly.schedulerClusterIDs: Harbor's cluster_ids are [\"1\",2,0]"),
        arguments(
            "{\"scope\":\"all_peers\",\"priority\":3}",
            "{scope: AllPeers}",
            "spec.target: Left out, as Harbor ignores it: extra_attrs [priority]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("targets")
  void extra_attributes_become_a_target(String extra, String expected, String note) {
    Imported object =
        Given.translate(
            SHOP,
            Given.policy("p", Given.EVERYTHING, Given.MANUAL, extra),
            P2PProviderSpec.Type.DRAGONFLY);

    assertThat(spec(object).getOrDefault("target", Map.of())).isEqualTo(Given.map(expected));
    assertNotes(object, note.isEmpty() ? List.of() : List.of(note), "spec.triggers: Manual");
  }

  @Test
  void harbor_2_12_has_the_scope_beside_the_rest() {
    Policy policy =
        new Policy("p", "", 1, Given.EVERYTHING, Given.MANUAL, true, "all_seed_peers", "");
    assertThat(spec(Given.translate(SHOP, policy, P2PProviderSpec.Type.DRAGONFLY)).get("target"))
        .isEqualTo(Given.map("{scope: AllSeedPeers}"));
  }

  @Test
  void kraken_is_asked_for_no_peers_as_in_harbor() {
    Imported object =
        Given.translate(
            SHOP,
            Given.policy("p", Given.EVERYTHING, Given.MANUAL, "{\"scope\":\"all_peers\"}"),
            P2PProviderSpec.Type.KRAKEN);
    assertThat(spec(object)).doesNotContainKey("target");
    assertThat(Given.notes(object)).contains("spec.target: Left out, as Harbor does for Kraken");
  }

  @Test
  void a_disabled_policy_is_suspended() {
    Policy policy = new Policy("p", "", 1, Given.EVERYTHING, Given.MANUAL, false, null, "");
    Imported object = Given.translate(SHOP, policy, P2PProviderSpec.Type.DRAGONFLY);
    assertThat(spec(object)).containsEntry("suspend", true);
    assertThat(Given.notes(object)).contains("spec.suspend: Disabled in Harbor.");
  }

  @Test
  void all_policies_may_be_suspended_for_a_start() {
    ImportSetup setup = new ImportSetup("https://h", null, "harbor", false, false, null, true);
    Imported object =
        new PolicyTranslation(
                setup, SHOP, Given.policy("p", Given.EVERYTHING, Given.MANUAL, ""), true)
            .translate("p", new PolicyTranslation.Provider("df", P2PProviderSpec.Type.DRAGONFLY));
    assertThat(spec(object)).containsEntry("suspend", true);
  }

  @Test
  void before_2_13_harbor_preheated_no_models() {
    Policy policy = Given.policy("p", Given.EVERYTHING, Given.MANUAL, "");
    HarborContent.ProjectPolicies project =
        new HarborContent.ProjectPolicies(SHOP, List.of(policy));
    assertThat(Given.content("v2.12.4-71b6b8e3", List.of(), project).preheatsModels()).isFalse();
    assertThat(Given.content("v2.13.0", List.of(), project).preheatsModels()).isTrue();
    assertThat(Given.content("v3.0.0", List.of(), project).preheatsModels()).isTrue();
    Imported object =
        new PolicyTranslation(Given.SETUP, SHOP, policy, false)
            .translate("p", new PolicyTranslation.Provider("df", P2PProviderSpec.Type.DRAGONFLY));
    assertThat(spec(object).get("selector")).isEqualTo(Given.map("{projects: {include: [shop]}}"));
  }

  @Test
  void what_the_schema_cannot_hold_is_left_out_with_the_reason() {
    Policy wide = Given.policy("p", "[" + rule("tag", "*x".repeat(40)) + "]", Given.MANUAL, "");
    assertThat(Given.translate(SHOP, wide, P2PProviderSpec.Type.DRAGONFLY))
        .isInstanceOfSatisfying(
            Imported.LeftOut.class,
            left -> {
              assertThat(left.what()).isEqualTo("policy shop/p");
              assertThat(left.why())
                  .startsWith("tags: pattern '*x*x")
                  .contains("more than 32 '*'")
                  .endsWith("split it into several patterns");
            });
    assertThat(new PolicyTranslation(Given.SETUP, SHOP, wide, true).translate("p", null))
        .isInstanceOfSatisfying(
            Imported.LeftOut.class, left -> assertThat(left.why()).contains("its instance (id 1)"));
  }

  /** The notes that are expected and no other, beside the first, which names the policy. */
  private static void assertNotes(Imported object, List<String> expected, String... usual) {
    List<String> all = Given.notes(object).lines().toList();
    assertThat(all.getFirst()).isEqualTo(": Harbor: policy p of project shop.");
    for (String note : expected) {
      assertThat(all).as(note).anyMatch(line -> line.contains(note));
    }
    assertThat(all).hasSize(1 + expected.size() + usual.length);
  }

  /** The spec as it is printed, which is also what the records say. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> spec(Imported object) {
    Map<String, Object> spec =
        (Map<String, Object>) Objects.requireNonNull(Given.printed(object).get("spec"));
    assertThat(Serialization.unmarshal(Serialization.asYaml(spec), PreheatPolicySpec.class))
        .isEqualTo(((Imported.Translated) object).spec());
    assertThat(spec)
        .containsEntry("harborRef", Map.of("name", "harbor"))
        .containsEntry("providerRefs", List.of(Map.of("name", "df")));
    return spec;
  }
}
