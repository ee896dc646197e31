package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.Labels;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.ArtifactSelector.Severity;
import io.goharbor.preheat.api.ArtifactSelector.Signature;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.ArtifactSelector.Vulnerability;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SelectorTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Candidate IMAGE =
      new Candidate(
          "shop",
          "api/web",
          "sha256:" + "a".repeat(64),
          List.of("1.4.2", "latest"),
          "IMAGE",
          Set.of("prod"),
          Set.of(SignatureKind.COSIGN),
          "Medium",
          NOW.minusSeconds(3600));

  @Test
  void a_selector_that_sets_nothing_takes_every_tagged_image() {
    assertThat(Selector.compile(null).decide(IMAGE, NOW))
        .isEqualTo(new Decision.Matched(List.of("1.4.2", "latest")));
  }

  @Test
  void only_the_tags_that_match_are_taken() {
    assertThat(Selector.compile(tags("1.*")).decide(IMAGE, NOW))
        .isEqualTo(new Decision.Matched(List.of("1.4.2")));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(projects("library"), Reason.PROJECT_NOT_SELECTED, "'shop' matches none of"),
        Arguments.of(repositories(null, "api/*"), Reason.REPOSITORY_NOT_SELECTED, "excluded by"),
        Arguments.of(repositories("*", null), Reason.REPOSITORY_NOT_SELECTED, "api/web"),
        Arguments.of(tags("v*"), Reason.TAG_NOT_SELECTED, "1.4.2"),
        Arguments.of(types("Model"), Reason.TYPE_NOT_SELECTED, "IMAGE"),
        Arguments.of(labels(List.of("gold"), null, null), Reason.LABEL_MISSING, "'gold'"),
        Arguments.of(labels(null, List.of("x", "y"), null), Reason.LABEL_MISSING, "[x, y]"),
        Arguments.of(labels(null, null, List.of("prod")), Reason.LABEL_EXCLUDED, "'prod'"),
        Arguments.of(signed(SignatureKind.NOTATION), Reason.NOT_SIGNED, "[Notation]"),
        Arguments.of(
            severity(Severity.LOW), Reason.TOO_VULNERABLE, "is Medium, the ceiling is Low"),
        Arguments.of(within("30m"), Reason.PUSHED_TOO_LONG_AGO, "30m"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void every_no_has_its_reason(ArtifactSelector selector, Reason reason, String words) {
    assertThat(Selector.compile(selector).decide(IMAGE, NOW))
        .isInstanceOfSatisfying(
            Decision.NotMatched.class,
            no -> {
              assertThat(no.reason()).isEqualTo(reason);
              assertThat(no.message()).contains(words);
            });
  }

  static Stream<ArtifactSelector> passes() {
    return Stream.of(
        projects("sh*"),
        repositories("api/**", "**/dev-*"),
        types("image"),
        labels(List.of("prod"), List.of("x", "prod"), List.of("no-preheat")),
        signed(SignatureKind.COSIGN),
        severity(Severity.MEDIUM),
        severity(Severity.CRITICAL),
        within("2h"));
  }

  @ParameterizedTest
  @MethodSource("passes")
  void what_holds_is_selected(ArtifactSelector selector) {
    assertThat(Selector.compile(selector).decide(IMAGE, NOW)).isInstanceOf(Decision.Matched.class);
  }

  @Test
  void without_a_finished_report_a_ceiling_refuses() {
    Candidate unscanned =
        new Candidate(
            "shop", "web", IMAGE.digest(), List.of("1"), "IMAGE", Set.of(), Set.of(), null, null);
    assertThat(Selector.compile(severity(Severity.CRITICAL)).decide(unscanned, NOW))
        .isInstanceOfSatisfying(
            Decision.NotMatched.class, no -> assertThat(no.reason()).isEqualTo(Reason.NOT_SCANNED));
  }

  @Test
  void an_artifact_without_tag_is_not_selected() {
    assertThat(Selector.compile(null).decide(image(List.of(), "IMAGE", "None", NOW), NOW))
        .isInstanceOfSatisfying(
            Decision.NotMatched.class, no -> assertThat(no.reason()).isEqualTo(Reason.UNTAGGED));
  }

  @ParameterizedTest
  @CsvSource({
    "Image, IMAGE, true",
    "Model, CNAI, true",
    "Model, MODEL, true",
    "model, CNAI, true",
    "Chart, CHART, true",
    "Wasm, WASM, true",
    "Model, IMAGE, false",
    "Image, CHART, false",
  })
  void types_go_by_harbors_names(String wanted, String type, boolean selected) {
    Decision decision =
        Selector.compile(types(wanted)).decide(image(List.of("1"), type, "None", NOW), NOW);
    assertThat(decision instanceof Decision.Matched).isEqualTo(selected);
  }

  @ParameterizedTest
  @CsvSource({
    "None, NONE, true",
    "Unknown, NONE, true",
    "Negligible, NONE, false",
    "Negligible, NEGLIGIBLE, true",
    "Low, LOW, true",
    "High, MEDIUM, false",
    "HIGH, HIGH, true",
    "Critical, HIGH, false",
    "Critical, CRITICAL, true",
    "Apocalyptic, CRITICAL, false",
  })
  void severities_up_to_the_ceiling_pass(String worst, Severity ceiling, boolean selected) {
    Decision decision =
        Selector.compile(severity(ceiling)).decide(image(List.of("1"), "IMAGE", worst, NOW), NOW);
    assertThat(decision instanceof Decision.Matched).isEqualTo(selected);
  }

  @Test
  void an_unknown_push_time_is_not_too_long_ago() {
    assertThat(
            Selector.compile(within("1h")).decide(image(List.of("1"), "IMAGE", "None", null), NOW))
        .isInstanceOf(Decision.Matched.class);
  }

  private static Candidate image(
      List<String> tags, String type, String severity, @Nullable Instant pushTime) {
    return new Candidate(
        "shop", "web", IMAGE.digest(), tags, type, Set.of(), Set.of(), severity, pushTime);
  }

  @Test
  void what_must_be_asked_of_harbor_is_known() {
    assertThat(Selector.compile(null).needs()).isEqualTo(new Selector.Needs(false, false, false));
    assertThat(Selector.compile(severity(Severity.LOW)).needs().scan()).isTrue();
    assertThat(Selector.compile(labels(List.of("a"), null, null)).needs().labels()).isTrue();
    assertThat(Selector.compile(signed(SignatureKind.COSIGN)).needs().signatures()).isTrue();
  }

  @Test
  void a_fault_names_its_field() {
    assertThatThrownBy(() -> Selector.compile(tags("v[")))
        .isInstanceOf(SelectorException.class)
        .hasMessageStartingWith("selector.tags.include[0]: ")
        .hasMessageContaining("position 1");
    assertThatThrownBy(() -> Selector.compile(tags("*a".repeat(126) + "b")))
        .isInstanceOf(SelectorException.class)
        .hasMessageStartingWith("selector.tags.include[0]: pattern '*a*a")
        .hasMessageEndingWith("; split it into several patterns");
    assertThatThrownBy(() -> Selector.compile(within("soon")))
        .hasMessageStartingWith("selector.pushedWithin: ");
  }

  @Test
  void the_newest_of_each_repository_are_kept() {
    LatestPushed<String> latest = new LatestPushed<>(1);
    assertThat(latest.add(entry("a", 10, "old"))).isEmpty();
    assertThat(latest.add(entry("a", 20, "new")))
        .hasValueSatisfying(left -> assertThat(left.value()).isEqualTo("old"));
    assertThat(latest.add(entry("a", 15, "late")))
        .hasValueSatisfying(left -> assertThat(left.value()).isEqualTo("late"));
    assertThat(latest.add(entry("b", 5, "only"))).isEmpty();
    assertThat(latest.kept()).extracting(LatestPushed.Entry::value).containsExactly("new", "only");
  }

  @Test
  void of_the_latest_an_unknown_push_time_counts_as_oldest() {
    LatestPushed<String> latest = new LatestPushed<>(2);
    LatestPushed.Entry<String> unknown =
        new LatestPushed.Entry<>("a", null, List.of("t"), "unknown");
    assertThat(latest.add(unknown)).isEmpty();
    assertThat(latest.add(entry("a", 10, "older"))).isEmpty();
    assertThat(latest.add(entry("a", 20, "newer"))).contains(unknown);
    assertThat(latest.kept())
        .extracting(LatestPushed.Entry::value)
        .containsExactly("newer", "older");
  }

  private static LatestPushed.Entry<String> entry(String repository, long second, String value) {
    return new LatestPushed.Entry<>(repository, Instant.ofEpochSecond(second), List.of("t"), value);
  }

  private static ArtifactSelector projects(String include) {
    return selector(
        new PatternSet(List.of(include), null), null, null, null, null, null, null, null);
  }

  private static ArtifactSelector repositories(@Nullable String include, @Nullable String exclude) {
    PatternSet set =
        new PatternSet(
            include == null ? null : List.of(include), exclude == null ? null : List.of(exclude));
    return selector(null, set, null, null, null, null, null, null);
  }

  private static ArtifactSelector tags(String include) {
    return selector(
        null, null, new PatternSet(List.of(include), null), null, null, null, null, null);
  }

  private static ArtifactSelector types(String type) {
    return selector(null, null, null, null, List.of(type), null, null, null);
  }

  private static ArtifactSelector labels(
      @Nullable List<String> all, @Nullable List<String> any, @Nullable List<String> none) {
    return selector(null, null, null, new Labels(all, any, none), null, null, null, null);
  }

  private static ArtifactSelector signed(SignatureKind kind) {
    return selector(null, null, null, null, null, new Signature(List.of(kind)), null, null);
  }

  private static ArtifactSelector severity(Severity ceiling) {
    return selector(null, null, null, null, null, null, new Vulnerability(ceiling), null);
  }

  private static ArtifactSelector within(String time) {
    return selector(null, null, null, null, null, null, null, time);
  }

  private static ArtifactSelector selector(
      @Nullable PatternSet projects,
      @Nullable PatternSet repositories,
      @Nullable PatternSet tags,
      @Nullable Labels labels,
      @Nullable List<String> types,
      @Nullable Signature signature,
      @Nullable Vulnerability vulnerability,
      @Nullable String within) {
    return ArtifactSelectorBuilder.builder()
        .projects(projects)
        .repositories(repositories)
        .tags(tags)
        .labels(labels)
        .artifactTypes(types)
        .signature(signature)
        .vulnerability(vulnerability)
        .pushedWithin(within)
        .build();
  }
}
