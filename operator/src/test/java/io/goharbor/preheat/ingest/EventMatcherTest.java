package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.EventMatcher.Match;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.MatchBudget;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventMatcherTest {
  private static final String DIGEST = Samples.digest(1);

  @Test
  void a_push_wants_what_the_policies_select_on_pushes() {
    Match match =
        match(
            pushed("1.0"),
            Samples.policy("all", null, EventTrigger.PUSHED),
            Samples.policy("ones", "1.*", EventTrigger.PUSHED, EventTrigger.SCANNED),
            Samples.policy("twos", "2.*", EventTrigger.PUSHED),
            Samples.policy("scans", null, EventTrigger.SCANNED),
            Samples.policy("by-hand", null),
            Samples.policy("suspended", "main", true, null, EventTrigger.PUSHED),
            Samples.policy("elsewhere", "other", false, null, EventTrigger.PUSHED));
    assertThat(requests(match))
        .extracting(request -> request.policy().getMetadata().getName())
        .containsExactlyInAnyOrder("all", "ones");
    assertThat(requests(match))
        .extracting(PreheatRequest::artifact)
        .containsOnly(new ArtifactRef("shop/api/web", "1.0", DIGEST));
  }

  @Test
  void a_policy_of_another_namespace_is_not_asked() {
    PolicyWatch watch = Samples.watch(Samples.policy("all", null, EventTrigger.PUSHED));
    assertThat(new EventMatcher(watch).match(new ObjectKey("other-team", "main"), pushed("1.0")))
        .isInstanceOf(Match.NotWanted.class);
  }

  @Test
  void a_no_says_why() {
    assertThat(match(pushed("1.0"), Samples.policy("twos", "2.*", EventTrigger.PUSHED)))
        .isInstanceOfSatisfying(
            Match.NotWanted.class,
            no -> assertThat(no.reason()).isEqualTo(Reason.NO_POLICY_SELECTS));
    assertThat(match(pushed("1.0"), Samples.policy("scans", null, EventTrigger.SCANNED)))
        .isInstanceOfSatisfying(
            Match.NotWanted.class,
            no -> assertThat(no.reason()).isEqualTo(Reason.EVENT_NOT_SELECTED));
  }

  @Test
  void a_scanned_part_of_an_index_is_left_to_planning() {
    Match match = match(scanned(null), Samples.policy("ones", "1.*", EventTrigger.SCANNED));
    assertThat(requests(match))
        .extracting(PreheatRequest::artifact)
        .containsExactly(new ArtifactRef("shop/api/web", null, DIGEST));
  }

  @Test
  void a_scan_is_of_all_tags_though_the_event_names_one() {
    Match match =
        match(
            scanned("latest"),
            Samples.policy("ones", "1.*", EventTrigger.SCANNED),
            Samples.policy("all", null, EventTrigger.SCANNED));
    assertThat(requests(match))
        .extracting(
            request -> request.policy().getMetadata().getName() + " " + request.artifact().tag())
        .containsExactlyInAnyOrder("ones null", "all latest");
  }

  @Test
  void what_is_pushed_by_digest_is_for_policies_that_look_at_attachments() {
    PreheatPolicy plain = Samples.policy("all", null, EventTrigger.PUSHED);
    assertThat(match(pushed(null), plain))
        .isInstanceOfSatisfying(
            Match.NotWanted.class, no -> assertThat(no.reason()).isEqualTo(Reason.UNTAGGED));
    Match match =
        match(
            pushed(null),
            plain,
            Samples.nydus("copies", "1.*", EventTrigger.PUSHED),
            Samples.signed("signed", "1.*", EventTrigger.PUSHED),
            Samples.nydus("copies-by-hand", null));
    assertThat(requests(match))
        .extracting(request -> request.policy().getMetadata().getName())
        .containsExactlyInAnyOrder("copies", "signed");
    assertThat(requests(match))
        .extracting(PreheatRequest::artifact)
        .containsOnly(new ArtifactRef("shop/api/web", null, DIGEST));
  }

  @ParameterizedTest
  @CsvSource({
    // A converter pushes what it attaches under the source's tag with a suffix.
    "1.0-nydus, copies null, all 1.0-nydus",
    "2.0-nydus, copies null, all 2.0-nydus",
    "2.0, , all 2.0"
  })
  void a_tag_of_a_converter_may_stand_for_something_attached(
      String tag, @Nullable String attached, String plain) {
    Match match =
        match(
            pushed(tag),
            Samples.policy("all", null, EventTrigger.PUSHED),
            Samples.nydus("copies", "1.0", EventTrigger.PUSHED));
    assertThat(requests(match))
        .extracting(
            request -> request.policy().getMetadata().getName() + " " + request.artifact().tag())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(attached, plain).filter(Objects::nonNull).toList());
  }

  @Test
  void a_tag_of_cosign_names_what_it_signs() {
    String signed = "b".repeat(64);
    PreheatPolicy plain = Samples.policy("all", null, EventTrigger.PUSHED);
    assertThat(match(pushed("sha256-" + signed + ".sig"), plain))
        .isInstanceOfSatisfying(
            Match.NotWanted.class, no -> assertThat(no.reason()).isEqualTo(Reason.UNTAGGED));
    assertThat(
            requests(
                match(
                    pushed("sha256-" + signed + ".sig"),
                    plain,
                    Samples.signed("signed", "1.*", EventTrigger.PUSHED))))
        .extracting(PreheatRequest::artifact)
        .containsExactly(new ArtifactRef("shop/api/web", null, "sha256:" + signed));
  }

  @Test
  void a_redelivery_has_the_same_key_and_a_later_push_another() {
    PreheatPolicy policy = Samples.policy("all", null, EventTrigger.PUSHED);
    String id = requests(match(pushed("1.0"), policy)).getFirst().mark();
    assertThat(requests(match(pushed("1.0"), policy)).getFirst().mark()).isEqualTo(id);
    HarborEvent.Artifacts later =
        new HarborEvent.Artifacts(
            EventType.PUSH_ARTIFACT,
            EventTrigger.PUSHED,
            "18",
            "shop",
            "api/web",
            List.of(new Artifact(DIGEST, "1.0")));
    assertThat(requests(match(later, policy)).getFirst().mark()).isNotEqualTo(id);
  }

  @Test
  void a_policy_that_changes_is_found_all_the_time() throws InterruptedException {
    PreheatPolicy before = Samples.policy("all", null, EventTrigger.PUSHED);
    PreheatPolicy after = Samples.policy("all", "1.*", EventTrigger.PUSHED);
    PolicyWatch watch = Samples.watch(before);
    AtomicBoolean done = new AtomicBoolean();
    Thread changes =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; i < 2000; i++) {
                watch.onUpdate(i % 2 == 0 ? before : after, i % 2 == 0 ? after : before);
              }
              done.set(true);
            });
    while (!done.get()) {
      assertThat(selecting(watch)).hasSize(1);
    }
    changes.join();
  }

  @Test
  void the_watch_tells_when_all_informers_have_listed() throws InterruptedException {
    PolicyWatch watch = new PolicyWatch();
    watch.onList("7", true);
    assertThat(watch.awaitLists(2, Duration.ofMillis(20))).isFalse();
    watch.onList("8", true);
    assertThat(watch.awaitLists(2, Duration.ofMillis(20))).isTrue();
  }

  @Test
  void a_policy_goes_when_it_is_deleted_or_suspended() {
    PreheatPolicy policy = Samples.policy("all", null, EventTrigger.PUSHED);
    PolicyWatch watch = Samples.watch(policy);
    watch.onUpdate(policy, Samples.policy("all", "main", true, null, EventTrigger.PUSHED));
    assertThat(selecting(watch)).isEmpty();
    watch.onAdd(policy);
    watch.onDelete(policy, false);
    assertThat(selecting(watch)).isEmpty();
  }

  @Test
  void many_stars_and_a_long_name_cost_no_more_than_their_lengths_say() {
    // A plain text at the end, which the name lacks, would keep the index from asking at all.
    String pattern = "*a".repeat(32) + "[b]";
    String repository = "a".repeat(255);
    MatchBudget budget = new MatchBudget(5L * 64 * 4 * (pattern.length() + 1) * 256);
    PolicyWatch watch =
        Samples.watch(
            Stream.of("p1", "p2", "p3", "p4", "p5")
                .map(name -> Samples.repositories(name, Collections.nCopies(64, pattern)))
                .toArray(PreheatPolicy[]::new));
    List<Policies.Indexed> indexed = watch.indexed(Samples.REGISTRY, "shop", repository);
    assertThat(indexed)
        .hasSize(5)
        .noneMatch(policy -> policy.selector().couldMatch("shop", repository, budget));
    assertThat(budget.spent()).isFalse();
  }

  @Test
  void policies_that_cost_too_much_take_the_event_from_no_other() {
    List<String> patterns = Collections.nCopies(64, "*aaaaaaa".repeat(31) + "*aaaa[b]");
    PreheatPolicy[] policies =
        Stream.concat(
                IntStream.range(0, 12)
                    .mapToObj(
                        i -> Samples.repositories("costly-" + i, patterns, EventTrigger.PUSHED)),
                Stream.of(
                    Samples.repositories("scans", patterns, EventTrigger.SCANNED),
                    Samples.repositories("plain", List.of("a*"), EventTrigger.PUSHED)))
            .toArray(PreheatPolicy[]::new);
    HarborEvent.Artifacts event =
        new HarborEvent.Artifacts(
            EventType.PUSH_ARTIFACT,
            EventTrigger.PUSHED,
            "17",
            "shop",
            "a".repeat(255),
            List.of(new Artifact(DIGEST, "1.0")));
    assertThat(match(event, policies))
        .isInstanceOfSatisfying(
            Match.Wanted.class,
            wanted -> {
              assertThat(wanted.requests())
                  .extracting(request -> request.policy().getMetadata().getName())
                  .containsExactly("plain");
              assertThat(wanted.unjudged())
                  .isNotEmpty()
                  .hasSizeLessThan(12)
                  .allMatch(key -> key.name().startsWith("costly-"));
            });
    assertThat(match(event, Arrays.copyOf(policies, 12)))
        .isInstanceOfSatisfying(
            Match.Unjudged.class, unjudged -> assertThat(unjudged.policies()).isNotEmpty());
  }

  @Test
  void many_artifacts_and_costly_tag_patterns_are_within_the_same_budget() {
    String tag = "a".repeat(128);
    HarborEvent.Artifacts event =
        new HarborEvent.Artifacts(
            EventType.PUSH_ARTIFACT,
            EventTrigger.PUSHED,
            "17",
            "shop",
            "api/web",
            IntStream.range(0, 500).mapToObj(i -> new Artifact(Samples.digest(i), tag)).toList());
    PreheatPolicy plain = Samples.policy("plain", "a*", EventTrigger.PUSHED);
    assertThat(
            match(
                event,
                plain,
                Samples.policy(
                    "costly-1", "{*aaaaaa,*aaaaaac}".repeat(13) + "b", EventTrigger.PUSHED),
                Samples.policy(
                    "costly-2", "{*aaaaaa,*aaaaaac}".repeat(13) + "b", EventTrigger.PUSHED),
                Samples.policy(
                    "costly-3", "{*aaaaaa,*aaaaaac}".repeat(13) + "b", EventTrigger.PUSHED)))
        .isInstanceOfSatisfying(
            Match.Wanted.class,
            wanted -> {
              assertThat(wanted.requests())
                  .hasSize(500)
                  .allMatch(request -> request.policy().equals(plain));
              assertThat(wanted.unjudged()).isNotEmpty();
            });
  }

  private static List<Policies.Indexed> selecting(PolicyWatch watch) {
    return watch.indexed(Samples.REGISTRY, "shop", "api/web");
  }

  private static HarborEvent.Artifacts pushed(@Nullable String tag) {
    return new HarborEvent.Artifacts(
        EventType.PUSH_ARTIFACT,
        EventTrigger.PUSHED,
        "17",
        "shop",
        "api/web",
        List.of(new Artifact(DIGEST, tag)));
  }

  private static HarborEvent.Artifacts scanned(@Nullable String tag) {
    return new HarborEvent.Artifacts(
        EventType.SCANNING_COMPLETED,
        EventTrigger.SCANNED,
        "17",
        "shop",
        "api/web",
        List.of(new Artifact(DIGEST, tag)));
  }

  private static Match match(HarborEvent.Artifacts event, PreheatPolicy... policies) {
    return new EventMatcher(Samples.watch(policies)).match(Samples.REGISTRY, event);
  }

  private static List<PreheatRequest> requests(Match match) {
    return ((Match.Wanted) match).requests();
  }
}
