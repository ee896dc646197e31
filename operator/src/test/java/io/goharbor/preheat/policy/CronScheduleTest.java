package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.policy.CronSchedule.Due;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CronScheduleTest {
  private static final CronSchedule BERLIN =
      new CronSchedule(new Schedule("0 2 * * *", "Europe/Berlin", "10m"));

  @Test
  void the_next_time_follows_the_zone_through_a_change_of_clocks() {
    assertThat(BERLIN.next(Instant.parse("2026-10-24T12:00:00Z")))
        .contains(Instant.parse("2026-10-25T00:00:00Z"));
    assertThat(BERLIN.next(Instant.parse("2026-10-25T12:00:00Z")))
        .contains(Instant.parse("2026-10-26T01:00:00Z"));
  }

  @Test
  void nothing_is_due_before_its_time() {
    assertThat(
            BERLIN.due(
                Instant.parse("2026-11-20T01:00:00Z"), Instant.parse("2026-11-20T13:00:00Z")))
        .isEqualTo(new Due.NotYet());
  }

  @Test
  void a_time_that_has_come_is_started_to_the_second() {
    Instant two = Instant.parse("2026-11-20T01:00:00Z");
    assertThat(BERLIN.due(two.minusSeconds(100), two)).isEqualTo(new Due.Start(two));
  }

  @Test
  void of_many_missed_times_the_newest_is_started_within_the_deadline_only() {
    Instant last = Instant.parse("2026-11-10T01:00:00Z");
    Instant newest = Instant.parse("2026-11-20T01:00:00Z");
    assertThat(BERLIN.due(last, newest.plusSeconds(300))).isEqualTo(new Due.Start(newest));
    assertThat(BERLIN.due(last, newest.plusSeconds(601))).isEqualTo(new Due.TooLate(newest));
    CronSchedule patient = new CronSchedule(new Schedule("@daily", null, null));
    assertThat(patient.due(last, Instant.parse("2026-11-20T23:00:00Z")))
        .isEqualTo(new Due.Start(Instant.parse("2026-11-20T00:00:00Z")));
  }

  @Test
  void faults_name_their_field() {
    assertThatThrownBy(() -> new CronSchedule(new Schedule("61 * * * *", null, null)))
        .hasMessageStartingWith("triggers.schedule.cron: '61 * * * *'");
    assertThatThrownBy(() -> new CronSchedule(new Schedule("@daily", "Mars/Base", null)))
        .hasMessageStartingWith("triggers.schedule.timeZone: 'Mars/Base'");
  }
}
