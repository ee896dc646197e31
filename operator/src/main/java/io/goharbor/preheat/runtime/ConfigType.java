package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.Quantity;
import io.goharbor.preheat.api.DurationText;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may be written for a setting. */
enum ConfigType {
  PORT("a port from %s to %s", "[0-9]{1,9}"),
  COUNT("a whole number from %s to %s", "[0-9]{1,9}"),
  DURATION("a duration from %s to %s, such as 500ms, 5s, 10m or 1h", ".+"),
  BYTES("a number of bytes from %s to %s, such as 65536, 512Ki or 16Mi", "[0-9]{1,12}(Ki|Mi|Gi)?"),
  BOOLEAN("true or false", "true|false"),
  LEVEL("one of off, error, warn, info, debug, trace", Patterns.LEVEL),
  FORMAT("one of console, json", "console|json"),
  NAME("a Kubernetes name of lower-case letters, digits and dashes", Patterns.NAME),
  FILE("an absolute path of a file", "/.*"),
  ADDRESS("an IP address of this host, such as 127.0.0.1 or ::1", ".*"),
  NAMES("a list of Kubernetes names", Patterns.NAME),
  LEVELS(
      "a mapping of packages to levels (off, error, warn, info, debug, trace)",
      "[A-Za-z_$][\\w$]*(\\.[\\w$]+)*\\s*=\\s*" + Patterns.LEVEL);

  private static final class Patterns {
    static final String LEVEL = "(off|error|warn|info|debug|trace)";
    static final String NAME = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  }

  private final String expected;
  private final Pattern pattern;

  ConfigType(String expected, String pattern) {
    this.expected = expected;
    this.pattern = Pattern.compile(pattern);
  }

  /** What people may write, such as "a port from 0 to 65535". */
  String expected(Setting setting) {
    return expected.formatted(setting.from(), setting.to());
  }

  /**
   * Reads a text as a variable has it: items of lists and mappings stand between commas.
   *
   * @return null where the text is empty, for all but lists and mappings
   * @throws IllegalArgumentException saying what it must be, to continue "webhook.port: "
   */
  @Nullable Object read(String text, Setting setting) {
    boolean many = this == NAMES || this == LEVELS;
    List<String> parts =
        Arrays.stream(many ? text.split(",", -1) : new String[] {text})
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .toList();
    for (String part : parts) {
      if (!fits(part, setting)) {
        throw new IllegalArgumentException(
            "must be %s, not '%.60s'".formatted(expected(setting), part));
      }
    }
    return switch (this) {
      case NAMES -> new TreeSet<>(parts);
      case LEVELS -> {
        Map<String, String> levels = new TreeMap<>();
        parts.forEach(
            part -> levels.put(part.replaceFirst("\\s*=.*", ""), part.replaceFirst(".*=\\s*", "")));
        yield levels;
      }
      default -> parts.isEmpty() ? null : convert(text);
    };
  }

  private boolean fits(String text, Setting setting) {
    try {
      if (!pattern.matcher(text).matches()) {
        return false;
      }
      Object value = convert(text);
      return setting.from().isEmpty()
          || (compare(value, setting.from()) >= 0 && compare(value, setting.to()) <= 0);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @SuppressWarnings("unchecked") // Types with a range are those of numbers and durations.
  private int compare(Object value, String end) {
    return ((Comparable<Object>) value).compareTo(convert(end));
  }

  private Object convert(String text) {
    return switch (this) {
      case PORT, COUNT -> Integer.valueOf(text);
      case DURATION -> DurationText.parse(text);
      case BYTES -> new Quantity(text).getNumericalAmount().longValueExact();
      case BOOLEAN -> Boolean.valueOf(text);
      case FILE -> Path.of(text);
      case ADDRESS -> InetAddress.ofLiteral(text);
      case LEVEL, FORMAT, NAME, NAMES, LEVELS -> text;
    };
  }
}
