package io.goharbor.preheat.runtime;

import io.goharbor.preheat.runtime.ConfigType.WrongValue;
import io.goharbor.preheat.runtime.ConfigValue.Entries;
import io.goharbor.preheat.runtime.ConfigValue.Items;
import io.goharbor.preheat.runtime.ConfigValue.Text;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The types that the keys of the configuration have. */
final class ConfigTypes {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,12})(Ki|Mi|Gi)?");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LOGGER = Pattern.compile("[A-Za-z_$][\\w$]*(\\.[\\w$]+)*");
  private static final int LONGEST_SHOWN = 60;

  private ConfigTypes() {}

  static ConfigType<Integer> port() {
    return number(0, 65535, "a port from 0 to 65535");
  }

  static ConfigType<Integer> count(int least, int most) {
    return number(least, most, "a whole number from " + least + " to " + most);
  }

  static ConfigType<Boolean> bool() {
    return scalar(
        "true or false",
        text ->
            switch (text) {
              case "true" -> Optional.of(true);
              case "false" -> Optional.of(false);
              default -> Optional.empty();
            });
  }

  static ConfigType<String> oneOf(String... words) {
    String expected = "one of " + String.join(", ", words);
    return scalar(expected, text -> Optional.of(text).filter(List.of(words)::contains));
  }

  static ConfigType<String> name() {
    return scalar(
        "a Kubernetes name of lower-case letters, digits and dashes",
        text -> Optional.of(text).filter(name -> NAME.matcher(name).matches()));
  }

  /** Empty where none is set. */
  static ConfigType<String> file() {
    return scalar(
        "an absolute path of a file",
        text -> Optional.of(text).filter(path -> path.isEmpty() || path.startsWith("/")));
  }

  /** An address of this host; empty where none is set: all of them. */
  static ConfigType<String> address() {
    return scalar(
        "an IP address of this host, such as 127.0.0.1 or ::1",
        text -> Optional.of(text).filter(ip -> ip.isEmpty() || isAddress(ip)));
  }

  private static boolean isAddress(String text) {
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static ConfigType<Duration> duration(String least, String most) {
    Duration shortest = duration(least).orElseThrow();
    Duration longest = duration(most).orElseThrow();
    return scalar(
        "a duration from " + least + " to " + most + ", such as 500ms, 5s, 10m or 1h",
        text ->
            duration(text).filter(it -> it.compareTo(shortest) >= 0 && it.compareTo(longest) <= 0));
  }

  static ConfigType<Long> bytes(String least, String most) {
    long fewest = bytes(least).orElseThrow();
    long highest = bytes(most).orElseThrow();
    return scalar(
        "a number of bytes from " + least + " to " + most + ", such as 65536, 512Ki or 16Mi",
        text -> bytes(text).filter(it -> it >= fewest && it <= highest));
  }

  /** A list; in a variable with commas. */
  static ConfigType<Set<String>> names() {
    return new ConfigType<>() {
      @Override
      public String expected() {
        return "a list of Kubernetes names";
      }

      @Override
      public Set<String> read(ConfigValue value) throws WrongValue {
        Set<String> names = new TreeSet<>();
        for (String name : items(value)) {
          if (!NAME.matcher(name).matches()) {
            throw wrong(expected(), name);
          }
          names.add(name);
        }
        return names;
      }

      private List<String> items(ConfigValue value) throws WrongValue {
        return switch (value) {
          case Text(String text) -> parts(text);
          case Items(List<String> items) -> items;
          case Entries _ -> throw new WrongValue("must be " + expected() + ", not a mapping");
        };
      }
    };
  }

  /** Levels by logger; in a variable as {@code logger=level} with commas. */
  static ConfigType<Map<String, String>> levels(List<String> words) {
    return new ConfigType<>() {
      @Override
      public String expected() {
        return "a mapping of packages to levels (" + String.join(", ", words) + ")";
      }

      @Override
      public Map<String, String> read(ConfigValue value) throws WrongValue {
        Map<String, String> levels = new TreeMap<>(entries(value));
        for (Map.Entry<String, String> level : levels.entrySet()) {
          if (!LOGGER.matcher(level.getKey()).matches() || !words.contains(level.getValue())) {
            throw wrong(expected(), level.getKey() + ": " + level.getValue());
          }
        }
        return levels;
      }

      private Map<String, String> entries(ConfigValue value) throws WrongValue {
        return switch (value) {
          case Entries(Map<String, String> entries) -> entries;
          case Items _ -> throw new WrongValue("must be " + expected() + ", not a list");
          case Text(String text) -> {
            Map<String, String> entries = new TreeMap<>();
            for (String part : parts(text)) {
              String[] pair = part.split("=", -1);
              if (pair.length != 2) {
                throw wrong(expected(), text);
              }
              entries.put(pair[0].strip(), pair[1].strip());
            }
            yield entries;
          }
        };
      }
    };
  }

  private static ConfigType<Integer> number(int least, int most, String expected) {
    return scalar(
        expected,
        text ->
            Optional.of(text)
                .filter(digits -> digits.matches("[0-9]{1,9}"))
                .map(Integer::valueOf)
                .filter(it -> it >= least && it <= most));
  }

  private static <T> ConfigType<T> scalar(String expected, Function<String, Optional<T>> read) {
    return new ConfigType<>() {
      @Override
      public String expected() {
        return expected;
      }

      @Override
      public T read(ConfigValue value) throws WrongValue {
        return switch (value) {
          case Text(String text) -> {
            Optional<T> parsed = read.apply(text);
            if (parsed.isEmpty()) {
              throw wrong(expected, text);
            }
            yield parsed.get();
          }
          case Items _ -> throw new WrongValue("must be " + expected + ", not a list");
          case Entries _ -> throw new WrongValue("must be " + expected + ", not a mapping");
        };
      }
    };
  }

  private static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }

  private static Optional<Long> bytes(String text) {
    Matcher matcher = BYTES.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "Ki" -> amount << 10;
          case "Mi" -> amount << 20;
          case "Gi" -> amount << 30;
          case null, default -> amount;
        });
  }

  private static List<String> parts(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  private static WrongValue wrong(String expected, String text) {
    String shown = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    return new WrongValue("must be " + expected + ", not '" + shown + "'");
  }
}
