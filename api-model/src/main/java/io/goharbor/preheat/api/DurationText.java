package io.goharbor.preheat.api;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes users write them: {@code 90s}, {@code 10m}, {@code 1h30m}. */
public final class DurationText {
  private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  private DurationText() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException when the text is not of the form of {@link Patterns#DURATION}
   */
  public static Duration parse(String text) {
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (end < text.length() && part.find(end) && part.start() == end) {
      long count = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                default -> Duration.ofHours(count);
              });
      end = part.end();
    }
    if (end != text.length() || text.isEmpty()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration; write it like 90s, 10m or 1h30m");
    }
    return sum;
  }

  /**
   * Writes a duration of at most 999999999 hours so that {@link #parse} reads it back, to the ms.
   */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    StringBuilder text = new StringBuilder();
    long hours = millis / 3_600_000;
    long minutes = millis / 60_000 % 60;
    long seconds = millis / 1000 % 60;
    if (hours > 0) {
      text.append(hours).append('h');
    }
    if (minutes > 0) {
      text.append(minutes).append('m');
    }
    if (seconds > 0) {
      text.append(seconds).append('s');
    }
    if (millis % 1000 > 0 || text.isEmpty()) {
      text.append(millis % 1000).append("ms");
    }
    return text.toString();
  }
}
