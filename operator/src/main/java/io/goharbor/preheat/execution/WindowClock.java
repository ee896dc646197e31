package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatPolicySpec.Weekday;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.EnumSet;
import java.util.Set;

/**
 * When a policy's window is open. Times are wall-clock times of the window's zone: on a day on
 * which clocks change, a window is an hour shorter or longer. A start or an end that clocks leap
 * over is at the leap; of one that they repeat the first counts, so a window does not open twice.
 */
final class WindowClock {
  /** The days of a week may all be the one on which clocks leap over the window. */
  private static final int LOOK_AHEAD = 15;

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
    for (int i = 0; i <= LOOK_AHEAD; i++, day = day.plusDays(1)) {
      Instant opening = instant(day, start);
      if (opens(day) && opening.isAfter(now)) {
        return opening;
      }
    }
    throw new IllegalStateException("a window opens at least once in " + LOOK_AHEAD + " days");
  }

  /** On the day on which clocks leap forward, a short window may be leapt over altogether. */
  private boolean opens(LocalDate day) {
    return days.contains(day.getDayOfWeek()) && instant(day, start).isBefore(closing(day));
  }

  private boolean covers(LocalDate firstDay, Instant now) {
    return opens(firstDay)
        && !now.isBefore(instant(firstDay, start))
        && now.isBefore(closing(firstDay));
  }

  private Instant closing(LocalDate firstDay) {
    return instant(end.isAfter(start) ? firstDay : firstDay.plusDays(1), end);
  }

  /** The first moment at which the clock shows this time, or a later one if it leaps over it. */
  private Instant instant(LocalDate day, LocalTime time) {
    LocalDateTime local = day.atTime(time);
    ZoneOffsetTransition change = zone.getRules().getTransition(local);
    return change != null && change.isGap()
        ? change.getInstant()
        : local.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
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
