package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import org.slf4j.LoggerFactory;

/** Starts the operator, or runs the command that the arguments name. */
public final class Main {
  private Main() {}

  /** Without arguments, runs until the process is told to end. */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length > 0) {
      System.exit(CommandLines.run(arguments));
    }
    try {
      OperatorConfig config = OperatorConfig.from(System.getenv());
      LogSetup.apply(config.logging(), System.getenv());
      LogSetup.tell(config, LoggerFactory.getLogger(Main.class));
      PreheatOperator operator =
          new PreheatOperator(config, new ConfigBuilder(Config.autoConfigure(null)).build());
      Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "shutdown"));
      operator.start();
      Thread.currentThread().join();
    } catch (OperatorConfig.ConfigException e) {
      System.err.println("harbor-preheat-operator: " + e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("harbor-preheat-operator: cannot start: " + e.getMessage());
      System.exit(2);
    }
  }
}
