package io.goharbor.preheat.runtime;

import io.goharbor.preheat.runtime.ConfigFile.Written;
import io.goharbor.preheat.runtime.ConfigType.WrongValue;
import io.goharbor.preheat.runtime.ConfigValue.Text;
import io.goharbor.preheat.runtime.OperatorConfig.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values of all keys and where each comes from: an environment variable wins over the file, the
 * file over the default. No key holds a secret, only names of files, so all of it may be printed.
 */
final class Configuration {
  /** Names the configuration file. */
  static final String FILE_VARIABLE = "PREHEAT_CONFIG_FILE";

  static final String ENVIRONMENT = "environment";
  static final String DEFAULT = "default";

  /**
   * A value in use.
   *
   * @param text as it would be written in a variable
   * @param source {@link #ENVIRONMENT}, {@link #DEFAULT} or the name of the file
   * @param place what to name in a sentence about it
   */
  record Setting(Object value, String text, String source, String place) {}

  private final Map<String, Setting> settings = new LinkedHashMap<>();

  private Configuration() {}

  /**
   * Reads file and environment.
   *
   * @throws ConfigException naming all that is wrong
   */
  static Configuration read(Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    problems.addAll(unknownVariables(environment));
    String path = environment.getOrDefault(FILE_VARIABLE, "").strip();
    Map<String, Written> file =
        path.isEmpty() ? Map.of() : ConfigFile.read(Path.of(path), ConfigKeys.ALL, problems);
    Configuration configuration = new Configuration();
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      configuration.settle(key, environment, file.get(key.name()), path, problems);
    }
    if (problems.isEmpty()) {
      configuration.checkTogether(problems);
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return configuration;
  }

  /** The value of a key. */
  @SuppressWarnings("unchecked") // It was read by the key's own type.
  <T> T get(ConfigKey<T> key) {
    return (T) setting(key).value();
  }

  /** Texts by name of the key, by where they come from. */
  Map<String, Map<String, String>> bySource() {
    Map<String, Map<String, String>> sources = new TreeMap<>();
    settings.forEach((name, setting) ->
        sources
            .computeIfAbsent(setting.source(), source -> new LinkedHashMap<>())
            .put(name, setting.text()));
    return sources;
  }

  private Setting setting(ConfigKey<?> key) {
    Setting setting = settings.get(key.name());
    if (setting == null) {
      throw new IllegalStateException(key.name() + " was not read");
    }
    return setting;
  }

  /** Also what is not used is checked: it may be used tomorrow. */
  private void settle(
      ConfigKey<?> key,
      Map<String, String> environment,
      @Nullable Written written,
      String path,
      List<String> problems) {
    put(key, new Text(key.otherwise()), DEFAULT, key.name(), problems);
    if (written != null) {
      put(key, written.value(), path, written.place() + ": " + key.name(), problems);
    }
    String variable = environment.getOrDefault(key.variable(), "").strip();
    if (!variable.isEmpty()) {
      String place = key.variable() + " (" + key.name() + ")";
      put(key, new Text(variable), ENVIRONMENT, place, problems);
    }
  }

  private void put(
      ConfigKey<?> key, ConfigValue value, String source, String place, List<String> problems) {
    try {
      settings.put(key.name(), new Setting(key.type().read(value), shown(value), source, place));
    } catch (WrongValue e) {
      problems.add(place + ": " + e.getMessage());
    }
  }

  private static String shown(ConfigValue value) {
    return switch (value) {
      case Text text -> text.text();
      case ConfigValue.Items items -> String.join(",", items.items());
      case ConfigValue.Entries entries ->
          entries.entries().entrySet().stream()
              .map(entry -> entry.getKey() + "=" + entry.getValue())
              .collect(Collectors.joining(","));
    };
  }

  private void checkTogether(List<String> problems) {
    if (get(ConfigKeys.WEBHOOK_CERT).isEmpty() != get(ConfigKeys.WEBHOOK_KEY).isEmpty()) {
      problems.add(
          places(ConfigKeys.WEBHOOK_CERT, ConfigKeys.WEBHOOK_KEY)
              + " must be set together, or neither of them");
    }
    if (get(ConfigKeys.WEBHOOK_PORT) != 0
        && get(ConfigKeys.WEBHOOK_PORT).equals(get(ConfigKeys.MANAGEMENT_PORT))) {
      problems.add(
          places(ConfigKeys.WEBHOOK_PORT, ConfigKeys.MANAGEMENT_PORT)
              + " must not be the same port");
    }
    if (get(ConfigKeys.LEASE_RENEW).compareTo(get(ConfigKeys.LEASE_DURATION)) >= 0) {
      problems.add(setting(ConfigKeys.LEASE_RENEW).place() + ": must be less than leaseDuration");
    }
    if (get(ConfigKeys.LEASE_RETRY).compareTo(get(ConfigKeys.LEASE_RENEW)) >= 0) {
      problems.add(setting(ConfigKeys.LEASE_RETRY).place() + ": must be less than renewDeadline");
    }
  }

  private String places(ConfigKey<?> one, ConfigKey<?> other) {
    return setting(one).place() + " and " + setting(other).place();
  }

  private static List<String> unknownVariables(Map<String, String> environment) {
    Map<String, String> known = new HashMap<>();
    ConfigKeys.ALL.forEach(key -> known.put(key.variable(), key.name()));
    known.put(FILE_VARIABLE, "");
    return environment.entrySet().stream()
        .filter(variable -> variable.getKey().startsWith("PREHEAT_"))
        .filter(variable -> !known.containsKey(variable.getKey()))
        .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue()))
        .map(Map.Entry::getKey)
        .sorted()
        .map(name ->
            name
                + " is not known; "
                + DidYouMean.to(name, known.keySet())
                    .map(nearest -> "did you mean " + nearest + "?")
                    .orElse("known are the variables of docs/configuration.md"))
        .toList();
  }

  /** Kubernetes sets such variables for a Service whose name begins with "preheat". */
  private static boolean isServiceLink(String name, String value) {
    return name.endsWith("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.matches("PREHEAT_.*PORT_[0-9]+_(TCP|UDP).*")
        || (name.endsWith("_PORT") && value.matches("(tcp|udp)://.*"));
  }
}
