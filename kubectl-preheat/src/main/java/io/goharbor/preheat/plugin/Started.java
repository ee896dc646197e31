package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.PreheatExecution;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Reports an execution that a command made, and waits for its end if that is wanted. */
record Started(
    Cluster cluster,
    PreheatExecution execution,
    CommandSpec command,
    OutputOption output,
    Shell shell) {

  /**
   * Reports.
   *
   * @param verb what was done with it
   * @param explain whether its end is to be shown in full
   */
  int report(Waiting waiting, String verb, boolean explain)
      throws PluginFailure, InterruptedException {
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    String name = Executions.name(execution);
    if (!waiting.wanted()) {
      if (output.isTable()) {
        out.println("preheatexecution.preheat.goharbor.io/" + name + " " + verb);
        out.flush();
      } else {
        Documents.print(out, output.format(), execution);
      }
      return ExitCode.OK;
    }
    if (output.isTable()) {
      out.println("preheatexecution.preheat.goharbor.io/" + name + " " + verb);
      out.flush();
    }
    PreheatExecution ended = waiting.forEnd(cluster, name, err);
    if (!output.isTable()) {
      Documents.print(out, output.format(), ended);
    } else if (explain) {
      Detail.lines(ended, shell.clock().instant(), false)
          .forEach(line -> Terminal.print(out, line));
      out.flush();
    }
    return Waiting.verdict(ended, err);
  }
}
