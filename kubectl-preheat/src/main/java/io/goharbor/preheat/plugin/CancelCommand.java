package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cancel}. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Calls executions off for good: no further task starts and none is followed. What a provider"
          + " is downloading it downloads to the end."
    })
final class CancelCommand implements Callable<Integer> {
  @Parameters(
      index = "0..*",
      arity = "1..*",
      paramLabel = "EXECUTION",
      description = "PreheatExecutions.")
  private List<String> names = List.of();

  @Option(names = "--wait", description = "Wait until they have ended.")
  private boolean wait;

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ClusterOptions options;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  CancelCommand(Shell shell) {
    this.shell = shell;
    this.options = new ClusterOptions(shell.environment());
  }

  @Override
  public Integer call() throws PluginFailure, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (Cluster cluster = options.open()) {
      for (String name : names) {
        PreheatExecution execution = Found.execution(cluster, name);
        Phase phase = Executions.phase(execution);
        String verb = "cancelled";
        if (phase.terminal()) {
          // Asking twice is no mistake, as with kubectl.
          verb = "unchanged: it had ended already (" + phase + ")";
        } else {
          execution = cluster.patch(PreheatExecution.class, name, "{\"spec\":{\"cancel\":true}}");
          if (wait) {
            execution =
                new Waiting(shell)
                    .until(cluster, name, Duration.ofMinutes(2), Executions::ended, err);
          }
        }
        if (output.isTable()) {
          out.println("preheatexecution.preheat.goharbor.io/" + name + " " + verb);
          out.flush();
        } else {
          Documents.print(out, output.format(), execution);
        }
      }
      return ExitCode.OK;
    }
  }
}
