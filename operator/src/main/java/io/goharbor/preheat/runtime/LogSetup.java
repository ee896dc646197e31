package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets logging up from the configuration. */
final class LogSetup {
  private LogSetup() {}

  /** Before the first logger is made: the file decides between people and machines. */
  static void apply(OperatorConfig.Logging logging) {
    if (logging.format().equals("json")) {
      System.setProperty("logback.configurationFile", "logback-json.xml");
    }
    // Where logback's files look first.
    System.setProperty("PREHEAT_LOG_LEVEL", logging.level());
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      logging
          .levels()
          .forEach((name, level) -> context.getLogger(name).setLevel(Level.valueOf(level)));
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
