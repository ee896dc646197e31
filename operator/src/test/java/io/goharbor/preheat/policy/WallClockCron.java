package io.goharbor.preheat.policy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * What a schedule means, written down plainly and slowly: all moments at which the wall clock shows
 * a time that the expression names. This is what robfig/cron v3 does for a Kubernetes CronJob.
 */
final class WallClockCron {
  private static final List<String> MONTHS =
      List.of(
          "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet daysOfMonth;
  private final BitSet months;
  private final BitSet daysOfWeek;
  private final boolean anyDay;
  private final ZoneId zone;

  WallClockCron(String cron, String zone) {
    String[] fields = cron.toLowerCase(Locale.ROOT).split(" ", -1);
    this.minutes = read(fields[0], 0, 59, List.of());
    this.hours = read(fields[1], 0, 23, List.of());
    this.daysOfMonth = read(fields[2], 1, 31, List.of());
    this.months = read(fields[3], 1, 12, MONTHS);
    this.daysOfWeek = read(fields[4], 0, 6, DAYS);
    this.anyDay = "*?".contains(fields[2]) || "*?".contains(fields[4]);
    this.zone = ZoneId.of(zone);
  }

  /** All times later than one and not later than another, in order. */
  List<Instant> between(Instant after, Instant until) {
    List<Instant> all = new ArrayList<>();
    LocalDate last = until.atZone(zone).toLocalDate();
    for (LocalDate day = after.atZone(zone).toLocalDate();
        !day.isAfter(last);
        day = day.plusDays(1)) {
      if (matches(day)) {
        add(day, all);
      }
    }
    return all.stream()
        .filter(time -> time.isAfter(after) && !time.isAfter(until))
        .sorted()
        .toList();
  }

  private boolean matches(LocalDate day) {
    boolean ofMonth = daysOfMonth.get(day.getDayOfMonth());
    boolean ofWeek = daysOfWeek.get(day.getDayOfWeek().getValue() % 7);
    return months.get(day.getMonthValue()) && (anyDay ? ofMonth && ofWeek : ofMonth || ofWeek);
  }

  private void add(LocalDate day, List<Instant> all) {
    hours.stream()
        .forEach(hour ->
            minutes.stream()
                .mapToObj(minute -> day.atTime(LocalTime.of(hour, minute)))
                .forEach(local ->
                    zone.getRules()
                        .getValidOffsets(local)
                        .forEach(offset -> all.add(local.toInstant(offset)))));
  }

  private static BitSet read(String field, int least, int most, List<String> names) {
    BitSet set = new BitSet();
    for (String item : field.split(",", -1)) {
      String[] parts = item.split("/", -1);
      String[] range = parts[0].split("-", -1);
      boolean any = "*?".contains(parts[0]);
      int from = any ? least : number(range[0], names);
      int to = any || (parts.length > 1 && range.length == 1) ? most : from;
      if (range.length > 1) {
        to = number(range[1], names);
      }
      int step = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
      for (int value = from; value <= to; value += step) {
        set.set(value);
      }
    }
    return set;
  }

  private static int number(String text, List<String> names) {
    return names.contains(text) ? names.indexOf(text) : Integer.parseInt(text);
  }
}
