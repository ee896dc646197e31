package io.goharbor.preheat.runtime;

import io.goharbor.preheat.runtime.ConfigFile.Written;
import io.goharbor.preheat.runtime.OperatorConfig.ConfigException;
import io.goharbor.preheat.runtime.OperatorConfig.Election;
import io.goharbor.preheat.runtime.OperatorConfig.Webhook;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the values of all keys: an environment variable wins over the file, the file over the
 * default. No key holds a secret, only names of files, so all of it may be printed.
 */
final class Configuration {
  /** Names the configuration file. */
  static final String FILE_VARIABLE = "PREHEAT_CONFIG_FILE";

  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, @Nullable Object> values = new HashMap<>();
  private final Map<String, String> places = new HashMap<>();
  private final Map<String, Map<String, String>> sources = new TreeMap<>();

  Configuration(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Reads file and environment.
   *
   * @throws ConfigException naming all that is wrong
   */
  OperatorConfig read() {
    refuseUnknownVariables();
    String path = environment.getOrDefault(FILE_VARIABLE, "").strip();
    Map<String, Written> file =
        path.isEmpty() ? Map.of() : new ConfigFile(Path.of(path), problems).read();
    for (ConfigKey key : ConfigKey.ALL) {
      use(key, "default", new Written(key.setting().byDefault(), key.name()));
      // Also what is not used is checked: it may be used tomorrow.
      Written written = file.get(key.name());
      if (written != null) {
        use(key, path, written);
      }
      String variable = environment.getOrDefault(key.variable(), "").strip();
      if (!variable.isEmpty()) {
        String place = key.variable() + " (" + key.name() + ")";
        use(key, "environment", new Written(variable, place));
      }
    }
    if (problems.isEmpty()) {
      values.put("sources", sources);
      OperatorConfig config = record(OperatorConfig.class, "");
      checkTogether(config);
      if (problems.isEmpty()) {
        return config;
      }
    }
    throw new ConfigException(problems);
  }

  private void use(ConfigKey key, String source, Written written) {
    try {
      values.put(key.name(), key.setting().type().read(written.text(), key.setting()));
      places.put(key.name(), written.place());
      sources.values().removeIf(texts -> texts.remove(key.name()) != null && texts.isEmpty());
      sources.computeIfAbsent(source, it -> new LinkedHashMap<>()).put(key.name(), written.text());
    } catch (IllegalArgumentException e) {
      problems.add(written.place() + ": " + e.getMessage());
    }
  }

  /** A record of the values below a prefix; records in it are sections of the file. */
  private <T> T record(Class<T> type, String prefix) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    @Nullable Object[] arguments = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      String name = prefix + components[i].getName();
      arguments[i] = types[i].isRecord() ? record(types[i], name + ".") : values.get(name);
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made of its components", e);
    }
  }

  private void checkTogether(OperatorConfig config) {
    Webhook webhook = config.webhook();
    Election election = config.leaderElection();
    if ((webhook.tls().certFile() == null) != (webhook.tls().keyFile() == null)) {
      wrong(
          "webhook.tls.certFile",
          "webhook.tls.keyFile",
          "must be set together, or neither of them");
    }
    if (webhook.port() != 0 && webhook.port() == config.management().port()) {
      wrong("webhook.port", "management.port", "must not be the same port");
    }
    if (election.renewDeadline().compareTo(election.leaseDuration()) >= 0) {
      problems.add(
          places.get("leaderElection.renewDeadline") + ": must be less than leaseDuration");
    }
    if (election.retryPeriod().compareTo(election.renewDeadline()) >= 0) {
      problems.add(places.get("leaderElection.retryPeriod") + ": must be less than renewDeadline");
    }
  }

  private void wrong(String one, String other, String what) {
    problems.add(places.get(one) + " and " + places.get(other) + " " + what);
  }

  private void refuseUnknownVariables() {
    Set<String> known = new TreeSet<>(Set.of(FILE_VARIABLE));
    ConfigKey.ALL.forEach(key -> known.add(key.variable()));
    new TreeMap<>(environment)
        .forEach((name, value) -> {
          if (name.startsWith("PREHEAT_") && !known.contains(name) && !isServiceLink(name, value)) {
            String cure = "known are the variables of docs/configuration.md";
            problems.add(name + " is not known; " + DidYouMean.among(known, name, cure));
          }
        });
  }

  /** Kubernetes sets such variables for a Service whose name begins with "preheat". */
  private static boolean isServiceLink(String name, String value) {
    return name.matches(".*_SERVICE_(HOST|PORT.*)|.*PORT_[0-9]+_(TCP|UDP).*")
        || (name.endsWith("_PORT") && value.matches("(tcp|udp)://.*"));
  }
}
