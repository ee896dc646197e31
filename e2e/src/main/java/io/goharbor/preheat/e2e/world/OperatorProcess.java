package io.goharbor.preheat.e2e.world;

import io.goharbor.preheat.runtime.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The operator in a JVM of its own, as it runs in a cluster. */
public final class OperatorProcess implements AutoCloseable {
  private final Path kubeconfig;
  private final Path log;
  private final int webhookPort = freePort();
  private final int managementPort = freePort();
  private String heap = "256m";
  private List<String> command = List.of();
  private final Map<String, String> settings = new TreeMap<>();
  private @Nullable Process process;

  /**
   * An operator that is not started yet.
   *
   * @param log where its output goes; it is appended to
   */
  public OperatorProcess(Path kubeconfig, Path log) {
    this.kubeconfig = kubeconfig;
    this.log = log;
  }

  /** Its largest heap from the next start on, as {@code -Xmx} takes it. */
  public void heap(String largest) {
    heap = largest;
  }

  /** Starts it with another command from the next start on; it holds all options of the JVM. */
  public void command(List<String> whole) {
    command = List.copyOf(whole);
  }

  /** The running process. */
  public ProcessHandle handle() {
    if (process == null) {
      throw new IllegalStateException("the operator was not started");
    }
    return process.toHandle();
  }

  /** How it ended. */
  public int exitCode() {
    if (process == null) {
      throw new IllegalStateException("the operator was not started");
    }
    return process.exitValue();
  }

  /** Sets a variable of its environment, besides those that it needs here. */
  public OperatorProcess with(String name, String value) {
    settings.put(name, value);
    return this;
  }

  /** Starts it, or starts it again. */
  public void start() {
    ProcessBuilder builder =
        new ProcessBuilder(
            command.isEmpty()
                ? List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + heap,
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName())
                : command);
    // What is set for the tests is not meant for the operator, which refuses names it does not
    // know.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("KUBERNETES_") || name.startsWith("PREHEAT_"));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("PREHEAT_WEBHOOK_PORT", Integer.toString(webhookPort));
    builder.environment().put("PREHEAT_MANAGEMENT_PORT", Integer.toString(managementPort));
    builder.environment().put("POD_NAMESPACE", "default");
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it is ready. */
  public void awaitReady(Duration limit) throws InterruptedException {
    Instant until = Instant.now().plus(limit);
    while (Instant.now().isBefore(until)) {
      if (probe("/readyz").code() == 200) {
        return;
      }
      if (process == null || !process.isAlive()) {
        throw new IllegalStateException("the operator ended; see " + log);
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("the operator was not ready in " + limit + "; see " + log);
  }

  /** Ends it at once, as a crash or a node's death does. */
  public void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }

  /** Ends it with SIGTERM; true when it was gone within the limit. */
  public boolean terminate(Duration limit) throws InterruptedException {
    if (process == null) {
      return true;
    }
    process.destroy();
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Base URL under which Harbor reaches the webhook server. */
  public String webhookUrl() {
    return (settings.containsKey("PREHEAT_WEBHOOK_TLS_CERT_FILE") ? "https" : "http")
        + "://127.0.0.1:"
        + webhookPort;
  }

  /** Base URL of health and metrics. */
  public String managementUrl() {
    return "http://127.0.0.1:" + managementPort;
  }

  /** All that it wrote. */
  public String output() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /**
   * What a probe is answered.
   *
   * @param code 0: nothing
   */
  public record Probe(int code, String text) {}

  /** Asks /livez or /readyz as a kubelet does. */
  public Probe probe(String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(managementUrl() + path).toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(2000);
      int code = connection.getResponseCode();
      try (InputStream body =
          code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        return new Probe(code, new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
      }
    } catch (IOException e) {
      return new Probe(0, String.valueOf(e.getMessage()));
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
