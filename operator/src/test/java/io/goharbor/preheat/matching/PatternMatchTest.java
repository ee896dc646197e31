package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a match costs, also of patterns that are no longer let in, and that it is right. */
class PatternMatchTest {
  /**
   * Of the product of the lengths; a place is asked about, and remembered, and asked about again.
   */
  private static final int MOST_STEPS = 4;

  static List<String> hostile() {
    return List.of(
        "*a".repeat(126) + "b?",
        "*?".repeat(126) + "b",
        "*[a-z]".repeat(40) + "b",
        "**".repeat(120) + "ab",
        "**/a/".repeat(50) + "b",
        "**/*a*/".repeat(30) + "b",
        "**/".repeat(80) + "b",
        "{a,aa}".repeat(40) + "b",
        "{a,aa,aaa,*}".repeat(20) + "b",
        "{*a,a*}".repeat(30) + "b",
        "{,}".repeat(80) + "b",
        "{*,*}".repeat(50) + "b",
        "{a/,*/}".repeat(30) + "b",
        "{a/**/,**/a/}".repeat(18) + "b",
        "{a,b}aaaaaaaaaa".repeat(16) + "b",
        "*{,b}".repeat(50),
        "{".repeat(80) + "a*" + "}".repeat(80) + "*b",
        "{a,".repeat(60) + "*a" + "}".repeat(60) + "*b",
        "[" + "a-b".repeat(80) + "]*b");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void the_work_is_bounded_by_the_product_of_the_lengths(String pattern) {
    for (String text :
        List.of(
            "a".repeat(255),
            "a".repeat(254) + "c",
            "a/".repeat(127) + "c",
            "aa/".repeat(85),
            "aaaaaaaaaaaaaaaaaaaa/".repeat(12) + "c",
            "/".repeat(255),
            "")) {
      assertThat(steps(pattern, text))
          .as("%s ~ %s", pattern, text)
          .isLessThanOrEqualTo(most(pattern, text));
    }
  }

  static int most(String pattern, String text) {
    return MOST_STEPS * (pattern.length() + 1) * (text.length() + 1);
  }

  static int steps(String pattern, String text) {
    PatternMatch match = new PatternMatch(PatternStates.of(pattern), text);
    match.matches();
    return match.steps();
  }

  @Test
  void a_long_text_of_another_kind_costs_next_to_nothing() {
    assertThat(steps("team-*/api", "a".repeat(500))).isEqualTo(1);
    assertThat(steps("*-end", "a".repeat(500))).isLessThanOrEqualTo(1_500);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void it_decides_as_plain_rules_do(long seed) {
    RandomPatterns patterns = new RandomPatterns(new Random(seed));
    int matched = 0;
    for (int i = 0; i < 5_000; i++) {
      String pattern = patterns.pattern();
      PatternCheck.check(pattern);
      String name = patterns.name();
      boolean expected = PlainDoublestar.matches(pattern, name);
      assertThat(Doublestar.compile(pattern).matches(name))
          .as("seed %d: %s ~ %s", seed, pattern, name)
          .isEqualTo(expected);
      assertThat(steps(pattern, name)).isLessThanOrEqualTo(most(pattern, name));
      matched += expected ? 1 : 0;
    }
    assertThat(matched).isGreaterThan(500);
  }
}
