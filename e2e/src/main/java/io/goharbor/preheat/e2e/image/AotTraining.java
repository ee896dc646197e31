package io.goharbor.preheat.e2e.image;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Makes the AOT cache of a staged operator (JEP 483, 514 and 515) by a real start of it: against an
 * API server, a Harbor, a Dragonfly and a Kraken it takes webhooks, reconciles and is scraped.
 */
public final class AotTraining {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int PUSHES = 5;

  private final Path root;
  private final Path scratch;

  /**
   * A training.
   *
   * @param root the repository, with its crds and examples
   * @param scratch where logs go
   */
  public AotTraining(Path root, Path scratch) {
    this.root = root;
    this.scratch = scratch;
  }

  /**
   * Trains.
   *
   * @param options of the JVM, besides those of the runtime
   * @param cache where the cache goes
   */
  public void train(Staging staging, List<String> options, Path cache)
      throws IOException, InterruptedException {
    Files.createDirectories(scratch);
    Path recorded = scratch.resolve(cache.getFileName() + ".conf");
    try (World world = new World(root, scratch)) {
      world
          .operator()
          .command(
              command(staging, options, "-XX:AOTMode=record", "-XX:AOTConfiguration=" + recorded));
      world.startOperator();
      work(world);
      if (!world.operator().terminate(LIMIT) || !Files.exists(recorded)) {
        throw new IOException("nothing was recorded: " + world.operator().output());
      }
    }
    Tool.run(
        command(
            staging,
            options,
            "-XX:AOTMode=create",
            "-XX:AOTConfiguration=" + recorded,
            "-XX:AOTCache=" + cache));
    Files.delete(recorded);
  }

  /**
   * Starts a program of the operator's jar with its cache, somewhere else than where it was
   * trained.
   *
   * @throws IOException when the JVM does not take the cache, saying why
   */
  void prove(Staging staging) throws IOException, InterruptedException {
    Staging elsewhere = staging.copyTo(scratch.resolve("elsewhere"));
    List<String> command =
        new ArrayList<>(
            command(elsewhere, List.of(), "-XX:AOTMode=on", "-XX:AOTCache=" + elsewhere.cache()));
    command.add("--version");
    Tool.run(command);
  }

  /** The command that starts a staged operator. */
  public static List<String> command(Staging staging, List<String> options, String... more) {
    List<String> command = new ArrayList<>();
    command.add(staging.java().toString());
    command.addAll(options);
    command.addAll(List.of(more));
    command.addAll(List.of("-jar", staging.jar().toString()));
    return command;
  }

  private static void work(World world) throws IOException, InterruptedException {
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    await(() -> !world.harbor().webhookPolicies("shop").isEmpty(), "a registered webhook");
    for (int i = 0; i < PUSHES; i++) {
      String name = "training-" + i;
      world.harbor().push("shop", name, "1", Map.of("layer " + name, 5_000_000L));
    }
    await(() -> ended(world), "executions that ended");
    HttpURLConnection scrape =
        (HttpURLConnection)
            URI.create(world.operator().managementUrl() + "/metrics").toURL().openConnection();
    scrape.getInputStream().readAllBytes();
  }

  private static boolean ended(World world) {
    try {
      List<PreheatExecution> all = world.executions();
      return all.size() > 1
          && all.stream()
              .allMatch(execution ->
                  execution.getStatus() != null
                      && execution.getStatus().effectivePhase().terminal());
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private static void await(BooleanSupplier condition, String what)
      throws IOException, InterruptedException {
    Instant limit = Instant.now().plus(LIMIT);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(limit)) {
        throw new IOException("the training did not get to " + what + " within " + LIMIT);
      }
      Thread.sleep(100);
    }
  }
}
