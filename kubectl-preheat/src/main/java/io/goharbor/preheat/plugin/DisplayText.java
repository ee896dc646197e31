package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Times, sizes and conditions as people read them. */
final class DisplayText {
  private DisplayText() {}

  /** A time that passed, in the largest unit that tells enough, as kubectl's column AGE. */
  static String age(@Nullable Instant since, Instant now) {
    if (since == null) {
      return "";
    }
    long seconds = Math.max(0, Duration.between(since, now).toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 120 * 60) {
      return seconds / 60 + "m";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
  }

  /** A time as the API writes it; null when there is none or it cannot be read. */
  static @Nullable Instant time(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Bytes in decimal units, as registries and Harbor's pages tell them. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  }

  /** A text, or nothing. */
  static String orEmpty(@Nullable Object text) {
    return Objects.toString(text, "");
  }

  /** A condition, if it was set. */
  static @Nullable Condition condition(@Nullable List<Condition> all, String type) {
    return all == null
        ? null
        : all.stream().filter(one -> one.getType().equals(type)).findFirst().orElse(null);
  }

  /** Whether a condition holds: {@code True}, {@code False} or empty when it is not set. */
  static String status(@Nullable List<Condition> all, String type) {
    Condition found = condition(all, type);
    return found == null ? "" : found.getStatus();
  }

  /** Why an object is not ready; empty when it is, or when no one looked yet. */
  static String whyNotReady(@Nullable List<Condition> all) {
    Condition ready = condition(all, "Ready");
    return ready == null || "True".equals(ready.getStatus())
        ? ""
        : ready.getReason() + ": " + ready.getMessage();
  }

  /** A name and the namespace before it if it is another. */
  static String name(@Nullable String namespace, String name, String home) {
    return namespace == null || namespace.equals(home) ? name : namespace + "/" + name;
  }
}
