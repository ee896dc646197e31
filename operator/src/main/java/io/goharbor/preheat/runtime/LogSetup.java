package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets logging up from the configuration. */
final class LogSetup {
  private static final String OURS = "io.goharbor.preheat";
  private static final Duration LOOK = Duration.ofSeconds(10);

  private LogSetup() {}

  /** Before the first logger is made: the file decides between people and machines. */
  static Optional<LogLevels> apply(OperatorConfig.Logging logging) {
    if (logging.format().equals("json")) {
      System.setProperty("logback.configurationFile", "logback-json.xml");
    }
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      LogLevels levels = new LogLevels(context);
      levels.apply(levels(logging));
      return Optional.of(levels);
    }
    return Optional.empty();
  }

  /** The levels follow the configuration file; all else in it is read at the start only. */
  static void follow(LogLevels levels, Map<String, String> environment, Supervisor supervisor) {
    if (!environment.getOrDefault(Configuration.FILE_VARIABLE, "").isBlank()) {
      levels.follow(() -> levels(OperatorConfig.from(environment).logging()), supervisor, LOOK);
    }
  }

  /** Levels by logger: that of the operator's own, and those of packages. */
  static Map<String, Level> levels(OperatorConfig.Logging logging) {
    Map<String, Level> levels = new HashMap<>();
    levels.put(OURS, Level.valueOf(logging.level()));
    logging.levels().forEach((name, level) -> levels.put(name, Level.valueOf(level)));
    return levels;
  }

  /** From now on secrets that the redactor knows are in no line. */
  static void redact(Redactor redactor) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      LogText.use(context, redactor);
    }
  }

  /** A line for each place that values come from. */
  static void tell(OperatorConfig config, Logger log) {
    for (Map.Entry<String, Map<String, String>> source : config.sources().entrySet()) {
      var line = log.atInfo().addKeyValue("source", source.getKey());
      for (Map.Entry<String, String> value : source.getValue().entrySet()) {
        line = line.addKeyValue(value.getKey(), value.getValue());
      }
      line.log("Configuration");
    }
  }
}
