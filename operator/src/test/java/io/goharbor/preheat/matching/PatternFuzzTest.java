package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/**
 * Patterns and names of any kind. Without a fuzzing engine these run the inputs of the corpus,
 * which are kept beside this class's resources; with {@code JAZZER_FUZZ=1} in the environment they
 * search for new ones.
 */
class PatternFuzzTest {
  /** So long that an exponential reference still ends. */
  private static final int SMALL = 24;

  /** A pattern, a line break, and a name. */
  @FuzzTest(maxDuration = "2m")
  void the_work_is_bounded_and_the_answer_right(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    if (end < 0) {
      return;
    }
    String pattern = text.substring(0, end);
    String name = text.substring(end + 1);
    Doublestar compiled;
    try {
      compiled = Doublestar.compile(pattern);
    } catch (PatternException e) {
      assertThat(e).hasMessageContaining("position " + e.position());
      return;
    }
    boolean matches = compiled.matches(name);
    assertThat(PatternMatchTest.steps(pattern, name))
        .isLessThanOrEqualTo(PatternMatchTest.most(pattern, name));
    // No name in a registry has a backslash, and in the original it is one for a slash behind it.
    if (pattern.length() <= SMALL && name.length() <= SMALL && name.indexOf('\\') < 0) {
      assertThat(matches).isEqualTo(PlainDoublestar.matches(pattern, name));
    }
  }
}
