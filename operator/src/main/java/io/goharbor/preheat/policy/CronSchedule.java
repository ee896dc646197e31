package io.goharbor.preheat.policy;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A policy's schedule, with the meaning of a Kubernetes CronJob's. That controller (v2, {@code
 * pkg/controller/cronjob/utils.go}, {@code mostRecentScheduleTime}) starts the newest of several
 * missed times only, however many there are: more than 100 only add a warning. It asks robfig/cron
 * v3 for times, whose clock is the wall clock of the zone (its {@code doc.go} and the table in
 * {@code spec_test.go}): a time that a change of clocks leaps over does not come on that day, and
 * one that it repeats comes twice. Days of the month and of the week are alternatives when both are
 * restricted.
 *
 * <p>The cron library knows no changes of clocks as robfig/cron does, so it is asked for the time
 * between two changes only, in which the offset is fixed.
 *
 * <p>One difference: a CronJob does not look at times older than its starting deadline; here the
 * newest of them is told of once, as {@link Due.TooLate}.
 */
final class CronSchedule {
  /** What is to be done at a moment. */
  sealed interface Due {
    /** Nothing was missed since the last time that was acted on. */
    record NotYet() implements Due {}

    /** This time is to be started now. */
    record Start(Instant scheduled) implements Due {}

    /** This time passed by more than the starting deadline, and is given up. */
    record TooLate(Instant scheduled) implements Due {}
  }

  private static final CronDefinition DEFINITION =
      CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);
  private static final Map<String, String> MACROS =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private static final Pattern OPEN_STEPS =
      Pattern.compile("(?<=[\\s,])([0-6]|[A-Za-z]{3})/(?=\\S+$)");

  private final ExecutionTime times;
  private final ZoneId zone;
  private final @Nullable Duration startingDeadline;

  /**
   * Compiles a schedule.
   *
   * @throws IllegalArgumentException naming the field that cannot be used
   */
  CronSchedule(Schedule schedule) {
    try {
      String cron = schedule.cron().strip();
      this.times =
          ExecutionTime.forCron(
              new CronParser(DEFINITION).parse(asLibrary(MACROS.getOrDefault(cron, cron))));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "triggers.schedule.cron: '"
              + schedule.cron()
              + "' is not a cron expression: "
              + e.getMessage(),
          e);
    }
    try {
      this.zone = ZoneId.of(schedule.timeZone() == null ? "UTC" : schedule.timeZone());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "triggers.schedule.timeZone: '" + schedule.timeZone() + "' is not a time zone", e);
    }
    this.startingDeadline =
        schedule.startingDeadline() == null
            ? null
            : DurationText.parse(schedule.startingDeadline());
  }

  /**
   * What robfig/cron reads in another way: a question mark is a star, and days of the week that
   * begin at one and go on in steps end with Saturday (the library would go on to a seventh day).
   */
  private static String asLibrary(String cron) {
    return OPEN_STEPS.matcher(cron.replace('?', '*')).replaceAll("$1-6/");
  }

  /** The next time after a moment; empty for a date that never comes. */
  Optional<Instant> next(Instant after) {
    ZoneRules rules = zone.getRules();
    Instant from = after;
    ZoneOffset offset = rules.getOffset(after);
    ZoneOffsetTransition change = rules.nextTransition(after);
    while (true) {
      Optional<Instant> found =
          times.nextExecution(ZonedDateTime.ofInstant(from, offset)).map(ZonedDateTime::toInstant);
      if (found.isEmpty() || change == null || found.get().isBefore(change.getInstant())) {
        return found;
      }
      from = change.getInstant().minusNanos(1);
      offset = change.getOffsetAfter();
      change = rules.nextTransition(change.getInstant());
    }
  }

  /**
   * What is to be done. Of several missed times only the newest is started.
   *
   * @param last the last time that was acted on, or since when the schedule counts; one in the
   *     future, after a clock was set back, lets nothing start before it
   */
  Due due(Instant last, Instant now) {
    Optional<Instant> newest = newest(last, now);
    if (newest.isEmpty()) {
      return new Due.NotYet();
    }
    boolean late = startingDeadline != null && newest.get().plus(startingDeadline).isBefore(now);
    return late ? new Due.TooLate(newest.get()) : new Due.Start(newest.get());
  }

  /** The newest time that is later than {@code last} and not later than {@code now}. */
  private Optional<Instant> newest(Instant last, Instant now) {
    ZoneRules rules = zone.getRules();
    Instant until = now.plusNanos(1);
    ZoneOffset offset = rules.getOffset(now);
    ZoneOffsetTransition change = rules.previousTransition(until);
    while (until.isAfter(last)) {
      Optional<Instant> found =
          times.lastExecution(ZonedDateTime.ofInstant(until, offset)).map(ZonedDateTime::toInstant);
      if (found.isEmpty() || change == null || !found.get().isBefore(change.getInstant())) {
        return found.filter(time -> time.isAfter(last));
      }
      until = change.getInstant();
      offset = change.getOffsetBefore();
      change = rules.previousTransition(until);
    }
    return Optional.empty();
  }
}
