package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code __complete}: what may be in place of the last word, in the form that kubectl reads from
 * {@code kubectl_complete-preheat}: a line for each, as {@code word<tab>description}, and at the
 * end a colon and a number, 4 for "no files".
 *
 * @see <a href="https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/">completion of
 *     plugins</a>
 */
@Command(name = "__complete", hidden = true)
final class CompleteCommand implements Callable<Integer> {
  private static final String NO_FILES = ":4";
  private static final String FILES = ":0";

  @Parameters(arity = "0..*", paramLabel = "WORD")
  private List<String> words = List.of();

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  CompleteCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    CommandSpec root = spec.parent();
    Candidates candidates = Candidates.of(root, words);
    List<String> lines = new ArrayList<>(candidates.fixed());
    candidates
        .named()
        .ifPresent(kind ->
            names(kind).stream()
                .filter(name -> name.startsWith(candidates.prefix()))
                .forEach(name -> lines.add(candidates.glued() + name)));
    lines.forEach(line -> Terminal.print(out, line));
    out.println(candidates.files() ? FILES : NO_FILES);
    out.flush();
    return ExitCode.OK;
  }

  /** Names from the cluster that the words so far choose; none when it cannot be asked. */
  private List<String> names(Candidates.Named kind) {
    Chooser chooser = new Chooser(new ClusterOptions(shell.environment()));
    CommandLine line =
        new CommandLine(chooser)
            .setUnmatchedArgumentsAllowed(true)
            .setUnmatchedOptionsArePositionalParams(true);
    try {
      line.parseArgs(words.subList(0, Math.max(0, words.size() - 1)).toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      // The last word belongs to the option before it.
      line.clearExecutionResults();
    }
    try {
      if (kind == Candidates.Named.CONTEXT) {
        return chooser.options.contexts();
      }
      try (Cluster cluster = chooser.options.open()) {
        return switch (kind) {
          case POLICY -> names(cluster, PreheatPolicy.class);
          case EXECUTION -> names(cluster, PreheatExecution.class);
          case PROVIDER -> names(cluster, P2PProvider.class);
          case REGISTRY -> names(cluster, HarborRegistry.class);
          case ANY -> {
            List<String> all = new ArrayList<>(names(cluster, PreheatExecution.class));
            all.addAll(names(cluster, PreheatPolicy.class));
            yield all;
          }
          case NAMESPACE ->
              cluster.ask(api -> api.namespaces().list()).getItems().stream()
                  .map(one -> one.getMetadata().getName())
                  .toList();
          case CONTEXT -> List.of();
        };
      }
    } catch (PluginFailure e) {
      // A shell cannot show why.
      return List.of();
    }
  }

  private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> List<String> names(
      Cluster cluster, Class<T> kind) throws PluginFailure {
    return cluster.list(kind, cluster.namespace()).stream()
        .map(one -> one.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** Reads only the options that choose a cluster. */
  @Command
  private static final class Chooser {
    @Mixin private final ClusterOptions options;

    Chooser(ClusterOptions options) {
      this.options = options;
    }
  }
}
