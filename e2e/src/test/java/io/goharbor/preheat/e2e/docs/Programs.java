package io.goharbor.preheat.e2e.docs;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of this machine. */
final class Programs {
  private static final int SECONDS = 60;

  private Programs() {}

  static boolean onPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** What a program prints; it must end well. */
  static String output(String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(List.of(words) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a command line by a shell. One that watches is ended when it has begun. */
  static Trial run(ShellCommand command, Workspace workspace) {
    boolean watches = command.text().matches("(?s).* (-w|--watch)( .*)?");
    try {
      Path output = Files.createTempFile(workspace.directory(), "output", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder("bash", "-c", "set -o pipefail\n" + command.text())
              .directory(workspace.directory().toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("KUBECONFIG", workspace.kubeconfig().toString());
      builder.environment().put("HOME", workspace.directory().toString());
      Process process = builder.start();
      process.getOutputStream().close();
      if (watches && !process.waitFor(2, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return new Trial.Ran();
      }
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return new Trial.Wrong("it did not end within " + SECONDS + " seconds");
      }
      return process.exitValue() == 0
          ? new Trial.Ran()
          : new Trial.Wrong("it ended " + process.exitValue() + ": " + Files.readString(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
