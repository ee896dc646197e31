package io.goharbor.preheat.e2e.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a program and waits for it. */
final class Tool {
  private Tool() {}

  /**
   * Runs.
   *
   * @return what it wrote
   * @throws IOException with what it wrote, when it fails
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Would be told in the output, and change what is built.
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(
          Path.of(command.getFirst()).getFileName()
              + " ended with "
              + process.exitValue()
              + ": "
              + output.strip());
    }
    return output;
  }
}
