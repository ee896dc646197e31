package io.goharbor.preheat.plugin;

import io.goharbor.preheat.importer.ImportHarbor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code kubectl preheat}. */
@Command(
    name = "kubectl preheat",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Preheats container images into P2P caches, and tells what became of them.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the cluster cannot be reached, or answers what it should not",
      "2:an option, an argument or a file is wrong",
      "3:the credentials are not taken",
      "4:a permission is missing",
      "5:what is named does not exist, or there is nothing to do",
      "6:the run ended, but did not succeed",
      "7:what was waited for did not come in time"
    })
public final class Main {
  private Main() {}

  /** Runs a command of this process. */
  public static void main(String[] arguments) {
    Shell shell =
        new Shell(System.getenv(), System.in, InstantSource.system(), Terminal.fromProperties());
    int code =
        commandLine(shell)
            // A container's locale is often POSIX, in which bars and names would lose their
            // letters.
            .setOut(writer(FileDescriptor.out))
            .setErr(writer(FileDescriptor.err))
            .execute(arguments);
    // The HTTP client's threads need not be waited for.
    System.exit(code);
  }

  /** All commands. */
  static CommandLine commandLine(Shell shell) {
    CommandLine line =
        new CommandLine(new Main())
            .addSubcommand(new RunCommand(shell))
            .addSubcommand(new WhyCommand(shell))
            .addSubcommand(new StatusCommand(shell))
            .addSubcommand(new RetryCommand(shell))
            .addSubcommand(new CancelCommand(shell))
            .addSubcommand(
                new CommandLine(new ImportCommand())
                    .addSubcommand(
                        "harbor",
                        new ImportHarbor(shell.environment(), shell.input(), "import harbor")))
            .addSubcommand(new CompletionCommand())
            .addSubcommand(new PrepareCommand())
            .addSubcommand(
                // Half a command line is not to be understood as options of this one.
                new CommandLine(new CompleteCommand(shell))
                    .setUnmatchedOptionsArePositionalParams(true))
            .addSubcommand(new RehearseCommand(shell));
    String version = Main.class.getPackage().getImplementationVersion();
    versioned(line, version == null ? "not from a jar" : version);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::wrong)
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
  }

  private static void versioned(CommandLine line, String version) {
    line.getCommandSpec().version(version);
    line.getSubcommands().values().forEach(each -> versioned(each, version));
  }

  private static int wrong(ParameterException failure, String[] arguments) {
    CommandLine line = failure.getCommandLine();
    PrintWriter err = line.getErr();
    Terminal.print(err, "error: " + failure.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.println("See '" + line.getCommandSpec().qualifiedName() + " --help'.");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private static int failed(Exception failure, CommandLine line) throws Exception {
    if (!(failure instanceof PluginFailure known)) {
      throw failure;
    }
    Terminal.print(line.getErr(), "error: " + known.sentence());
    line.getErr().flush();
    return known.exitCode();
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
