package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final String POLICY =
      """
      harborRef: {name: main}
      providerRefs: [{name: dragonfly}]
      target: {scope: AllPeers}
      platforms: [linux/arm64]
      accessories: [Nydus]
      verification: {minimumWarmPercent: 80}
      priority: 7
      window: {start: "22:00", end: "06:00"}
      executionTemplate:
        activeDeadline: 2h
        backoffLimit: 9
        taskTimeout: 3h
        ttlAfterFinished: 5h
      """;

  @Test
  void a_run_takes_from_its_policy_what_it_does_not_say_itself() {
    RunSettings settings = settings("trigger: Event", POLICY);

    assertThat(settings.policyGeneration()).isEqualTo(4);
    assertThat(settings.harborRef()).isEqualTo("main");
    assertThat(settings.target().scope()).isEqualTo(Target.Scope.ALL_PEERS);
    assertThat(settings.platforms()).containsExactly("linux/arm64");
    assertThat(settings.accessories()).hasSize(1);
    assertThat(settings.verification().requiredPercent()).isEqualTo(80);
    assertThat(settings.priority()).isEqualTo(7);
    assertThat(settings.window()).isNotNull();
    assertThat(settings.activeDeadline()).isEqualTo("2h");
    assertThat(settings.backoffLimit()).isEqualTo(9);
    assertThat(settings.taskTimeout()).isEqualTo("3h");
    assertThat(settings.ttlAfterFinished()).isEqualTo("5h");
  }

  @Test
  void what_it_says_itself_counts() {
    RunSettings settings =
        settings(
            """
            harborRef: {name: other}
            target: {scope: AllSeedPeers}
            platforms: [linux/amd64]
            verification: {minimumWarmPercent: 100}
            activeDeadline: 1m
            backoffLimit: 0
            taskTimeout: 2m
            ttlAfterFinished: 3m
            """,
            POLICY);

    assertThat(settings.harborRef()).isEqualTo("other");
    assertThat(settings.target().scope()).isEqualTo(Target.Scope.ALL_SEED_PEERS);
    assertThat(settings.platforms()).containsExactly("linux/amd64");
    assertThat(settings.verification().requiredPercent()).isEqualTo(100);
    assertThat(settings.activeDeadline()).isEqualTo("1m");
    assertThat(settings.backoffLimit()).isZero();
    assertThat(settings.taskTimeout()).isEqualTo("2m");
    assertThat(settings.ttlAfterFinished()).isEqualTo("3m");
  }

  @Test
  void there_are_defaults_for_all_the_rest() {
    RunSettings settings = settings("harborRef: {name: main}", null);

    assertThat(settings.policyGeneration()).isNull();
    assertThat(settings.target()).isEqualTo(Target.DEFAULT);
    assertThat(settings.verification()).isEqualTo(Verification.DEFAULT);
    assertThat(settings.backoffLimit()).isEqualTo(3);
    assertThat(settings.taskTimeout()).isEqualTo("1h");
    assertThat(settings.activeDeadline()).as("an outage must lose nothing").isNull();
    assertThat(settings.priority()).isZero();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      nullValues = "-",
      value = {
        "trigger: Event, 168h",
        "trigger: Schedule, 168h",
        "trigger: CatchUp, 168h",
        "trigger: Manual, -",
        "dryRun: true, -"
      })
  void only_what_the_policy_started_goes_by_itself(String spec, @Nullable String timeToLive) {
    assertThat(
            settings(spec, "harborRef: {name: main}\nproviderRefs: [{name: d}]").ttlAfterFinished())
        .isEqualTo(timeToLive);
  }

  @Test
  void what_is_sent_again_brings_no_further_copies_along() {
    assertThat(settings("retryOf: {name: r}", POLICY).accessories()).isNull();
  }

  private static RunSettings settings(String spec, @Nullable String policySpec) {
    PreheatPolicy policy = null;
    if (policySpec != null) {
      policy = new PreheatPolicy();
      policy.setMetadata(new ObjectMetaBuilder().withName("p").withGeneration(4L).build());
      policy.setSpec(Serialization.unmarshal(policySpec, PreheatPolicySpec.class));
    }
    return Settings.of(Serialization.unmarshal(spec, PreheatExecutionSpec.class), policy);
  }
}
