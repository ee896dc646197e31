package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyIndexTest {
  private static final List<String> NAMES = List.of("shop", "team-a", "team-b", "lib");
  private static final List<String> REPOSITORIES =
      List.of("web", "api/web", "api/dev-web", "api/v2/web", "dev-tools", "a");
  private static final List<String> PATTERNS =
      List.of(
          "web", "api/*", "api/**", "**", "**/web", "{web,api/web}", "dev-*", "a*", "*", "ap?/web");

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

  private static Selector selector(Random random) {
    return Selector.compile(
        new ArtifactSelector(
            random.nextInt(4) == 0
                ? null
                : set(random, List.of("shop", "team-*", "lib", "*", "t*")),
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
