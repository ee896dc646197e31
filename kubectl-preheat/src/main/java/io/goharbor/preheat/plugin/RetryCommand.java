package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.Retry;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code retry}. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sends again what failed or was cancelled in an execution that ended. The operator makes a new"
          + " execution for it, whose name is printed."
    })
final class RetryCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Parameters(index = "0", paramLabel = "EXECUTION", description = "A PreheatExecution that ended.")
  private String name = "";

  @Mixin private final Waiting waiting;
  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ClusterOptions options;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  RetryCommand(Shell shell) {
    this.shell = shell;
    this.waiting = new Waiting(shell);
    this.options = new ClusterOptions(shell.environment());
  }

  @Override
  public Integer call() throws PluginFailure, InterruptedException {
    waiting.check();
    try (Cluster cluster = options.open()) {
      check(Found.execution(cluster, name));
      String request = "kubectl-" + shell.clock().instant().toEpochMilli();
      cluster.patch(
          PreheatExecution.class,
          name,
          "{\"metadata\":{\"annotations\":{\"preheat.goharbor.io/retry\":\"" + request + "\"}}}");
      return new Started(cluster, made(cluster, request), spec, output, shell)
          .report(waiting, "created", false);
    }
  }

  /** What cannot be retried is told here; the operator would only write an Event. */
  private static void check(PreheatExecution execution) throws PluginFailure {
    String name = Executions.name(execution);
    Phase phase = Executions.phase(execution);
    if (!phase.terminal()) {
      throw new PluginFailure(
          ExitCode.NOTHING,
          "execution "
              + name
              + " has not ended yet ("
              + phase
              + "): wait for its end, or cancel it first");
    }
    Summary counts = Executions.status(execution).summary();
    if (counts == null || counts.failed() + counts.cancelled() == 0) {
      throw PluginFailure.nothing(
          "no task of execution "
              + name
              + " failed or was cancelled ("
              + phase
              + "): there is nothing to send again");
    }
  }

  private PreheatExecution made(Cluster cluster, String request)
      throws PluginFailure, InterruptedException {
    PreheatExecution answered;
    try {
      answered = waiting.until(cluster, name, PATIENCE, one -> isMade(one, request), null);
    } catch (PluginFailure e) {
      if (e.exitCode() != ExitCode.TIMED_OUT) {
        throw e;
      }
      throw new PluginFailure(
          ExitCode.TIMED_OUT,
          "the retry of "
              + name
              + " was asked for, and the operator did not answer in "
              + PATIENCE.toSeconds()
              + " s: is it running? It will retry when it does");
    }
    Retry made = Executions.status(answered).retry();
    return Found.execution(cluster, made == null ? "" : made.execution());
  }

  private static boolean isMade(PreheatExecution execution, String request) {
    Retry made = Executions.status(execution).retry();
    return made != null && made.request().equals(request);
  }
}
