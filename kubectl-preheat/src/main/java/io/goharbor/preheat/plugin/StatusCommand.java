package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows registries, providers, policies and executions. With NAME, all that has this name: an"
          + " execution with its tasks and what was left out, a policy with its executions."
    })
final class StatusCommand implements Callable<Integer> {
  private static final int FINISHED = 10;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Only what has this name.")
  private @Nullable String name;

  @Option(
      names = {"-w", "--watch"},
      description =
          "Keep showing it: progress bars on a terminal, else a line for each change. With the name"
              + " of an execution it ends with the execution, with 6 when that did not succeed.")
  private boolean watch;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Of all namespaces.")
  private boolean everywhere;

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ClusterOptions options;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  StatusCommand(Shell shell) {
    this.shell = shell;
    this.options = new ClusterOptions(shell.environment());
  }

  @Override
  public Integer call() throws PluginFailure, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (everywhere && name != null) {
      throw PluginFailure.usage("a NAME is looked for in one namespace: leave out NAME or -A");
    }
    try (Cluster cluster = options.open()) {
      if (watch) {
        return new StatusWatch(cluster, shell, output, everywhere, name)
            .follow(out, spec.commandLine().getErr());
      }
      String where = everywhere ? null : cluster.namespace();
      Snapshot all =
          new Snapshot(
              cluster.list(HarborRegistry.class, where),
              cluster.list(P2PProvider.class, where),
              cluster.list(PreheatPolicy.class, where),
              cluster.list(PreheatExecution.class, where));
      Snapshot shown = name == null ? all : all.named(name);
      if (name != null && shown.isEmpty()) {
        throw PluginFailure.nothing(missing(name, cluster.namespace()));
      }
      if (!output.isTable()) {
        Documents.print(
            out,
            output.format(),
            name != null && shown.all().size() == 1
                ? shown.all().getFirst()
                : Documents.list(shown.all()));
        return ExitCode.OK;
      }
      List<String> lines = lines(shown, name, everywhere ? "" : cluster.namespace(), shell, false);
      if (lines.isEmpty()) {
        spec.commandLine()
            .getErr()
            .println(
                everywhere
                    ? "There is nothing yet."
                    : "There is nothing in namespace "
                        + cluster.namespace()
                        + "; -A looks in all.");
      }
      lines.forEach(line -> Terminal.print(out, line));
      out.flush();
      return ExitCode.OK;
    }
  }

  static String missing(String name, String namespace) {
    return "nothing in namespace "
        + namespace
        + " has the name '"
        + name
        + "': no execution, policy, provider or registry";
  }

  /** A single execution in full, else tables. */
  static List<String> lines(
      Snapshot shown, @Nullable String name, String home, Shell shell, boolean bars) {
    if (name != null
        && shown.all().size() == 1
        && shown.all().getFirst() instanceof PreheatExecution execution) {
      return Detail.lines(execution, shell.clock().instant(), bars);
    }
    return new Overview(home, bars, FINISHED).lines(shown, shell.clock().instant());
  }
}
