package io.goharbor.preheat.e2e.bench;

import static java.util.Objects.requireNonNull;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.engine.Demand;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.TaskDirectory;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.engine.Work;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.supervision.Supervisor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * 5,000 jobs in flight on one Dragonfly Manager of three replicas, which records and remembers as
 * the real one does, in real time: how many requests and bytes it takes to notice every end, and
 * how late that is. The yardstick is one read of each job every ten seconds.
 */
final class Observe implements Bench.Benchmark {
  private static final int JOBS = 5000;
  private static final Duration ARRIVAL = Duration.ofSeconds(100);
  private static final int SHORTEST_SECONDS = 20;
  private static final int LONGEST_SECONDS = 400;
  private static final int LAYERS = 10;
  private static final long[] RECORDS = {0, 30, 90, 210, 450, 750};

  @Override
  public String name() {
    return "observe";
  }

  @Override
  public String about() {
    return "5,000 jobs in flight on one Dragonfly: requests, bytes and delay of noticing their ends"
        + " (about 9 minutes)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    try (DragonflySimulator dragonfly = new DragonflySimulator(Clock.systemUTC(), "token");
        Run run = new Run(dragonfly)) {
      dragonfly.replicas(3);
      dragonfly.server().logging(false);
      return run.measure();
    }
  }

  private static DriverSettings settings(String url) {
    P2PProviderSpec spec =
        P2PProviderSpecBuilder.builder()
            .type(P2PProviderSpec.Type.DRAGONFLY)
            .dragonfly(new P2PProviderSpec.Dragonfly(url, List.of(1)))
            .build();
    return new DriverSettings(
        "default/dragonfly",
        spec,
        new Credential.Bearer("token"),
        TlsSettings.SYSTEM,
        new HttpClients(),
        Clock.systemUTC());
  }

  private static final class Run implements TaskDirectory, AutoCloseable {
    private static final ObjectKey PROVIDER = new ObjectKey("default", "dragonfly");

    private final DragonflySimulator dragonfly;
    private final Engine engine = new Engine(this, Clock.systemUTC(), new Supervisor(_ -> {}));
    private final Map<ObjectKey, Instant> records = new ConcurrentHashMap<>();
    private final Map<ObjectKey, Long> lengths = new ConcurrentHashMap<>();
    private final ImageManifest image =
        new ImageManifest(
            "https://harbor.example.com",
            "shop",
            "web",
            "sha256:" + "0".repeat(64),
            "application/vnd.oci.image.manifest.v1+json",
            IntStream.range(0, LAYERS)
                .mapToObj(i -> new ImageManifest.Blob("sha256:%064d".formatted(i + 1), 1_000_000))
                .toList());
    private final CountDownLatch ended = new CountDownLatch(JOBS);
    private final List<Long> delays = Collections.synchronizedList(new ArrayList<>());
    private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
    private double readsEveryTenSeconds;

    Run(DragonflySimulator dragonfly) {
      this.dragonfly = dragonfly;
    }

    Map<String, Number> measure() throws InterruptedException {
      engine.probe(PROVIDER, settings(dragonfly.url()));
      long heapBefore = heap();
      long requests = dragonfly.server().requests();
      long bytes = dragonfly.server().bytesSent();
      Random random = new Random(1);
      Duration pause = ARRIVAL.dividedBy(JOBS);
      for (int i = 0; i < JOBS; i++) {
        start(random);
        Thread.sleep(pause);
      }
      long heapFull = heap();
      ended.await();
      delays.sort(null);
      Map<String, Number> figures = new LinkedHashMap<>();
      long sent = dragonfly.server().requests() - requests;
      figures.put("jobs", JOBS);
      figures.put("jobs that did not end warm", wrong.size());
      figures.put("requests", sent);
      figures.put("requests of one read per job every 10 s", (long) readsEveryTenSeconds);
      figures.put("times fewer requests", readsEveryTenSeconds / sent);
      figures.put("MB moved", (dragonfly.server().bytesSent() - bytes) / 1e6);
      figures.put("noticed after the Manager's record, s, p50", seconds(0.5));
      figures.put("noticed after the Manager's record, s, p95", seconds(0.95));
      figures.put("noticed after the Manager's record, s, max", seconds(1));
      figures.put("heap before, MB (with the simulator's)", heapBefore / 1e6);
      figures.put("heap with 5,000 in flight, MB", heapFull / 1e6);
      figures.put("heap after, MB", heap() / 1e6);
      return figures;
    }

    private void start(Random random) {
      long seconds = random.nextLong(SHORTEST_SECONDS, LONGEST_SECONDS);
      Instant now = Instant.now();
      long id =
          dragonfly
              .seed(
                  List.of(Duration.ofSeconds(seconds)),
                  image.manifestUrl(),
                  image.blobs().stream().map(ImageManifest.Blob::digest).toList())
              .getFirst();
      ObjectKey execution = new ObjectKey("bench", "run-" + id);
      records.put(execution, now.plusSeconds(record(seconds)));
      lengths.put(execution, record(seconds));
      Work work =
          new Work(
              new TaskKey(execution, "uid-" + id, "t", 1),
              new DedupKey(
                  DedupKey.Source.gone(new ObjectKey("bench", "main")),
                  PreheatExecutionSpec.Operation.PREHEAT,
                  image.fullRepository(),
                  Long.toString(id),
                  Target.DEFAULT),
              null,
              Duration.ofHours(1),
              now);
      engine.sync(
          execution,
          Map.of(
              PROVIDER,
              new Demand(
                  execution,
                  execution,
                  0,
                  now,
                  List.of(),
                  List.of(new Work.InFlight(work, Long.toString(id))))));
    }

    @Override
    public void happened(TaskEvent event) {
      if (!(event instanceof TaskEvent.Seen seen)
          || seen.observation() instanceof Observation.InProgress
          || seen.observation() instanceof Observation.NoAnswer) {
        return;
      }
      ObjectKey execution = event.key().execution();
      Instant record = requireNonNull(records.remove(execution));
      long length = requireNonNull(lengths.remove(execution));
      if (seen.observation() instanceof Observation.Finished finished) {
        delays.add(Duration.between(record, Instant.now()).toMillis());
        // What a reader every ten seconds would have asked until it had seen the same.
        synchronized (this) {
          readsEveryTenSeconds += length / 10.0 + 1;
        }
        if (finished.warmth().percent() < 100) {
          wrong.add(execution.name());
        }
      } else {
        wrong.add(execution.name() + ": " + seen.observation());
      }
      engine.sync(execution, Map.of());
      ended.countDown();
    }

    @Override
    public void wake(ObjectKey execution) {
      // None waits.
    }

    @Override
    public Stream<Work> inFlight(ObjectKey provider) {
      return Stream.empty();
    }

    @Override
    public PreheatOrder order(Work work) {
      return new PreheatOrder(
          "seed",
          image,
          null,
          null,
          new Target(Target.Scope.ALL_SEED_PEERS, null, null, null),
          Duration.ofHours(1),
          () -> PullAuthorization.ANONYMOUS);
    }

    @Override
    public void close() {
      engine.close();
    }

    private static long record(long seconds) {
      for (long at : RECORDS) {
        if (at >= seconds) {
          return at;
        }
      }
      throw new IllegalArgumentException("longer than the benchmark lasts");
    }

    private double seconds(double quantile) {
      return delays.get((int) Math.min(delays.size() - 1, quantile * delays.size())) / 1000.0;
    }

    private static long heap() {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory();
    }
  }
}
