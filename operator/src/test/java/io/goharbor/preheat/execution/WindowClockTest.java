package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatPolicySpec.Weekday;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowClockTest {
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "Europe/Berlin",
          "America/New_York",
          "Australia/Lord_Howe",
          "America/Sao_Paulo",
          "Pacific/Apia",
          "Asia/Kathmandu");
  private static final List<String> CHANGES =
      List.of(
          "2026-03-29T01:00:00Z",
          "2026-10-25T01:00:00Z",
          "2026-03-08T07:00:00Z",
          "2026-11-01T06:00:00Z",
          "2026-04-04T15:00:00Z",
          "2018-11-04T03:00:00Z",
          "2011-12-30T10:00:00Z");
  private static final WindowClock NIGHT =
      new WindowClock(new Window("22:00", "06:00", "Europe/Berlin", null));

  @Test
  void it_crosses_midnight() {
    assertThat(NIGHT.isOpen(Instant.parse("2026-11-20T20:59:59Z"))).isFalse();
    assertThat(NIGHT.isOpen(Instant.parse("2026-11-20T21:00:00Z"))).isTrue();
    assertThat(NIGHT.isOpen(Instant.parse("2026-11-21T04:59:59Z"))).isTrue();
    assertThat(NIGHT.isOpen(Instant.parse("2026-11-21T05:00:00Z"))).isFalse();
    assertThat(NIGHT.nextOpening(Instant.parse("2026-11-21T05:00:00Z")))
        .isEqualTo(Instant.parse("2026-11-21T21:00:00Z"));
  }

  @Test
  void it_follows_the_wall_clock_through_a_change_of_clocks() {
    // In the night to 2026-10-25 clocks go back: the window is an hour longer.
    assertThat(NIGHT.isOpen(Instant.parse("2026-10-24T20:00:00Z"))).isTrue();
    assertThat(NIGHT.isOpen(Instant.parse("2026-10-25T04:59:59Z"))).isTrue();
    assertThat(NIGHT.isOpen(Instant.parse("2026-10-25T05:00:00Z"))).isFalse();
  }

  @Test
  void a_day_is_the_day_on_which_it_begins() {
    WindowClock monday = new WindowClock(new Window("22:00", "06:00", null, List.of(Weekday.MON)));
    assertThat(monday.isOpen(Instant.parse("2026-11-23T23:00:00Z"))).isTrue();
    assertThat(monday.isOpen(Instant.parse("2026-11-24T05:00:00Z"))).isTrue();
    assertThat(monday.isOpen(Instant.parse("2026-11-24T23:00:00Z"))).isFalse();
    assertThat(monday.nextOpening(Instant.parse("2026-11-24T23:00:00Z")))
        .isEqualTo(Instant.parse("2026-11-30T22:00:00Z"));
  }

  /** Moments at which a window of Europe/Berlin opens and closes, on days when clocks change. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # A start that is leapt over is at the leap, an end as well.
          02:30 | 06:00 | 2026-03-29T01:00:00Z | 2026-03-29T04:00:00Z
          02:30 | 03:15 | 2026-03-29T01:00:00Z | 2026-03-29T01:15:00Z
          22:00 | 02:30 | 2026-03-28T21:00:00Z | 2026-03-29T01:00:00Z
          # Of a time that comes twice the first counts.
          22:00 | 02:30 | 2026-10-24T20:00:00Z | 2026-10-25T00:30:00Z
          02:30 | 06:00 | 2026-10-25T00:30:00Z | 2026-10-25T05:00:00Z
          02:15 | 02:45 | 2026-10-25T00:15:00Z | 2026-10-25T00:45:00Z
          """)
  void on_days_when_clocks_change(String start, String end, Instant opens, Instant closes) {
    WindowClock clock = new WindowClock(new Window(start, end, "Europe/Berlin", null));
    assertThat(clock.isOpen(opens.minusNanos(1))).isFalse();
    assertThat(clock.nextOpening(opens.minusSeconds(3600))).isEqualTo(opens);
    assertThat(clock.isOpen(opens)).isTrue();
    assertThat(clock.isOpen(closes.minusNanos(1))).isTrue();
    assertThat(clock.isOpen(closes)).isFalse();
    assertThat(clock.nextOpening(closes)).isAfter(closes.plusSeconds(3600));
  }

  @Test
  void a_window_that_clocks_leap_over_opens_the_next_time_only() {
    WindowClock sundays =
        new WindowClock(new Window("02:15", "02:45", "Europe/Berlin", List.of(Weekday.SUN)));
    Instant saturday = Instant.parse("2026-03-28T12:00:00Z");
    assertThat(sundays.nextOpening(saturday)).isEqualTo(Instant.parse("2026-04-05T00:15:00Z"));
    // From right after the Sunday before, it is two weeks.
    assertThat(sundays.nextOpening(Instant.parse("2026-03-22T01:15:00Z")))
        .isEqualTo(Instant.parse("2026-04-05T00:15:00Z"));
    assertThat(sundays.isOpen(Instant.parse("2026-03-29T01:00:00Z"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void while_it_is_closed_nothing_is_open_before_the_next_opening(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      Window window = window(random);
      WindowClock clock = new WindowClock(window);
      Instant now =
          Instant.parse(CHANGES.get(random.nextInt(CHANGES.size())))
              .plusSeconds(random.nextInt(8 * 86_400) - 4 * 86_400);
      Instant opening = clock.nextOpening(now);

      assertThat(opening).as("%s after %s", window, now).isAfter(now);
      assertThat(clock.isOpen(opening)).as("%s at %s", window, opening).isTrue();
      if (!clock.isOpen(now)) {
        assertThat(clock.isOpen(opening.minusNanos(1))).as("%s: %s", window, opening).isFalse();
        for (Instant at = now; at.isBefore(opening); at = at.plusSeconds(450)) {
          assertThat(clock.isOpen(at)).as("%s from %s at %s", window, now, at).isFalse();
        }
      }
    }
  }

  private static Window window(Random random) {
    List<Weekday> days =
        random.nextBoolean()
            ? null
            : Stream.of(Weekday.values()).filter(day -> random.nextInt(3) == 0).toList();
    return new Window(time(random), time(random), ZONES.get(random.nextInt(ZONES.size())), days);
  }

  private static String time(Random random) {
    // Often in the hours in which clocks change.
    int hour = random.nextBoolean() ? random.nextInt(4) : random.nextInt(24);
    return "%02d:%02d".formatted(hour, random.nextInt(4) * 15);
  }
}
