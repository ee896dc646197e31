package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyIndexTest {
  private static final List<String> NAMES = List.of("shop", "team-a", "team-b", "lib");
  private static final List<String> REPOSITORIES =
      List.of("web", "api/web", "api/dev-web", "api/v2/web", "dev-tools", "a");
  private static final List<String> PATTERNS =
      List.of(
          "web",
          "api/*",
          "api/**",
          "**",
          "**/web",
          "{web,api/web}",
          "dev-*",
          "a*",
          "*",
          "ap?/web",
          "",
          "api/",
          "api/**/web",
          "[ad]*",
          "ap\\i/web",
          "api/{dev-,}web");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void it_finds_what_asking_each_policy_finds(long seed) {
    Random random = new Random(seed);
    PolicyIndex<Integer> index = new PolicyIndex<>();
    Map<Integer, Selector> all = new HashMap<>();
    for (int step = 0; step < 400; step++) {
      int key = random.nextInt(60);
      if (random.nextInt(5) == 0) {
        index.remove(key);
        all.remove(key);
      } else {
        Selector selector = selector(random);
        index.put(key, selector);
        all.put(key, selector);
      }
      String project = pick(random, NAMES);
      String repository = pick(random, REPOSITORIES);
      String tag = random.nextBoolean() ? null : "v1";
      List<Integer> naive = new ArrayList<>();
      all.forEach((policy, selector) -> {
        if (selector.couldMatch(project, repository, tag)) {
          naive.add(policy);
        }
      });
      assertThat(index.candidates(project, repository, tag))
          .as("seed %d, step %d, %s/%s:%s", seed, step, project, repository, tag)
          .containsExactlyInAnyOrderElementsOf(naive);
      assertThat(index.size()).isEqualTo(all.size());
    }
  }

  @Test
  void only_policies_filed_under_the_beginning_of_the_names_are_asked() {
    PolicyIndex<Integer> index = new PolicyIndex<>();
    for (int i = 0; i < 1000; i++) {
      index.put(4 * i, policy("shop-" + i, "**"));
      index.put(4 * i + 1, policy("shop-" + i + "-*", "**"));
      index.put(4 * i + 2, policy("*", "team-" + i + "/web"));
      index.put(4 * i + 3, policy("*", "team-" + i + "/*"));
    }
    assertThat(index.filed("shop-123", "web")).containsOnlyKeys(4 * 123);
    assertThat(index.filed("shop-123-eu", "web")).containsOnlyKeys(4 * 123 + 1);
    assertThat(index.filed("lib", "team-7/web")).containsOnlyKeys(4 * 7 + 2, 4 * 7 + 3);
    assertThat(index.filed("lib", "web")).isEmpty();
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
        assertThat(index.candidates("shop", "api/web", null)).containsExactly("policy");
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  private static Selector policy(String project, String repository) {
    return Selector.compile(
        new ArtifactSelector(
            new PatternSet(List.of(project), null),
            new PatternSet(List.of(repository), null),
            null,
            null,
            null,
            null,
            null,
            null,
            null));
  }

  private static Selector selector(Random random) {
    return Selector.compile(
        new ArtifactSelector(
            random.nextInt(4) == 0
                ? null
                : set(random, List.of("shop", "team-*", "lib", "*", "t*", "{shop,lib}", "")),
            random.nextInt(4) == 0 ? null : set(random, PATTERNS),
            random.nextInt(3) == 0 ? new PatternSet(List.of("v*"), null) : null,
            null,
            null,
            null,
            null,
            null,
            null));
  }

  private static PatternSet set(Random random, List<String> from) {
    return new PatternSet(
        random.nextInt(5) == 0 ? null : List.of(pick(random, from), pick(random, from)),
        random.nextInt(3) == 0 ? List.of(pick(random, from)) : null);
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
