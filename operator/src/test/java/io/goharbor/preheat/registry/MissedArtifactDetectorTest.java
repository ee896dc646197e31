package io.goharbor.preheat.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborArtifact.Accessory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MissedArtifactDetectorTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Instant OLD = NOW.minus(Duration.ofDays(30));
  private static final Instant SINCE = NOW.minus(Duration.ofMinutes(12));
  private static final Instant FRESH = NOW.minus(Duration.ofMinutes(5));
  private static final Instant JUST_NOW = NOW.minus(Duration.ofSeconds(5));
  private static final String COPY = "sha256:" + "c".repeat(64);
  private static final String SIGNATURE = "sha256:" + "d".repeat(64);

  private final Known past = new Known();

  @Test
  void a_push_of_which_nobody_told_is_news_until_there_is_an_execution_for_it() {
    HarborArtifact artifact = tagged(FRESH, Map.of("v1", FRESH));
    assertThat(missed("{}", artifact)).containsExactly(Artifacts.DIGEST);
    past.handled.add(MissedArtifactDetector.key("shop/web", Artifacts.DIGEST));
    assertThat(missed("{}", artifact)).isEmpty();
  }

  @Test
  void what_was_seen_before_and_what_is_too_young_are_no_news() {
    assertThat(missed("{}", tagged(OLD, Map.of("v1", OLD)))).isNull();
    assertThat(missed("{}", tagged(JUST_NOW, Map.of("v1", JUST_NOW)))).isNull();
    assertThat(missed("{}", tagged(SINCE, Map.of("v1", SINCE)))).hasSize(1);
  }

  @Test
  void a_tag_that_a_known_digest_got_later_is_news_if_it_is_the_first_that_is_selected() {
    String releases = "tags: {include: ['v*']}";
    HarborArtifact promoted = tagged(OLD, Map.of("build-7", OLD, "v1", FRESH));
    assertThat(missed(releases, promoted)).containsExactly(Artifacts.DIGEST);
    HarborArtifact again = tagged(OLD, Map.of("v1", OLD, "v1.0", FRESH));
    assertThat(missed(releases, again)).isEmpty();
    assertThat(missed("{}", promoted)).as("any tag was enough").isEmpty();
  }

  @Test
  void a_signature_that_came_later_is_news_and_a_second_one_is_not() {
    String signed = "signature: {anyOf: [Cosign]}";
    assertThat(missed(signed, attached("signature.cosign", FRESH)))
        .containsExactly(Artifacts.DIGEST);
    assertThat(missed(signed, attached("signature.cosign", OLD))).isNull();
    assertThat(missed(signed, attached("signature.notation", FRESH))).isNull();
  }

  @Test
  void a_copy_that_came_later_is_news_by_itself() {
    HarborArtifact artifact =
        Artifacts.of(
            OLD,
            Map.of("v1", OLD),
            Set.of(),
            List.of(new Accessory(COPY, "accelerator.nydus")),
            Map.of(COPY, FRESH));
    assertThat(missed(policy("{}", "accessories: [Nydus]"), artifact)).containsExactly(COPY);
    assertThat(missed("{}", artifact)).isEmpty();
  }

  @Test
  void a_label_has_no_date_so_what_is_selected_and_was_not_before_is_news() {
    String labelled = "labels: {all: [prod]}";
    HarborArtifact artifact =
        Artifacts.of(OLD, Map.of("v1", OLD), Set.of("prod"), List.of(), Map.of());
    assertThat(missed(labelled, artifact)).as("before all was marked once").isEmpty();
    past.complete = true;
    assertThat(missed(labelled, artifact)).containsExactly(Artifacts.DIGEST);
    past.marked.add(MissedArtifactDetector.key("shop/web", Artifacts.DIGEST));
    assertThat(missed(labelled, artifact)).isEmpty();
    HarborArtifact pushed =
        Artifacts.of(FRESH, Map.of("v1", FRESH), Set.of("prod"), List.of(), Map.of());
    past.marked.clear();
    past.complete = false;
    assertThat(missed(labelled, pushed)).as("a push has a date").hasSize(1);
  }

  @Test
  void what_is_marked_stays_selected_while_it_gets_another_tag() {
    HarborArtifact artifact =
        Artifacts.of(OLD, Map.of("v1", OLD, "v2", JUST_NOW), Set.of("prod"), List.of(), Map.of());
    past.complete = true;
    assertThat(missed("labels: {all: [prod]}", artifact)).as("left to its webhook").isNull();
    past.marked.add(MissedArtifactDetector.key("shop/web", Artifacts.DIGEST));
    assertThat(missed("labels: {all: [prod]}", artifact)).isEmpty();
  }

  @Test
  void what_has_no_date_at_all_is_old() {
    assertThat(missed("{}", tagged(null, Map.of()))).isNull();
  }

  private @Nullable List<String> missed(String selector, HarborArtifact artifact) {
    return missed(policy(selector, ""), artifact);
  }

  /** Null: not selected, or of no interest. */
  private @Nullable List<String> missed(SweptPolicy policy, HarborArtifact artifact) {
    MissedArtifactDetector.Selected selected =
        MissedArtifactDetector.of(
            policy,
            artifact,
            new MissedArtifactDetector.Period(SINCE, NOW.minus(Duration.ofSeconds(30)), NOW),
            past);
    return selected == null ? null : selected.missed();
  }

  private static HarborArtifact tagged(@Nullable Instant pushed, Map<String, Instant> tags) {
    return Artifacts.of(pushed, tags, Set.of(), List.of(), Map.of());
  }

  private static HarborArtifact attached(String type, Instant at) {
    return Artifacts.of(
        OLD,
        Map.of("v1", OLD),
        Set.of(),
        List.of(new Accessory(SIGNATURE, type)),
        Map.of(SIGNATURE, at));
  }

  private static SweptPolicy policy(String selector, String more) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(
        new ObjectMetaBuilder()
            .withName("p")
            .withNamespace("default")
            .withUid("uid")
            .withGeneration(1L)
            .withCreationTimestamp(OLD.toString())
            .build());
    policy.setSpec(
        requireNonNull(
            Serialization.unmarshal(
                "harborRef: {name: main}\nproviderRefs: [{name: d}]\n"
                    + "triggers: {events: [Pushed]}\nselector:\n  "
                    + (selector.equals("{}") ? "projects: {include: ['**']}" : selector)
                    + "\n"
                    + more,
                PreheatPolicySpec.class)));
    return SweptPolicy.of(policy).orElseThrow();
  }

  private static final class Known implements MissedArtifactDetector.Past {
    private boolean complete;
    private final Set<String> marked = new HashSet<>();
    private final Set<String> handled = new HashSet<>();

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public boolean marked(String key) {
      return marked.contains(key);
    }

    @Override
    public boolean handled(String key) {
      return handled.contains(key);
    }
  }
}
