package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactFingerprintsTest {
  @Test
  void what_is_written_is_read_again_and_always_the_same_text() {
    Set<Long> marks = marks(1000);
    String text = ArtifactFingerprints.write(marks);
    assertThat(text).hasSize((1000 * 5 * 4 + 2) / 3);
    assertThat(ArtifactFingerprints.read(text)).isEqualTo(marks);
    assertThat(ArtifactFingerprints.write(new HashSet<>(marks.stream().sorted().toList())))
        .isEqualTo(text);
  }

  @Test
  void artifacts_have_marks_of_their_own() {
    assertThat(marks(20_000)).hasSize(20_000);
  }

  @Test
  void there_is_an_end_to_what_is_written() {
    String text = ArtifactFingerprints.write(marks(ArtifactFingerprints.MOST + 500));
    assertThat(text.length()).isLessThan(110_000);
    assertThat(ArtifactFingerprints.read(text)).hasSize(ArtifactFingerprints.MOST);
    // AssertJ's isSubsetOf compares each with each, for many seconds.
    assertThat(marks(ArtifactFingerprints.MOST + 500).containsAll(ArtifactFingerprints.read(text)))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAA", "not base64!", "===="})
  void what_was_not_written_here_holds_nothing(String text) {
    assertThat(ArtifactFingerprints.read(text)).isEmpty();
    assertThat(ArtifactFingerprints.read(null)).isEmpty();
  }

  private static Set<Long> marks(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ArtifactFingerprints.of("shop/app-" + i % 40 + "@sha256:%064d".formatted(i)))
        .collect(Collectors.toSet());
  }
}
