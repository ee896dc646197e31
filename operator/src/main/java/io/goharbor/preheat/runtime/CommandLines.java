package io.goharbor.preheat.runtime;

import io.goharbor.preheat.importer.ImportHarbor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What the program can do beside running the operator, which it does without arguments. */
@Command(
    name = "harbor-preheat-operator",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]",
    description = "Without a command, runs the operator, set up by environment variables.")
final class CommandLines {
  private CommandLines() {}

  /** Runs a command of this process and returns its exit code. */
  static int run(String[] arguments) {
    // Standard output is for what a command prints, which may be piped into kubectl.
    System.setProperty("logback.configurationFile", "logback-command.xml");
    // A container's locale is often POSIX, in which names would lose their letters.
    CommandLine line =
        new CommandLine(new CommandLines())
            .addSubcommand(new ImportHarbor(System.getenv(), System.in))
            .setOut(writer(FileDescriptor.out))
            .setErr(writer(FileDescriptor.err));
    String version = CommandLines.class.getPackage().getImplementationVersion();
    List<CommandLine> all = new ArrayList<>(line.getSubcommands().values());
    all.add(line);
    for (CommandLine each : all) {
      each.getCommandSpec().version(version == null ? "not from a jar" : version);
    }
    return line.execute(arguments);
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
