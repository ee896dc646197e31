package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.bench.RestMeter.Counts;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many policies and finished executions of which nothing is wanted: what the operator writes, asks
 * and burns all the same, what its start costs, and how much memory it needs. It runs in a process
 * of its own.
 */
final class Rest implements Bench.Benchmark {
  /** What was measured. */
  record Result(
      int executionBytes,
      Duration ready,
      Duration settled,
      Counts start,
      long peakResident,
      Counts rest,
      Duration observed,
      long liveHeap,
      long resident) {}

  private static final int POLICIES = 10_000;
  private static final int EXECUTIONS = 100_000;
  private static final Duration OBSERVED =
      Duration.ofSeconds(Integer.getInteger("rest.seconds", 120));

  /** Often enough for a sweep of each registry while it is observed; the default is 10m. */
  private static final String SWEEPS = "90s";

  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final double CPU_AIM = 0.01;

  @Override
  public String name() {
    return "rest";
  }

  @Override
  public String about() {
    return "10,000 policies and 100,000 finished executions at rest: writes, requests, CPU, memory"
        + " (about 5 minutes; ./bench rest POLICIES EXECUTIONS)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    return run(root, List.of());
  }

  @Override
  public Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
    int policies = sizes.isEmpty() ? POLICIES : sizes.get(0);
    int executions = sizes.size() < 2 ? EXECUTIONS : sizes.get(1);
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(root, root.resolve("e2e/target/bench"), kube)) {
      Result result =
          measure(
              world,
              kube,
              policies,
              executions,
              SWEEPS,
              System.getProperty("rest.heap", "320m"),
              QUIET,
              OBSERVED);
      tell("start", result.start());
      tell("rest", result.rest());
      verdict(result);
      return figures(policies, executions, result);
    }
  }

  /**
   * Fills, starts, waits until nothing more happens, and watches that for a while.
   *
   * @param sweeps interval of the catch-up sweeps
   * @param quiet how long nothing must happen for the start to be over
   * @param heap largest heap of the operator, as {@code -Xmx} takes it
   */
  static Result measure(
      World world,
      EmbeddedKube kube,
      int policies,
      int executions,
      String sweeps,
      String heap,
      Duration quiet,
      Duration observed)
      throws Exception {
    RestSetup setup = new RestSetup(world, kube);
    setup.fill(policies, executions, sweeps);
    RestMeter meter = new RestMeter(world, kube);
    world.operator().heap(heap);
    world.harbor().server().clearLog();
    Counts none = new Counts(kube.requests(), Map.of(), meter.providerRequests(), 0, Duration.ZERO);
    Instant start = Instant.now();
    world.operator().start();
    world.operator().awaitReady(LIMIT);
    Duration ready = Duration.between(start, Instant.now());
    Duration settled = Duration.between(start, settle(meter, quiet));
    Counts settledCounts = meter.counts();
    long peak = meter.memory().resident("VmHWM");
    Instant from = Instant.now();
    Thread.sleep(observed);
    Counts after = meter.counts();
    Duration took = Duration.between(from, Instant.now());
    return new Result(
        setup.executionBytes(),
        ready,
        settled,
        settledCounts.since(none),
        peak,
        after.since(settledCounts),
        took,
        meter.memory().liveHeap(),
        meter.memory().resident("VmRSS"));
  }

  /** When the last thing happened that a quiet time followed. */
  private static Instant settle(RestMeter meter, Duration quiet) throws InterruptedException {
    Instant limit = Instant.now().plus(LIMIT);
    Instant last = Instant.now();
    Duration cpu = meter.cpu();
    double reconciliations = meter.reconciliations();
    while (last.plus(quiet).isAfter(Instant.now())) {
      if (Instant.now().isAfter(limit)) {
        throw new IllegalStateException("the operator did not come to rest within " + LIMIT);
      }
      Thread.sleep(500);
      Duration cpuNow = meter.cpu();
      double reconciliationsNow = meter.reconciliations();
      // Nothing begins before this replica leads; a few probes belong to rest.
      if (reconciliationsNow == 0
          || cpuNow.minus(cpu).toMillis() > 100
          || reconciliationsNow - reconciliations > 20) {
        last = Instant.now();
      }
      cpu = cpuNow;
      reconciliations = reconciliationsNow;
    }
    return last;
  }

  private static void tell(String when, Counts counts) {
    System.out.printf(Locale.ROOT, "%s: %s%n", when, counts);
  }

  private static void verdict(Result result) {
    Counts rest = result.rest();
    verdict(rest.writes().isEmpty(), "no writes to the API at rest", rest.writes());
    verdict(
        rest.unexpectedOfHarbor().isEmpty(),
        "no requests to Harbor but probe and sweep",
        rest.unexpectedOfHarbor());
    verdict(
        share(result) < CPU_AIM,
        "less than 1 % of a core",
        String.format(Locale.ROOT, "%.2f %%", share(result) * 100));
    verdict(result.start().writes().isEmpty(), "no writes at the start", result.start().writes());
  }

  private static void verdict(boolean holds, String aim, Object observed) {
    System.out.printf(Locale.ROOT, "  %s  %s: %s%n", holds ? "pass" : "FAIL", aim, observed);
  }

  private static double share(Result result) {
    return (double) result.rest().cpu().toMillis() / result.observed().toMillis();
  }

  private static Map<String, Number> figures(int policies, int executions, Result result) {
    Counts start = result.start();
    Counts rest = result.rest();
    double minutes = result.observed().toMillis() / 60_000.0;
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put("policies", policies);
    figures.put("finished executions", executions);
    figures.put("bytes of an execution in the API", result.executionBytes());
    figures.put("start: seconds until ready", seconds(result.ready()));
    figures.put("start: seconds until at rest", seconds(result.settled()));
    figures.put("start: CPU seconds", seconds(start.cpu()));
    figures.put("start: API writes", Counts.sum(start.writes()));
    figures.put("start: API reads and pages", Counts.sum(start.reads()));
    figures.put("start: Harbor requests", Counts.sum(start.harbor()));
    figures.put("start: reconciliations", (long) start.reconciliations());
    figures.put("start: peak resident memory, MB", megabytes(result.peakResident()));
    figures.put("rest: seconds observed", seconds(result.observed()));
    figures.put("rest: API writes", Counts.sum(rest.writes()));
    figures.put("rest: lease renewals a minute", leases(rest) / minutes);
    figures.put("rest: API reads", Counts.sum(rest.reads()));
    figures.put(
        "rest: Harbor probes a minute", rest.harbor().getOrDefault(RestMeter.PROBE, 0L) / minutes);
    figures.put("rest: Harbor requests of sweeps", sweeps(rest));
    figures.put("rest: other Harbor requests", Counts.sum(rest.unexpectedOfHarbor()));
    figures.put("rest: provider requests a minute", rest.providers() / minutes);
    figures.put("rest: reconciliations a second", rest.reconciliations() / minutes / 60);
    figures.put("rest: CPU, % of a core", share(result) * 100);
    figures.put("rest: live heap, MB", megabytes(result.liveHeap()));
    figures.put("rest: resident memory, MB", megabytes(result.resident()));
    return figures;
  }

  private static long sweeps(Counts counts) {
    return counts.harbor().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(RestMeter.SWEEP))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static long leases(Counts counts) {
    return counts.api().entrySet().stream()
        .filter(entry -> entry.getKey().matches("(PUT|PATCH|POST) leases"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static double megabytes(long bytes) {
    return bytes / 1e6;
  }
}
