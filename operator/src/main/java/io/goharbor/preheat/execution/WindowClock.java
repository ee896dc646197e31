package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatPolicySpec.Weekday;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.EnumSet;
import java.util.Set;

/**
 * When a policy's window is open. Times are wall-clock times of the window's zone: on a day on
 * which clocks change, a window is an hour shorter or longer.
 */
final class WindowClock {
  private final LocalTime start;
  private final LocalTime end;
  private final ZoneId zone;
  private final Set<DayOfWeek> days;

  /**
   * A clock for a window.
   *
   * @throws java.time.DateTimeException when the time zone is not known
   */
  WindowClock(Window window) {
    this.start = LocalTime.parse(window.start());
    this.end = LocalTime.parse(window.end());
    this.zone = ZoneId.of(window.timeZone() == null ? "UTC" : window.timeZone());
    this.days = EnumSet.noneOf(DayOfWeek.class);
    if (window.days() == null || window.days().isEmpty()) {
      days.addAll(EnumSet.allOf(DayOfWeek.class));
    } else {
      for (Weekday day : window.days()) {
        days.add(dayOfWeek(day));
      }
    }
  }

  /** Whether tasks may start at this time. */
  boolean isOpen(Instant now) {
    LocalDate today = now.atZone(zone).toLocalDate();
    // A window that crosses midnight may have begun yesterday.
    return covers(today, now) || covers(today.minusDays(1), now);
  }

  /** The next time at which it opens, later than {@code now}. */
  Instant nextOpening(Instant now) {
    LocalDate day = now.atZone(zone).toLocalDate();
    for (int i = 0; i <= 8; i++, day = day.plusDays(1)) {
      Instant opening = ZonedDateTime.of(day, start, zone).toInstant();
      if (days.contains(day.getDayOfWeek()) && opening.isAfter(now)) {
        return opening;
      }
    }
    throw new IllegalStateException("a window opens at least once in eight days");
  }

  private boolean covers(LocalDate firstDay, Instant now) {
    if (!days.contains(firstDay.getDayOfWeek())) {
      return false;
    }
    LocalDate lastDay = end.isAfter(start) ? firstDay : firstDay.plusDays(1);
    Instant from = ZonedDateTime.of(firstDay, start, zone).toInstant();
    Instant to = ZonedDateTime.of(lastDay, end, zone).toInstant();
    return !now.isBefore(from) && now.isBefore(to);
  }

  private static DayOfWeek dayOfWeek(Weekday day) {
    return switch (day) {
      case MON -> DayOfWeek.MONDAY;
      case TUE -> DayOfWeek.TUESDAY;
      case WED -> DayOfWeek.WEDNESDAY;
      case THU -> DayOfWeek.THURSDAY;
      case FRI -> DayOfWeek.FRIDAY;
      case SAT -> DayOfWeek.SATURDAY;
      case SUN -> DayOfWeek.SUNDAY;
    };
  }
}
