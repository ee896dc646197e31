package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyIndexTest {
  private static final List<String> PROJECTS =
      List.of("shop", "team-*", "*-eu", "{shop,lib}", "{shop,team-a}*", "*", "t*", "**", "");

  private static final List<String> PROJECT_NAMES = List.of("shop", "team-a", "team-a-eu", "lib");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void it_finds_what_asking_each_policy_finds(long seed) {
    RandomPatterns patterns = new RandomPatterns(new Random(seed));
    Random random = patterns.random();
    PolicyIndex<Integer> index = new PolicyIndex<>();
    Map<Integer, Selector> all = new HashMap<>();
    int found = 0;
    int asked = 0;
    int there = 0;
    for (int step = 0; step < 2_000; step++) {
      int key = random.nextInt(60);
      if (random.nextInt(5) == 0) {
        index.remove(key);
        all.remove(key);
      } else {
        Selector selector = selector(patterns);
        index.put(key, selector);
        all.put(key, selector);
      }
      String project = patterns.pick(PROJECT_NAMES);
      String repository = patterns.name();
      String tag = random.nextBoolean() ? null : "v1";
      List<Integer> naive = new ArrayList<>();
      all.forEach((policy, selector) -> {
        if (couldMatch(selector, project, repository, tag)) {
          naive.add(policy);
        }
      });
      assertThat(candidates(index, project, repository, tag))
          .as("seed %d, step %d, %s/%s:%s", seed, step, project, repository, tag)
          .containsExactlyInAnyOrderElementsOf(naive);
      assertThat(index.size()).isEqualTo(all.size());
      found += naive.size();
      asked += index.filed(project, repository).size();
      there += all.size();
    }
    // Else the names would match nothing, or the index would ask all.
    assertThat(found).isGreaterThan(there / 50);
    assertThat(asked).isLessThan(there * 2 / 3);
  }

  @Test
  void only_policies_filed_under_a_text_of_the_names_are_asked() {
    PolicyIndex<String> index = new PolicyIndex<>();
    for (int i = 0; i < 1000; i++) {
      index.put("whole " + i, policy("shop-" + i, "**"));
      index.put("beginning " + i, policy("shop-" + i + "-*", "**"));
      index.put("either " + i, policy("{dev,test}-" + i, "**"));
      index.put("both " + i, policy("both", "b" + i + "/*"));
      index.put("repository " + i, policy("*", "team-" + i + "/web"));
      index.put("below " + i, policy("*", "team-" + i + "/*"));
      index.put("end " + i, policy("*-end-" + i, ""));
      index.put("last " + i, policy("*", "**/last-" + i));
      index.put("segment " + i, policy("*", "**/segment-" + i + "/**"));
      index.put("inside " + i, policy("*", "*/*-inside" + i + "-*/*"));
      index.put("escaped " + i, policy("*", "\\escaped-" + i + "/[ab]"));
      index.put("common " + i, policy("*", "library-of-all/**/c" + i + "/*"));
    }
    assertThat(index.filed("shop-123", "web")).containsOnlyKeys("whole 123");
    assertThat(index.filed("shop-123-eu", "web")).containsOnlyKeys("beginning 123");
    assertThat(index.filed("test-123", "web")).containsOnlyKeys("either 123");
    assertThat(index.filed("both", "b123/web")).containsOnlyKeys("both 123");
    assertThat(index.filed("lib", "b123/web")).isEmpty();
    assertThat(index.filed("lib", "team-7/web")).containsOnlyKeys("repository 7", "below 7");
    assertThat(index.filed("my-end-123", "web")).containsOnlyKeys("end 123");
    assertThat(index.filed("lib", "api/last-123")).containsOnlyKeys("last 123");
    assertThat(index.filed("lib", "last-123")).containsOnlyKeys("last 123");
    assertThat(index.filed("lib", "api/not-last-123")).isEmpty();
    assertThat(index.filed("lib", "api/last-123/web")).isEmpty();
    assertThat(index.filed("lib", "api/segment-123/v2/web")).containsOnlyKeys("segment 123");
    assertThat(index.filed("lib", "api/my-segment-123/web")).isEmpty();
    assertThat(index.filed("lib", "api/x-inside123-y/z")).containsOnlyKeys("inside 123");
    assertThat(index.filed("lib", "escaped-123/a")).containsOnlyKeys("escaped 123");
    assertThat(index.filed("lib", "library-of-all/c123/a"))
        .containsKey("common 123")
        .hasSizeLessThan(3);
    assertThat(index.filed("lib", "web")).isEmpty();
  }

  @Test
  void a_policy_without_any_text_is_asked_about_everything() {
    PolicyIndex<String> index = new PolicyIndex<>();
    List.of("", "*", "**", "*/**", "?", "[a-z]*", "{*,?}")
        .forEach(pattern -> index.put(pattern, policy(pattern, pattern)));
    assertThat(index.filed("lib", "web")).hasSize(7);
  }

  @Test
  void more_alternatives_than_can_be_filed_are_found_too() {
    PolicyIndex<String> index = new PolicyIndex<>();
    index.put("policy", policy("*", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}-end"));
    assertThat(candidates(index, "lib", "ababab-end", null)).containsExactly("policy");
    assertThat(index.filed("lib", "cbabab-end")).isEmpty();
  }

  @Test
  void a_policy_is_never_missed_while_it_is_replaced() throws Exception {
    PolicyIndex<String> index = new PolicyIndex<>();
    List<Selector> both = List.of(policy("*", "api/**"), policy("shop", "**/web"));
    index.put("policy", both.getFirst());
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; !stop.get(); i++) {
                index.put("policy", both.get(i % 2));
              }
            });
    try {
      for (int i = 0; i < 5_000; i++) {
        assertThat(candidates(index, "shop", "api/web", null)).containsExactly("policy");
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  @Test
  void many_patterns_of_both_kinds_are_filed_under_few_texts() {
    List<String> patterns =
        Stream.iterate(0, i -> i + 1).limit(64).map(i -> "{a,b}{a,b}{a,b}{a,b}-" + i).toList();
    Selector selector = Selector.compile(selector(patterns, patterns));
    assertThat(Landmarks.of(selector.projects(), selector.repositories())).hasSizeLessThan(1_025);
    PolicyIndex<String> index = new PolicyIndex<>();
    index.put("policy", selector);
    assertThat(candidates(index, "abab-7", "bbbb-63", null)).containsExactly("policy");
    assertThat(index.filed("abab-7", "web")).isEmpty();
  }

  private static <K> List<K> candidates(
      PolicyIndex<K> index, String project, String repository, @Nullable String tag) {
    List<K> found = new ArrayList<>();
    index
        .filed(project, repository)
        .forEach((key, selector) -> {
          if (couldMatch(selector, project, repository, tag)) {
            found.add(key);
          }
        });
    return found;
  }

  private static boolean couldMatch(
      Selector selector, String project, String repository, @Nullable String tag) {
    MatchBudget budget = new MatchBudget(Long.MAX_VALUE);
    return selector.couldMatch(project, repository, budget)
        && (tag == null || selector.couldMatchTag(tag, budget));
  }

  private static Selector policy(String project, String repository) {
    return Selector.compile(selector(List.of(project), List.of(repository)));
  }

  private static ArtifactSelector selector(List<String> projects, List<String> repositories) {
    return ArtifactSelectorBuilder.builder()
        .projects(new PatternSet(projects, null))
        .repositories(new PatternSet(repositories, null))
        .build();
  }

  private static Selector selector(RandomPatterns patterns) {
    Random random = patterns.random();
    return Selector.compile(
        ArtifactSelectorBuilder.builder()
            .projects(set(random, () -> patterns.pick(PROJECTS)))
            .repositories(set(random, patterns::pattern))
            .tags(random.nextInt(3) == 0 ? new PatternSet(List.of("v*"), null) : null)
            .build());
  }

  private static @Nullable PatternSet set(Random random, Supplier<String> pattern) {
    return random.nextInt(8) == 0
        ? null
        : new PatternSet(
            random.nextInt(8) == 0
                ? null
                : Stream.generate(pattern).limit(1 + random.nextInt(2)).toList(),
            random.nextInt(3) == 0 ? List.of(pattern.get()) : null);
  }
}
