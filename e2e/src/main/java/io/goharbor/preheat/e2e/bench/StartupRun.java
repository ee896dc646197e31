package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.image.ImagePlan;
import io.goharbor.preheat.e2e.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Starts the operator, or a bare JVM, and looks at clock and memory. */
final class StartupRun {
  /**
   * What was seen.
   *
   * @param ready from the start of the process until it is ready
   * @param cpu what it used until then
   * @param resident bytes of memory at rest
   */
  record Seen(Duration ready, Duration cpu, long resident) {}

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private StartupRun() {}

  /**
   * Starts the operator of a world, and ends it.
   *
   * @param rest how long it is left alone before its memory is checked
   */
  static Seen operator(World world, List<String> command, Duration rest)
      throws IOException, InterruptedException {
    // Else it would wait until the lease of the one before runs out.
    world.client().leases().inNamespace("default").delete();
    ImagePlan.ENVIRONMENT.forEach(world.operator()::with);
    world.operator().command(command);
    URI management = URI.create(world.operator().managementUrl());
    long from = System.nanoTime();
    world.operator().start();
    while (!isReady(management)) {
      if (!world.operator().handle().isAlive() || System.nanoTime() - from > LIMIT.toNanos()) {
        throw new IOException("the operator did not start: " + world.operator().output());
      }
      Thread.sleep(2);
    }
    Duration ready = Duration.ofNanos(System.nanoTime() - from);
    Duration cpu = world.operator().handle().info().totalCpuDuration().orElse(Duration.ZERO);
    Thread.sleep(rest);
    long resident = new ProcessMemory(world.operator().handle()).resident("VmRSS");
    world.operator().terminate(Duration.ofSeconds(30));
    return new Seen(ready, cpu, resident);
  }

  /** Starts a JVM that does nothing, and ends it. */
  static Seen bare(Path java, Path classes) throws IOException, InterruptedException {
    long from = System.nanoTime();
    Process process =
        new ProcessBuilder(java.toString(), "-cp", classes.toString(), Bare.class.getName())
            .start();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      if (!"up".equals(reader.readLine())) {
        throw new IOException("a bare JVM did not start");
      }
      Duration up = Duration.ofNanos(System.nanoTime() - from);
      Duration cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
      long resident = new ProcessMemory(process.toHandle()).resident("VmRSS");
      process.getOutputStream().close();
      process.waitFor();
      return new Seen(up, cpu, resident);
    }
  }

  /** By hand: a client of the JDK would add its own start to the first answer. */
  private static boolean isReady(URI management) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(management.getHost(), management.getPort()), 200);
      socket.setSoTimeout(1000);
      socket
          .getOutputStream()
          .write(
              "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }
}
