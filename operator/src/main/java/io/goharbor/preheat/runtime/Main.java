package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Starts the operator, or runs the command that the arguments name. */
public final class Main {
  /** What cannot heal by itself: people must change something. */
  private static final int UNUSABLE = 2;

  private static final int FAILED = 1;

  /** Beyond what each part of the end may take. */
  private static final Duration END = Duration.ofSeconds(25);

  private Main() {}

  /** Without arguments, runs until the process is told to end. */
  public static void main(String[] arguments) {
    if (arguments.length > 0) {
      System.exit(CommandLines.run(arguments));
    }
    try {
      run();
    } catch (OperatorConfig.ConfigException e) {
      System.err.println("harbor-preheat-operator: " + e.getMessage());
      System.exit(UNUSABLE);
    } catch (IOException e) {
      System.err.println("harbor-preheat-operator: cannot start: " + e.getMessage());
      System.exit(UNUSABLE);
    } catch (Throwable e) {
      LoggerFactory.getLogger(Main.class)
          .atError()
          .setCause(e)
          .log("The operator ends: it met an error that it does not know");
      System.exit(FAILED);
    }
  }

  private static void run() throws IOException, InterruptedException {
    OperatorConfig config = OperatorConfig.from(System.getenv());
    Optional<LogLevels> levels = LogSetup.apply(config.logging());
    Thread.setDefaultUncaughtExceptionHandler((thread, e) ->
        LoggerFactory.getLogger(Main.class)
            .atError()
            .addKeyValue("thread", thread.getName())
            .setCause(e)
            .log("A thread met an error that it does not know"));
    LogSetup.tell(config, LoggerFactory.getLogger(Main.class));
    PreheatOperator operator =
        new PreheatOperator(config, new ConfigBuilder(Config.autoConfigure(null)).build());
    levels.ifPresent(of -> LogSetup.follow(of, System.getenv(), operator.supervisor()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(operator), "shutdown"));
    operator.start();
    Thread.currentThread().join();
  }

  /** The process ends when this returns, whatever hangs. */
  private static void close(PreheatOperator operator) {
    Thread closing = Thread.ofPlatform().daemon().name("close").start(operator::close);
    try {
      closing.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
