package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.bench.StartupRun.Seen;
import io.goharbor.preheat.e2e.image.AotTraining;
import io.goharbor.preheat.e2e.image.Staging;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

/**
 * From the start of the process until the operator is ready, and its memory at rest, by the options
 * of its JVM and beside a JVM that does nothing; and what the options cost in throughput. The
 * runtime is that of the image.
 */
final class Startup implements Bench.Benchmark {
  private static final int POLICIES = 10_000;
  private static final int ROUNDS = Integer.getInteger("startup.rounds", 5);
  private static final Duration REST = Duration.ofSeconds(10);
  private static final Duration AFTER_MANY = Duration.ofSeconds(30);

  private final Map<String, List<Seen>> few = new LinkedHashMap<>();

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String about() {
    return "Cold start to ready and memory at rest, by options of the JVM, and what these cost in"
        + " throughput (about 8 minutes; ./bench startup POLICIES)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    return run(root, List.of());
  }

  @Override
  public Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
    int policies = sizes.isEmpty() ? POLICIES : sizes.getFirst();
    Path scratch = root.resolve("e2e/target/bench/startup");
    Staging staging =
        Staging.make(
            root, Path.of(System.getProperty("java.home")), scratch.resolve("root"), List.of());
    List<StartupVariant> variants = StartupVariant.all(root);
    AotTraining training = new AotTraining(root, scratch);
    for (boolean compact : List.of(false, true)) {
      List<String> options =
          variants.stream()
              .filter(variant -> variant.compactHeaders() == compact)
              .findFirst()
              .orElseThrow()
              .options();
      training.train(staging, options, cache(scratch, compact));
    }
    withFew(root, scratch, staging, variants);
    Map<String, Number> figures = new LinkedHashMap<>();
    few.forEach((name, seen) -> put(figures, name, seen));
    for (StartupVariant variant : List.of(variants.getFirst(), named(variants, "image"))) {
      withMany(root, scratch, command(staging, variant, scratch), policies, variant, figures);
    }
    for (StartupVariant variant : List.of(variants.getFirst(), named(variants, "image"))) {
      try (World world = new World(root, scratch, EmbeddedKube.start())) {
        world.operator().command(command(staging, variant, scratch));
        figures.put(variant.name() + ": webhook events a second", IngestRate.rate(world));
      }
    }
    matching(figures);
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    figures.put("load of the machine at the end (one minute)", load);
    return figures;
  }

  /** The variants take turns, so that what else the machine does concerns all of them. */
  private void withFew(Path root, Path scratch, Staging staging, List<StartupVariant> variants)
      throws Exception {
    try (World world = new World(root, scratch, EmbeddedKube.start())) {
      world.applyAsIs("quickstart-dragonfly.yaml");
      world.applyAsIs("quickstart-kraken.yaml");
      for (int round = 0; round < ROUNDS; round++) {
        Duration rest = round == ROUNDS - 1 ? REST : Duration.ZERO;
        see("bare JVM", StartupRun.bare(staging.java(), root.resolve("e2e/target/classes")));
        for (StartupVariant variant : variants) {
          see(variant.name(), StartupRun.operator(world, command(staging, variant, scratch), rest));
        }
      }
    }
  }

  private void withMany(
      Path root,
      Path scratch,
      List<String> command,
      int policies,
      StartupVariant variant,
      Map<String, Number> figures)
      throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(root, scratch, kube)) {
      new RestSetup(world, kube).fill(policies, 0, "24h");
      Seen seen = StartupRun.operator(world, command, AFTER_MANY);
      String name = variant.name() + ", " + policies + " policies: ";
      figures.put(name + "milliseconds until ready", seen.ready().toMillis());
      figures.put(name + "resident at rest, MiB", mebibytes(seen.resident()));
    }
  }

  /** Work for the processor alone. */
  private static void matching(Map<String, Number> figures) throws RunnerException {
    Map<String, List<String>> flags = new LinkedHashMap<>();
    flags.put("SerialGC", List.of("-XX:+UseSerialGC"));
    flags.put("compact headers", List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));
    flags.put(
        "C1 only",
        List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:TieredStopAtLevel=1"));
    for (Map.Entry<String, List<String>> each : flags.entrySet()) {
      List<String> options = new ArrayList<>(List.of("-Xms256m", "-Xmx512m"));
      options.addAll(each.getValue());
      double micros =
          new Runner(
                  Match.options("index", POLICIES)
                      .forks(1)
                      .jvmArgs(options.toArray(String[]::new))
                      .build())
              .runSingle()
              .getPrimaryResult()
              .getScore();
      figures.put("µs to match an event, " + each.getKey(), micros);
    }
  }

  private void see(String name, Seen seen) {
    few.computeIfAbsent(name, key -> new ArrayList<>()).add(seen);
  }

  private static void put(Map<String, Number> figures, String name, List<Seen> seen) {
    List<Long> ready = seen.stream().map(one -> one.ready().toMillis()).sorted().toList();
    List<Long> cpu = seen.stream().map(one -> one.cpu().toMillis()).sorted().toList();
    figures.put(name + ": milliseconds until ready, median", ready.get(ready.size() / 2));
    figures.put(name + ": milliseconds until ready, best", ready.getFirst());
    figures.put(name + ": CPU milliseconds, median", cpu.get(cpu.size() / 2));
    figures.put(name + ": resident at rest, MiB", mebibytes(seen.getLast().resident()));
  }

  private static StartupVariant named(List<StartupVariant> variants, String name) {
    return variants.stream()
        .filter(variant -> variant.name().equals(name))
        .min(Comparator.comparing(StartupVariant::name))
        .orElseThrow();
  }

  private static List<String> command(Staging staging, StartupVariant variant, Path scratch)
      throws IOException {
    if (!variant.cached()) {
      return AotTraining.command(staging, variant.options());
    }
    Path cache = cache(scratch, variant.compactHeaders());
    if (!Files.exists(cache)) {
      throw new IOException("there is no " + cache);
    }
    // Told to fail without it: a cache that is not used would be measured as one that brings
    // little.
    return AotTraining.command(
        staging, variant.options(), "-XX:AOTMode=on", "-XX:AOTCache=" + cache);
  }

  private static Path cache(Path scratch, boolean compact) {
    return scratch.resolve(compact ? "compact.aot" : "usual.aot");
  }

  private static double mebibytes(long bytes) {
    return bytes / (1024.0 * 1024);
  }
}
