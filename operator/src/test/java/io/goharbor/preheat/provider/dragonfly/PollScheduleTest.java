package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollScheduleTest {
  @Test
  void looks_follow_what_the_manager_records() {
    List<Long> ages = new ArrayList<>();
    Duration age = Duration.ZERO;
    while (age.toSeconds() < 1100) {
      age = PollSchedule.after(age);
      ages.add(age.toSeconds());
    }

    assertThat(ages)
        .containsExactly(
            1L, 2L, 5L, 10L, 31L, 62L, 91L, 122L, 211L, 242L, 451L, 482L, 751L, 782L, 1051L, 1082L,
            1351L);
  }

  @ParameterizedTest
  @CsvSource({
    "30500, 31000",
    "31000, 62000",
    "750999, 751000",
    "1050000, 1051000",
    "1049999, 1051000",
    "1081999, 1082000",
    "1082000, 1351000",
    "10800000, 10951000",
    "10950000, 10951000"
  })
  void a_look_at_any_age_is_followed_by_the_next_that_is_worth_it(long lookMillis, long expected) {
    assertThat(PollSchedule.after(Duration.ofMillis(lookMillis)))
        .isEqualTo(Duration.ofMillis(expected));
  }
}
