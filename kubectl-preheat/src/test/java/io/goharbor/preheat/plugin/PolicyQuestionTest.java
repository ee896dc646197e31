package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.plugin.WhyReport.PolicyAnswer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyQuestionTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "h.example.com/shop/web:1 | {}                                      | yes     | its names match",
        "shop/web:1               | {}                                      | yes     | its names match",
        "other.com/shop/web:1     | {}                                      | no      | the policy is about h.example.com, not other.com",
        "shop/web:1               | {projects: {include: [lab]}}            | no      | project 'shop' matches none of",
        "shop/web:1               | {tags: {include: ['v*']}}               | no      | tag '1' matches none of",
        "shop/web@DIGEST          | {tags: {include: ['v*']}}               | perhaps | the tags of the digest (selector.tags)",
        "shop/web@DIGEST          | {}                                      | yes     | its names match",
        "shop/web:1               | {artifactTypes: [Model]}                | perhaps | the type, which must be Model",
        "shop/web:1               | {artifactTypes: [Model, Image]}         | yes     | its names match",
        "shop/web:1               | {labels: {any: [a, b], none: [c]}}      | perhaps | the labels (any of a, b; none of c)",
        "shop/web:1               | {signature: {anyOf: [Cosign]}}          | perhaps | the signature (selector.signature)",
        "shop/web:1               | {vulnerability: {maxSeverity: High}}    | perhaps | the scan report (worst severity high)",
        "shop/web:1               | {pushedWithin: 24h}                     | perhaps | the time of its push (within 24h)",
        "shop/web:1               | {latestPushed: 3}                       | perhaps | whether it is among the newest 3 of its repository",
        "shop/web:1               | {tags: {include: ['[']}}                | no      | selector.tags",
      })
  void names_decide_and_what_only_harbor_knows_is_named(
      String reference, String selector, String selects, String words) throws PluginFailure {
    PolicyAnswer answer = ask(reference.replace("DIGEST", DIGEST), "selector: " + selector);

    assertThat(answer.selects().toString()).isEqualTo(selects);
    assertThat(answer.message() + String.join(", ", answer.onlyHarborKnows())).contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "suspend: false                                                        | by hand only",
        "suspend: true                                                         | suspended: starts nothing",
        "triggers: {events: [Pushed, Scanned], schedule: {cron: '0 1 * * *'}}  | when pushed, scanned, schedule 0 1 * * *",
      })
  void when_a_policy_starts_is_told(String field, String starts) throws PluginFailure {
    assertThat(ask("shop/web:1", field).starts()).isEqualTo(starts);
  }

  private static PolicyAnswer ask(String reference, String field) throws PluginFailure {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(new ObjectMetaBuilder().withName("main").build());
    registry.setSpec(
        Serialization.unmarshal("url: https://h.example.com:443/", HarborRegistrySpec.class));
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName("p").build());
    policy.setSpec(
        Serialization.unmarshal(
            "harborRef: {name: main}\nproviderRefs: [{name: d}]\n" + field,
            PreheatPolicySpec.class));
    return new PolicyQuestion(Wanted.parse(reference), List.of(registry), Instant.EPOCH)
        .ask(policy);
  }
}
