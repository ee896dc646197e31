package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTreeTest {
  @Test
  void it_shows_what_occurs_as_often_as_it_occurs() {
    TextTree<String> tree = new TextTree<>();
    for (String text : List.of("", "web", "we", "webs", "eb", "b/", "b/x")) {
      tree.get(text, () -> text);
    }
    assertThat(in(tree, "web/web"))
        .containsExactlyInAnyOrder("", "web", "we", "eb", "b/", "web", "we", "eb");
    assertThat(in(tree, "")).containsExactly("");
    assertThat(in(tree, "x")).containsExactly("");
  }

  @Test
  void a_text_inside_a_branch_is_not_filed() {
    TextTree<String> tree = new TextTree<>();
    tree.get("web", () -> "web");
    tree.remove("we");
    tree.remove("webs");
    tree.remove("x");
    assertThat(tree.get("we")).isNull();
    assertThat(tree.get("webs")).isNull();
    assertThat(in(tree, "webs")).containsExactly("web");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void it_holds_what_a_map_holds(long seed) {
    Random random = new Random(seed);
    TextTree<String> tree = new TextTree<>();
    Map<String, String> map = new HashMap<>();
    for (int step = 0; step < 3_000; step++) {
      String text = text(random, 5);
      if (random.nextInt(3) == 0) {
        tree.remove(text);
        map.remove(text);
      } else {
        String value = text + "@" + step;
        assertThat(tree.get(text, () -> value))
            .isEqualTo(map.computeIfAbsent(text, ignored -> value));
      }
      String looked = text(random, 5);
      assertThat(tree.get(looked)).isEqualTo(map.get(looked));
      String within = text(random, 12);
      assertThat(in(tree, within).stream().distinct())
          .as("seed %d, step %d, in %s", seed, step, within)
          .containsExactlyInAnyOrderElementsOf(
              map.entrySet().stream()
                  .filter(entry -> within.contains(entry.getKey()))
                  .map(Map.Entry::getValue)
                  .toList());
    }
  }

  private static List<String> in(TextTree<String> tree, String text) {
    List<String> shown = new ArrayList<>();
    tree.forEachIn(text, shown::add);
    return shown;
  }

  private static String text(Random random, int most) {
    return Stream.generate(() -> random.nextBoolean() ? "a" : "b")
        .limit(random.nextInt(most + 1))
        .collect(Collectors.joining());
  }
}
