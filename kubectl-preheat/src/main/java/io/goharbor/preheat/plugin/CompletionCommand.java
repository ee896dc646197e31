package io.goharbor.preheat.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the completion of kubectl-preheat for a shell: source <(kubectl preheat completion"
          + " bash). The completion of 'kubectl preheat' itself is kubectl's: it asks"
          + " kubectl_complete-preheat, which must be on the PATH."
    })
final class CompletionCommand implements Callable<Integer> {
  /** The shells that are known. */
  enum Dialect {
    BASH("bash"),
    ZSH("zsh");

    private final String text;

    Dialect(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
  private Dialect dialect = Dialect.BASH;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(script(dialect));
    out.flush();
    return ExitCode.OK;
  }

  static String script(Dialect dialect) {
    try (InputStream script =
        CompletionCommand.class.getResourceAsStream("completion." + dialect)) {
      if (script == null) {
        throw new IllegalStateException("the script for " + dialect + " is not in the jar");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
