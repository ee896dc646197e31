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
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy's schedule, with the meaning of a Kubernetes CronJob's. */
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
          ExecutionTime.forCron(new CronParser(DEFINITION).parse(MACROS.getOrDefault(cron, cron)));
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

  /** The next time after a moment; empty for a date that never comes. */
  Optional<Instant> next(Instant after) {
    return times.nextExecution(ZonedDateTime.ofInstant(after, zone)).map(ZonedDateTime::toInstant);
  }

  /**
   * What is to be done. Of several missed times only the newest is started.
   *
   * @param last the last time that was acted on, or the policy's creation
   */
  Due due(Instant last, Instant now) {
    Optional<Instant> newest =
        times
            .lastExecution(ZonedDateTime.ofInstant(now.plusMillis(1), zone))
            .map(ZonedDateTime::toInstant)
            .filter(time -> time.isAfter(last) && !time.isAfter(now));
    if (newest.isEmpty()) {
      return new Due.NotYet();
    }
    boolean late = startingDeadline != null && newest.get().plus(startingDeadline).isBefore(now);
    return late ? new Due.TooLate(newest.get()) : new Due.Start(newest.get());
  }
}
