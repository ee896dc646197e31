package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatPolicySpec.Weekday;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowClockTest {
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
}
