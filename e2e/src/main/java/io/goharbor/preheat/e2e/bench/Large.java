package io.goharbor.preheat.e2e.bench;

import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One run of very many artifacts: how long it takes to find them and to make them warm, how large
 * its objects become, what it writes, and how much memory the operator needs. Kraken's origins are
 * the peers, since they answer for a blob at once; a Dragonfly Manager would be what is measured.
 */
final class Large implements Bench.Benchmark {
  private static final int ARTIFACTS = 50_000;
  private static final int REPOSITORIES = 250;
  private static final String HEAP = "256m";
  private static final Duration LIMIT = Duration.ofMinutes(45);
  private static final String NAMESPACE = "default";
  private static final String RUN = "everything";

  @Override
  public String name() {
    return "large";
  }

  @Override
  public String about() {
    return "One run of 50,000 artifacts in a heap of 256 MB: time, sizes, writes, memory (about 12"
        + " minutes; ./bench large ARTIFACTS)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    return run(root, List.of());
  }

  @Override
  public Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
    int artifacts = sizes.isEmpty() ? ARTIFACTS : sizes.getFirst();
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(root, root.resolve("e2e/target/bench"), kube)) {
      fill(world, artifacts);
      world.operator().heap(HEAP);
      world.startOperator();
      setUp(world);
      return measure(world, kube, artifacts);
    }
  }

  private static void fill(World world, int artifacts) {
    world.harbor().createProject("bulk", false);
    for (int i = 0; i < artifacts; i++) {
      world
          .harbor()
          .push(
              "bulk",
              "app-" + i % REPOSITORIES,
              "v" + i / REPOSITORIES,
              Map.of("layer " + i, 5_000_000L));
    }
  }

  private static void setUp(World world) throws InterruptedException {
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    patch(world, HarborRegistry.class, "main", "{\"spec\":{\"requestsPerSecond\":1000}}");
    patch(
        world,
        P2PProvider.class,
        "kraken",
        "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":500,\"requestsPerSecond\":1000}}}");
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName("bulk").withNamespace(NAMESPACE).build());
    policy.setSpec(
        Serialization.unmarshal(
            """
            harborRef: {name: main}
            providerRefs: [{name: kraken}]
            selector: {projects: {include: [bulk]}}
            """,
            PreheatPolicySpec.class));
    world.client().resource(policy).create();
    Thread.sleep(Duration.ofSeconds(5));
  }

  private static Map<String, Number> measure(World world, EmbeddedKube kube, int artifacts)
      throws Exception {
    RestMeter meter = new RestMeter(world, kube);
    Sizes sizes = new Sizes();
    long writes = kube.writes();
    Instant start = Instant.now();
    try (Watch watch =
        world.client().resources(PreheatExecution.class).inNamespace(NAMESPACE).watch(sizes)) {
      requireNonNull(watch);
      PreheatExecution run = new PreheatExecution();
      run.setMetadata(new ObjectMetaBuilder().withName(RUN).withNamespace(NAMESPACE).build());
      run.setSpec(PreheatExecutionSpec.ofPolicy("bulk", null, PreheatExecutionSpec.Trigger.MANUAL));
      world.client().resource(run).create();
      Duration planned = null;
      PreheatExecutionStatus status = PreheatExecutionStatus.EMPTY;
      while (!status.effectivePhase().terminal()) {
        if (Duration.between(start, Instant.now()).compareTo(LIMIT) > 0) {
          throw new IllegalStateException("not ended within " + LIMIT + ": " + status.message());
        }
        Thread.sleep(2000);
        status = status(world);
        if (planned == null && status.parts() != null && status.parts().complete()) {
          planned = Duration.between(start, Instant.now());
        }
        System.out.printf(
            Locale.ROOT,
            "\r%5d s  %-10s %14s  %5s  %8s left ",
            Duration.between(start, Instant.now()).toSeconds(),
            status.phase(),
            Objects.requireNonNullElse(status.progress(), ""),
            Objects.requireNonNullElse(status.warm(), ""),
            Objects.requireNonNullElse(status.remaining(), "?"));
        // The simulators write down each request.
        world.harbor().server().clearLog();
      }
      System.out.println();
      Duration took = Duration.between(start, Instant.now());
      return figures(artifacts, status, planned, took, kube.writes() - writes, sizes, meter);
    }
  }

  private static Map<String, Number> figures(
      int artifacts,
      PreheatExecutionStatus status,
      @Nullable Duration planned,
      Duration took,
      long writes,
      Sizes sizes,
      RestMeter meter)
      throws Exception {
    PreheatExecutionStatus.Summary counts = requireNonNull(status.summary());
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put("artifacts", artifacts);
    figures.put("tasks that ended warm", counts.succeeded());
    figures.put("tasks that did not", counts.tasks() - counts.succeeded());
    figures.put("parts", requireNonNull(status.parts()).total());
    figures.put("seconds until planned", planned == null ? -1 : planned.toMillis() / 1000.0);
    figures.put("seconds until warm", took.toMillis() / 1000.0);
    figures.put("artifacts per minute", counts.succeeded() * 60_000.0 / took.toMillis());
    figures.put("largest object, KiB (at most 512)", sizes.largest() / 1024.0);
    figures.put("API writes per artifact", (double) writes / artifacts);
    figures.put("writes of the run itself per second", sizes.of(RUN) * 1000.0 / took.toMillis());
    figures.put("live heap after, MB", meter.memory().liveHeap() / 1e6);
    figures.put("peak resident memory, MB", meter.memory().resident("VmHWM") / 1e6);
    return figures;
  }

  private static PreheatExecutionStatus status(World world) {
    PreheatExecution run =
        world.client().resources(PreheatExecution.class).inNamespace(NAMESPACE).withName(RUN).get();
    return run.getStatus() == null ? PreheatExecutionStatus.EMPTY : run.getStatus();
  }

  private static void patch(
      World world, Class<? extends HasMetadata> kind, String name, String merge) {
    world
        .client()
        .resources(kind)
        .inNamespace(NAMESPACE)
        .withName(name)
        .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
  }

  /** Sizes and numbers of writes, as a watch sees them. */
  private static final class Sizes implements Watcher<PreheatExecution> {
    private final Map<String, Integer> largest = new ConcurrentHashMap<>();
    private final Map<String, Integer> writes = new ConcurrentHashMap<>();

    @Override
    public void eventReceived(Action action, PreheatExecution execution) {
      String name = execution.getMetadata().getName();
      int size = Serialization.asJson(execution).getBytes(StandardCharsets.UTF_8).length;
      largest.merge(name, size, Math::max);
      writes.merge(name, 1, Integer::sum);
    }

    @Override
    public void onClose(WatcherException cause) {
      throw new IllegalStateException("the watch was closed", cause);
    }

    int largest() {
      return largest.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    int of(String name) {
      return writes.getOrDefault(name, 0);
    }
  }
}
