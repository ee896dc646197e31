package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.PreheatExecution;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --wait} and {@code --timeout}: follows a run to its end. */
final class Waiting {
  @Option(
      names = "--wait",
      description = "Wait for the end of the run, and exit with 6 when it does not succeed.")
  private boolean wanted;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long to wait, such as 90s or 2h; then exit with 7. Default: 1h.")
  private String timeout = "1h";

  private final Shell shell;

  Waiting(Shell shell) {
    this.shell = shell;
  }

  boolean wanted() {
    return wanted;
  }

  /** What is wrong with the options is told before anything is done. */
  void check() throws PluginFailure {
    limit();
  }

  private Duration limit() throws PluginFailure {
    try {
      return DurationText.parse(timeout);
    } catch (IllegalArgumentException e) {
      throw PluginFailure.usage("--timeout: " + e.getMessage());
    }
  }

  /** Waits for the end of a run while its progress goes to standard error. */
  PreheatExecution forEnd(Cluster cluster, String name, PrintWriter err)
      throws PluginFailure, InterruptedException {
    return until(cluster, name, limit(), Executions::ended, err);
  }

  /**
   * Waits by a watch until a run is as wanted.
   *
   * @param err where progress is told; null: nowhere
   */
  PreheatExecution until(
      Cluster cluster,
      String name,
      Duration limit,
      Predicate<PreheatExecution> wanted,
      @Nullable PrintWriter err)
      throws PluginFailure, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    LiveScreen screen =
        err != null && shell.terminal().err() ? new LiveScreen(err, shell.terminal().rows()) : null;
    try (Live live = new Live(cluster);
        screen) {
      SharedIndexInformer<PreheatExecution> watch =
          live.follow(PreheatExecution.class, cluster.namespace(), name);
      String told = "";
      boolean seen = false;
      while (true) {
        List<PreheatExecution> found = watch.getStore().list();
        if (found.isEmpty() && seen) {
          throw PluginFailure.nothing("execution " + name + " was deleted meanwhile");
        }
        if (!found.isEmpty()) {
          PreheatExecution execution = found.getFirst();
          seen = true;
          String line = Executions.line(execution);
          if (screen != null) {
            screen.draw(List.of(Executions.bar(execution)));
          } else if (err != null && !line.equals(told)) {
            Terminal.print(err, line);
            err.flush();
          }
          told = line;
          if (wanted.test(execution)) {
            return execution;
          }
        }
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.isNegative()) {
          throw new PluginFailure(
              ExitCode.TIMED_OUT,
              "execution "
                  + name
                  + " was not done after "
                  + DurationText.format(limit)
                  + " and goes on"
                  + (told.isEmpty() ? "" : "; " + told));
        }
        live.await(left.plusMillis(1));
      }
    }
  }

  /** The exit code of a run that ended, told on standard error when it is not 0. */
  static int verdict(PreheatExecution ended, PrintWriter err) {
    return switch (Executions.phase(ended)) {
      case SUCCEEDED -> ExitCode.OK;
      default -> {
        Terminal.print(err, "error: " + Executions.line(ended));
        err.flush();
        yield ExitCode.NOT_SUCCEEDED;
      }
    };
  }
}
