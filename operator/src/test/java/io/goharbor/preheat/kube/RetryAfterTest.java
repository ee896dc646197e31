package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server may ask for; that it is heeded is in {@link StatusWritesApiFailuresTest}. */
class RetryAfterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "           | PT0S",
        "0          | PT0S",
        "1          | PT1S",
        "5          | PT5S",
        "3600       | PT5S",
        "-1         | PT0S",
        "soon       | PT0S",
        "9999999999 | PT0S",
      })
  void a_pause_is_a_number_of_seconds_and_not_too_many(String header, Duration pause) {
    assertThat(RetryAfter.pause(header)).isEqualTo(pause);
  }
}
