package io.goharbor.preheat.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code __rehearse}: runs commands against a made-up API in this process, so that a JVM that is
 * recording learns which classes they need.
 */
@Command(name = "__rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {
  private static final String NAME = "shop-f6c175f";
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--help"),
          List.of("run", "--help"),
          List.of("status"),
          List.of("status", "-A"),
          List.of("status", NAME),
          List.of("status", "-o", "json"),
          List.of("status", "-o", "yaml"),
          List.of("status", NAME, "-w"),
          List.of("why", "harbor.example.com/shop/web:1.4.2"),
          List.of("why", "shop/web:1.4.2", "-o", "json"),
          List.of("run", "shop", "--wait"),
          List.of("run", "--image", "harbor.example.com/shop/web:1.4.2", "--dry-run"),
          List.of("cancel", NAME),
          // Of another name: no one would answer.
          List.of("retry", "none-of-this-name"),
          List.of("completion", "bash"),
          List.of("__complete", "sta"),
          List.of("__complete", "run", ""),
          List.of("status", "none-of-this-name"),
          List.of("staus"));

  @Option(
      names = "--keystore",
      description = "PKCS #12 with the key of 127.0.0.1; absent: plain HTTP.")
  private @Nullable Path keystore;

  @Option(names = "--password")
  private String password = "";

  private final Shell shell;

  RehearseCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws PluginFailure {
    try (RehearsalApi api = RehearsalApi.start(keystore, password)) {
      Path kubeconfig = Files.createTempFile("kubectl-preheat-rehearsal", ".yaml");
      try {
        Files.writeString(kubeconfig, api.kubeconfig());
        // Neither the caller's cluster nor a terminal is to be touched.
        Shell stage =
            new Shell(
                Map.of("KUBECONFIG", kubeconfig.toString()),
                shell.input(),
                shell.clock(),
                Terminal.NONE);
        List<String> wrong = new ArrayList<>();
        for (List<String> command : COMMANDS) {
          StringWriter err = new StringWriter();
          int code =
              Main.commandLine(stage)
                  .setOut(new PrintWriter(new StringWriter()))
                  .setErr(new PrintWriter(err))
                  .execute(command.toArray(String[]::new));
          if (code == CommandLine.ExitCode.SOFTWARE) {
            wrong.add(String.join(" ", command) + ": " + err);
          }
        }
        if (!wrong.isEmpty()) {
          throw new PluginFailure(ExitCode.FAILED, "rehearsal: " + String.join("; ", wrong));
        }
        return ExitCode.OK;
      } finally {
        Files.deleteIfExists(kubeconfig);
      }
    } catch (IOException | UncheckedIOException | GeneralSecurityException e) {
      throw new PluginFailure(ExitCode.FAILED, "the rehearsal cannot be set up: " + e.getMessage());
    }
  }
}
