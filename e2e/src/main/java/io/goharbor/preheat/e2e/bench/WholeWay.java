package io.goharbor.preheat.e2e.bench;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The complete loop: a push to the simulated Harbor, its webhook, the execution, Kraken's origins,
 * the status. The operator runs in its own process with the defaults of its resources; the
 * simulators finish at once.
 */
final class WholeWay implements Bench.Benchmark {
  private static final int ARTIFACTS = 600;
  private static final int WARM_UP = 60;

  /** What Harbor's own preheating reaches at its best: ten workers that look every ten seconds. */
  private static final double HARBOR_PER_MINUTE = 60;

  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Override
  public String name() {
    return "whole-way";
  }

  @Override
  public String about() {
    return "Artifacts preheated per minute from push to verified warm, with default settings";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(root, root.resolve("e2e/target/bench"), kube)) {
      world.startOperator();
      world.applyAsIs("quickstart-dragonfly.yaml");
      world.applyAsIs("quickstart-kraken.yaml");
      // Dragonfly's Manager takes ten jobs a second by its own limit; what is measured here is the
      // operator, so only the policy for Kraken stays.
      world
          .client()
          .resources(PreheatPolicy.class)
          .inNamespace("default")
          .withName("shop")
          .delete();
      // Kept long enough to be read; the default keeps three.
      world
          .client()
          .resources(PreheatPolicy.class)
          .inNamespace("default")
          .withName("shop-kraken")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"successfulExecutionsHistoryLimit\":1000}}");
      await(() -> ready(world));
      push(world, "warm-up", WARM_UP);
      await(() -> warm(world, "warm-up").size() == WARM_UP);
      long writesBefore = kube.writes();
      Instant start = Instant.now();
      Map<String, Instant> pushed = push(world, "run", ARTIFACTS);
      await(() -> warm(world, "run").size() == ARTIFACTS);
      Map<String, Instant> warm = warm(world, "run");
      Duration took =
          Duration.between(start, warm.values().stream().max(Instant::compareTo).orElseThrow());
      long writes = kube.writes() - writesBefore;
      double[] millis =
          pushed.entrySet().stream()
              .mapToDouble(
                  entry -> Duration.between(entry.getValue(), warm.get(entry.getKey())).toMillis())
              .sorted()
              .toArray();
      double perMinute = ARTIFACTS * 60_000.0 / took.toMillis();
      Map<String, Number> figures = new LinkedHashMap<>();
      figures.put("artifacts", ARTIFACTS);
      figures.put("artifactsPerMinute", perMinute);
      figures.put("timesHarborsBest", perMinute / HARBOR_PER_MINUTE);
      figures.put("pushToWarmMillisP50", millis[millis.length / 2]);
      figures.put("pushToWarmMillisP99", millis[millis.length * 99 / 100]);
      figures.put("apiWritesPerArtifact", (double) writes / ARTIFACTS);
      return figures;
    }
  }

  private static Map<String, Instant> push(World world, String prefix, int count) {
    Map<String, Instant> times = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = prefix + "-" + i;
      times.put("shop/" + name + ":1", Instant.now());
      world.harbor().push("shop", name, "1", Map.of("layer " + name, 5_000_000L));
    }
    return times;
  }

  private static Map<String, Instant> warm(World world, String prefix) {
    Map<String, Instant> warm = new HashMap<>();
    for (PreheatExecution execution :
        world.client().resources(PreheatExecution.class).inAnyNamespace().list().getItems()) {
      if (execution.getStatus() == null) {
        continue;
      }
      for (TaskStatus task : execution.getStatus().taskList()) {
        if (task.state() == TaskState.SUCCEEDED
            && task.completionTime() != null
            && task.artifact().startsWith("shop/" + prefix)) {
          warm.put(task.artifact(), task.completionTime());
        }
      }
    }
    return warm;
  }

  private static boolean ready(World world) {
    P2PProvider kraken =
        world.client().resources(P2PProvider.class).inNamespace("default").withName("kraken").get();
    PreheatPolicy policy =
        world
            .client()
            .resources(PreheatPolicy.class)
            .inNamespace("default")
            .withName("shop-kraken")
            .get();
    return kraken.getStatus() != null
        && Conditions.isTrue(kraken.getStatus().conditions(), "Ready")
        && policy.getStatus() != null
        && Conditions.isTrue(policy.getStatus().conditions(), "Ready")
        && !world.harbor().webhookPolicies("shop").isEmpty();
  }

  private interface Observation {
    boolean seen();
  }

  private static void await(Observation observation) throws InterruptedException {
    Instant until = Instant.now().plus(LIMIT);
    while (!observation.seen()) {
      if (Instant.now().isAfter(until)) {
        throw new IllegalStateException("not observed within " + LIMIT);
      }
      Thread.sleep(200);
    }
  }
}
