package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log levels by package, which follow what is written somewhere else, such as a file that a
 * ConfigMap brings. A name that is no longer written gets back the level that it had before.
 */
final class LogLevels {
  private static final Logger log = LoggerFactory.getLogger(LogLevels.class);
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final LoggerContext context;
  private final Map<String, @Nullable Level> before = new HashMap<>();
  private Map<String, Level> applied = Map.of();
  private @Nullable String trouble;

  /** Levels of the loggers of a context. */
  LogLevels(LoggerContext context) {
    this.context = context;
  }

  /** Sets the given levels, and gives back to others what they had before. */
  synchronized void apply(Map<String, Level> levels) {
    if (levels.equals(applied)) {
      return;
    }
    for (String name : applied.keySet()) {
      if (!levels.containsKey(name)) {
        context.getLogger(name).setLevel(before.remove(name));
      }
    }
    levels.forEach((name, level) -> {
      ch.qos.logback.classic.Logger logger = context.getLogger(name);
      if (!before.containsKey(name)) {
        before.put(name, logger.getLevel());
      }
      logger.setLevel(level);
    });
    applied = Map.copyOf(levels);
  }

  /**
   * Follows levels that may change at any time.
   *
   * @param written reads them; when it throws, the last ones hold, and the message is logged once
   */
  void follow(Callable<Map<String, Level>> written, Supervisor supervisor, Duration every) {
    supervisor.every("log-levels", every, WITHIN, () -> look(written));
  }

  /** Looks once. */
  synchronized void look(Callable<Map<String, Level>> written) {
    try {
      Map<String, Level> levels = written.call();
      trouble = null;
      if (!levels.equals(applied)) {
        apply(levels);
        log.atInfo().addKeyValue("levels", levels).log("Log levels are changed");
      }
    } catch (Exception e) {
      String message = String.valueOf(e.getMessage());
      if (!message.equals(trouble)) {
        trouble = message;
        log.atWarn().log("The log levels stay as they are: {}", message);
      }
    }
  }
}
