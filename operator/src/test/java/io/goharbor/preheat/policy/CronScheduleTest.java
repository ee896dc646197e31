package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.policy.CronSchedule.Due;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
  private static final CronSchedule BERLIN =
      new CronSchedule(new Schedule("0 2 * * *", "Europe/Berlin", "10m"));
  private static final CronSchedule EACH_MINUTE =
      new CronSchedule(new Schedule("* * * * *", null, null));

  @Test
  void the_next_time_follows_the_zone_through_a_change_of_clocks() {
    assertThat(BERLIN.next(at("2026-10-24T12:00:00Z"))).contains(at("2026-10-25T00:00:00Z"));
    assertThat(BERLIN.next(at("2026-10-25T12:00:00Z"))).contains(at("2026-10-26T01:00:00Z"));
  }

  @Test
  void nothing_is_due_before_its_time() {
    assertThat(BERLIN.due(at("2026-11-20T01:00:00Z"), at("2026-11-20T13:00:00Z")))
        .isEqualTo(new Due.NotYet());
  }

  @Test
  void a_time_that_has_come_is_started_to_the_second() {
    Instant two = at("2026-11-20T01:00:00Z");
    assertThat(BERLIN.due(two.minusSeconds(100), two.minusNanos(1))).isEqualTo(new Due.NotYet());
    assertThat(BERLIN.due(two.minusSeconds(100), two)).isEqualTo(new Due.Start(two));
    assertThat(BERLIN.due(two.minusSeconds(100), two.plusNanos(1))).isEqualTo(new Due.Start(two));
    assertThat(BERLIN.due(two, two.plusNanos(1))).isEqualTo(new Due.NotYet());
  }

  @Test
  void of_many_missed_times_the_newest_is_started_within_the_deadline_only() {
    Instant last = at("2026-11-10T01:00:00Z");
    Instant newest = at("2026-11-20T01:00:00Z");
    assertThat(BERLIN.due(last, newest.plusSeconds(300))).isEqualTo(new Due.Start(newest));
    assertThat(BERLIN.due(last, newest.plusSeconds(600))).isEqualTo(new Due.Start(newest));
    assertThat(BERLIN.due(last, newest.plusSeconds(601))).isEqualTo(new Due.TooLate(newest));
    CronSchedule patient = new CronSchedule(new Schedule("@daily", null, null));
    assertThat(patient.due(last, at("2026-11-20T23:00:00Z")))
        .isEqualTo(new Due.Start(at("2026-11-20T00:00:00Z")));
  }

  @Test
  void more_than_a_hundred_missed_times_are_one_run_as_well() {
    Instant now = at("2026-11-20T13:00:30Z");
    for (Duration away : List.of(Duration.ofMinutes(101), Duration.ofDays(365 * 3))) {
      assertThat(EACH_MINUTE.due(now.minus(away), now))
          .isEqualTo(new Due.Start(at("2026-11-20T13:00:00Z")));
    }
  }

  @Test
  void what_was_missed_while_suspended_is_started_once_on_resuming() {
    CronSchedule daily = new CronSchedule(new Schedule("0 2 * * *", null, null));
    // No one asks while the policy is suspended, so the last time stays as it was.
    Instant last = at("2026-11-01T02:00:00Z");
    Instant resumed = at("2026-11-20T13:00:00Z");
    Instant newest = at("2026-11-20T02:00:00Z");
    assertThat(daily.due(last, resumed)).isEqualTo(new Due.Start(newest));
    assertThat(daily.due(newest, resumed)).isEqualTo(new Due.NotYet());
    // With a deadline a run that is long past is not caught up.
    CronSchedule strict = new CronSchedule(new Schedule("0 2 * * *", null, "1h"));
    assertThat(strict.due(last, resumed)).isEqualTo(new Due.TooLate(newest));
    assertThat(strict.due(newest, resumed)).isEqualTo(new Due.NotYet());
  }

  @Test
  void after_a_clock_was_set_back_nothing_is_started_twice() {
    Instant last = at("2026-11-20T13:00:00Z");
    assertThat(EACH_MINUTE.due(last, at("2026-11-20T10:00:00Z"))).isEqualTo(new Due.NotYet());
    assertThat(EACH_MINUTE.due(last, at("2026-11-20T13:00:59Z"))).isEqualTo(new Due.NotYet());
    assertThat(EACH_MINUTE.due(last, at("2026-11-20T13:01:00Z")))
        .isEqualTo(new Due.Start(at("2026-11-20T13:01:00Z")));
  }

  /** The rows of New York are those of robfig/cron's own table of such days, in other years. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # Leapt over: not on that day.
          30 2 * * * | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-30T00:30:00Z
          0 2 * * *  | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-30T00:00:00Z
          30 2 * * * | America/New_York | 2026-03-07T12:00:00Z | 2026-03-09T06:30:00Z
          0 2 8 3 *  | America/New_York | 2026-01-01T00:00:00Z | 2027-03-08T07:00:00Z
          # The moment of the leap shows the later time.
          0 3 * * *  | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z
          0 * * * *  | America/New_York | 2026-03-08T06:00:00Z | 2026-03-08T07:00:00Z
          # Repeated: both times.
          30 2 * * * | Europe/Berlin    | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z
          30 2 * * * | Europe/Berlin    | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z
          30 2 * * * | Europe/Berlin    | 2026-10-25T01:30:00Z | 2026-10-26T01:30:00Z
          0 1 * * *  | America/New_York | 2026-11-01T04:00:00Z | 2026-11-01T05:00:00Z
          0 1 * * *  | America/New_York | 2026-11-01T05:00:00Z | 2026-11-01T06:00:00Z
          0 2 * * *  | America/New_York | 2026-11-01T04:00:00Z | 2026-11-01T07:00:00Z
          # A day without midnight.
          0 0 * * *  | America/Sao_Paulo | 2018-11-03T12:00:00Z | 2018-11-05T02:00:00Z
          # A leap day, and ends of months.
          0 0 29 2 * | UTC              | 2026-11-20T00:00:00Z | 2028-02-29T00:00:00Z
          0 0 31 * * | UTC              | 2026-08-31T00:00:00Z | 2026-10-31T00:00:00Z
          0 0 30 * * | UTC              | 2027-01-30T00:00:00Z | 2027-03-30T00:00:00Z
          0 0 1 * *  | UTC              | 2028-02-29T23:59:59Z | 2028-03-01T00:00:00Z
          # Days of the month and of the week are alternatives.
          0 0 13 * 5 | UTC              | 2026-11-20T00:00:00Z | 2026-11-27T00:00:00Z
          0 0 13 * 5 | UTC              | 2026-12-11T00:00:00Z | 2026-12-13T00:00:00Z
          0 0 13 * ? | UTC              | 2026-11-20T00:00:00Z | 2026-12-13T00:00:00Z
          """)
  void times_come_as_those_of_a_cron_job(String cron, String zone, Instant after, Instant next) {
    CronSchedule schedule = new CronSchedule(new Schedule(cron, zone, null));
    assertThat(schedule.next(after)).contains(next);
    assertThat(schedule.due(after, next)).isEqualTo(new Due.Start(next));
    assertThat(schedule.due(after, next.minusNanos(1))).isEqualTo(new Due.NotYet());
  }

  @Test
  void a_date_that_never_comes_starts_nothing() {
    CronSchedule never = new CronSchedule(new Schedule("0 0 30 2 *", "Europe/Berlin", null));
    assertThat(never.next(at("2026-11-20T00:00:00Z"))).isEmpty();
    assertThat(never.due(at("2020-11-20T00:00:00Z"), at("2026-11-20T00:00:00Z")))
        .isEqualTo(new Due.NotYet());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_schedule_in_any_zone_has_the_times_that_the_wall_clock_shows(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 25; i++) {
      String cron = cron(random);
      String zone =
          pick(
              random,
              "Europe/Berlin",
              "America/New_York",
              "UTC",
              "Australia/Lord_Howe",
              "America/St_Johns",
              "Africa/Casablanca",
              "Pacific/Apia",
              "Asia/Kathmandu");
      // Around the changes of clocks more often than elsewhere.
      Instant from =
          at(pick(
                  random,
                  "2026-03-06T00:00:00Z",
                  "2026-03-27T00:00:00Z",
                  "2026-10-23T00:00:00Z",
                  "2026-10-30T00:00:00Z",
                  "2011-12-28T00:00:00Z",
                  "2027-12-30T00:00:00Z"))
              .plusMillis(random.nextInt(86_400_000));
      Instant until = from.plus(Duration.ofDays(1 + random.nextInt(60)));
      CronSchedule schedule = new CronSchedule(new Schedule(cron, zone, null));
      List<Instant> expected = new WallClockCron(cron, zone).between(from, until);

      List<Instant> found = new ArrayList<>();
      // Of a dense schedule the first few hundred show enough.
      Instant at = from;
      for (int n = 0; n < 300; n++) {
        @Nullable Instant next =
            schedule.next(at).filter(time -> !time.isAfter(until)).orElse(null);
        if (next == null) {
          break;
        }
        found.add(next);
        at = next;
      }
      assertThat(found)
          .as("%s in %s after %s", cron, zone, from)
          .isEqualTo(expected.subList(0, Math.min(300, expected.size())));
      assertThat(schedule.due(from, until))
          .as("%s in %s from %s until %s", cron, zone, from, until)
          .isEqualTo(expected.isEmpty() ? new Due.NotYet() : new Due.Start(expected.getLast()));
    }
  }

  @Test
  void faults_name_their_field() {
    assertThatThrownBy(() -> new CronSchedule(new Schedule("61 * * * *", null, null)))
        .hasMessageStartingWith("triggers.schedule.cron: '61 * * * *'");
    assertThatThrownBy(() -> new CronSchedule(new Schedule("@daily", "Mars/Base", null)))
        .hasMessageStartingWith("triggers.schedule.timeZone: 'Mars/Base'");
  }

  private static String cron(Random random) {
    return String.join(
        " ",
        field(random, 0, 59, "*/15", "7", "0", "30", "0,30"),
        field(random, 0, 23, "*", "2", "1-3", "*/6", "3"),
        field(random, 1, 31, "*", "*", "?", "*/2", "31", "1-7"),
        field(random, 1, 12, "*", "*", "*", "mar,oct", "*/3", "FEB"),
        field(random, 0, 6, "*", "*", "?", "MON-FRI", "sun", "*/2"));
  }

  private static String field(Random random, int least, int most, String... usual) {
    if (random.nextInt(4) > 0) {
      return pick(random, usual);
    }
    int from = least + random.nextInt(most - least + 1);
    int to = from + random.nextInt(most - from + 1);
    return pick(
        random,
        Integer.toString(from),
        from + "-" + to,
        from + "-" + to + "/" + (2 + random.nextInt(3)),
        from + "/" + (2 + random.nextInt(5)),
        Stream.concat(Stream.of(from), IntStream.of(to, least).boxed())
            .distinct()
            .map(String::valueOf)
            .collect(java.util.stream.Collectors.joining(",")));
  }

  private static String pick(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static Instant at(String text) {
    return Instant.parse(text);
  }
}
