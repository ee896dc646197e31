package io.goharbor.preheat.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "0s, PT0S",
    "5ms, PT0.005S",
    "90s, PT1M30S",
    "10m, PT10M",
    "1h30m, PT1H30M",
    "30m1h, PT1H30M",
    "720h, PT720H",
    "999999999h, PT999999999H",
    "999999999h999999999h999999999h, PT2999999997H"
  })
  void what_the_schema_lets_through_is_read(String text, Duration duration) {
    assertThat(text).matches(Patterns.DURATION);
    assertThat(DurationText.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 0ms", "PT0.005S, 5ms", "PT1M30S, 1m30s", "PT30H0.25S, 30h250ms"})
  void what_is_written_is_read_back(Duration duration, String text) {
    assertThat(DurationText.format(duration)).isEqualTo(text);
    assertThat(DurationText.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "-5s", "1.5h", "5 s", "5d", "1000000000s", "5sx", "x5s"})
  void what_the_schema_refuses_is_refused(String text) {
    assertThat(text).doesNotMatch(Patterns.DURATION);
    assertThatThrownBy(() -> DurationText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
