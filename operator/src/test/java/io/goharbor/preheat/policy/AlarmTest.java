package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AlarmTest {
  private static final Instant START = Instant.parse("2026-05-02T08:00:00Z");
  private static final ObjectKey ONE = new ObjectKey("default", "one");
  private static final ObjectKey OTHER = new ObjectKey("default", "other");

  private Instant now = START;
  private final Alarm alarm = new Alarm(() -> now);

  @Test
  void goes_off_once_at_its_moment() {
    alarm.set(ONE, START.plusSeconds(60));
    alarm.set(OTHER, START.plusSeconds(60));
    now = START.plusSeconds(59);
    assertThat(alarm.due()).isEmpty();
    now = START.plusSeconds(60);
    assertThat(alarm.due()).containsExactlyInAnyOrder(ONE, OTHER);
    assertThat(alarm.due()).isEmpty();
  }

  @Test
  void a_later_setting_replaces_an_earlier_one() {
    alarm.set(ONE, START.plusSeconds(60));
    alarm.set(ONE, START.plusSeconds(120));
    alarm.set(OTHER, START.plusSeconds(60));
    now = START.plusSeconds(90);
    assertThat(alarm.due()).containsExactly(OTHER);
    now = START.plusSeconds(120);
    assertThat(alarm.due()).containsExactly(ONE);
  }

  @Test
  void what_is_forgotten_does_not_go_off() {
    alarm.set(ONE, START.plusSeconds(60));
    alarm.forget(ONE);
    alarm.forget(OTHER);
    now = START.plusSeconds(3600);
    assertThat(alarm.due()).isEmpty();
  }

  @Test
  void a_clock_that_jumps_ahead_is_noticed_at_the_next_tick() {
    alarm.set(ONE, START.plusSeconds(86_400));
    now = START.plusSeconds(90_000);
    assertThat(alarm.due()).containsExactly(ONE);
  }
}
