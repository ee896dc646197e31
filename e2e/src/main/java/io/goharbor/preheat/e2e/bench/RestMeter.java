package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts what the operator asks of others and what it costs. */
final class RestMeter {
  /** What was counted up to a moment; a Harbor request is named by its kind. */
  record Counts(
      Map<String, Long> api,
      Map<String, Long> harbor,
      long providers,
      double reconciliations,
      Duration cpu) {

    /** What came after an earlier moment; what did not change is left out. */
    Counts since(Counts before) {
      return new Counts(
          minus(api, before.api),
          minus(harbor, before.harbor),
          providers - before.providers,
          reconciliations - before.reconciliations,
          cpu.minus(before.cpu));
    }

    /** Writes, but for the lease by which the replicas know their leader. */
    Map<String, Long> writes() {
      return only(
          api, name -> !name.matches("(GET|WATCH|POST discovery).*") && !name.endsWith(" leases"));
    }

    /** Reads and lists. */
    Map<String, Long> reads() {
      return only(api, name -> name.startsWith("GET ") && !name.endsWith(" leases"));
    }

    /** What is neither a probe nor what the catch-up sweep does. */
    Map<String, Long> unexpectedOfHarbor() {
      return only(
          harbor,
          name -> !name.equals(PROBE) && !name.equals(BY_KRAKEN) && !name.startsWith(SWEEP));
    }

    static long sum(Map<String, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> only(Map<String, Long> counts, Predicate<String> which) {
      Map<String, Long> some = new TreeMap<>(counts);
      some.keySet().removeIf(which.negate());
      return some;
    }

    private static Map<String, Long> minus(Map<String, Long> now, Map<String, Long> before) {
      Map<String, Long> left = new TreeMap<>();
      now.forEach((name, count) -> left.put(name, count - before.getOrDefault(name, 0L)));
      left.values().removeIf(count -> count == 0);
      return left;
    }
  }

  static final String PROBE = "probe";
  static final String SWEEP = "sweep";

  /** Asked whether it holds a blob that no one has, which is its probe, Kraken asks Harbor. */
  static final String BY_KRAKEN = "Kraken's own, when probed";

  private static final Pattern RECONCILIATIONS =
      Pattern.compile("(?m)^operator_sdk_reconciliations_started_total(?:\\{[^}]*})? ([0-9.eE+]+)");

  private final World world;
  private final EmbeddedKube kube;

  RestMeter(World world, EmbeddedKube kube) {
    this.world = world;
    this.kube = kube;
  }

  Counts counts() {
    Map<String, Long> harbor = new TreeMap<>();
    for (Ask ask : world.harbor().server().log()) {
      harbor.merge(kind(ask), 1L, Long::sum);
    }
    return new Counts(kube.requests(), harbor, providerRequests(), reconciliations(), cpu());
  }

  /** Requests to Dragonfly and Kraken. */
  long providerRequests() {
    long requests = world.dragonfly().server().requests() + world.kraken().proxy().requests();
    for (int i = 0; i < world.kraken().origins(); i++) {
      requests += world.kraken().origin(i).requests();
    }
    return requests;
  }

  private static String kind(Ask ask) {
    String path = ask.rawPath();
    if (path.endsWith("/systeminfo")) {
      return PROBE;
    }
    if (path.startsWith("/v2/x/")
        || (path.equals("/service/token") && String.valueOf(ask.rawQuery()).contains("%3Ax%3A"))) {
      return BY_KRAKEN;
    }
    if (!ask.method().equals("GET")) {
      return ask.method() + " " + path;
    }
    if (path.endsWith("/webhook/policies")) {
      return SWEEP + ": webhooks of a project";
    }
    if (path.endsWith("/projects")) {
      return SWEEP + ": projects";
    }
    return path.endsWith("/artifacts") ? SWEEP + ": artifacts" : "GET " + path;
  }

  /** CPU time of the operator since its start. */
  Duration cpu() {
    return world.operator().handle().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Reconciliations of all kinds that were begun. */
  double reconciliations() {
    double all = 0;
    Matcher matcher = RECONCILIATIONS.matcher(metrics());
    while (matcher.find()) {
      all += Double.parseDouble(matcher.group(1));
    }
    return all;
  }

  /** The memory of the operator that runs now. */
  ProcessMemory memory() {
    return new ProcessMemory(world.operator().handle());
  }

  String metrics() {
    try (var stream =
        URI.create(world.operator().managementUrl() + "/metrics").toURL().openStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
