package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * How many events a second the webhook takes, each answered after it is stored, beside what one
 * object for each event would reach on the same API server. The API server is a real one where
 * {@code KUBEBUILDER_ASSETS} names it.
 */
final class IngestRate implements Bench.Benchmark {
  /** As many as the webhook's server keeps connections, but for a few. */
  private static final int CALLERS = 500;

  private static final Duration TIME = Duration.ofSeconds(20);
  private static final String NAMESPACE = "default";

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public String about() {
    return "Events a second that the webhook stores, beside one object for each (about a minute)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    Path scratch = root.resolve("e2e/target/bench");
    Optional<Path> assets = RealKube.assets();
    try (Kube kube =
            assets.isPresent()
                ? RealKube.start(
                    assets.get(),
                    // Data of an earlier run would be in the way.
                    Files.createTempDirectory(Files.createDirectories(scratch), "kube"),
                    Duration.ofMinutes(2))
                : EmbeddedKube.start();
        World world = new World(root, scratch, kube)) {
      System.out.println(kube.describe());
      JsonNode target = setUp(world);
      Taken events = take(target);
      long stored = stored(world.client());
      long heap = new ProcessMemory(world.operator().handle()).liveHeap();
      double oneByOne = createOneByOne(world, "one by one");
      world.operator().kill();
      double unread = createOneByOne(world, "unread");
      double rate = events.acknowledged() * 1000.0 / TIME.toMillis();
      double[] millis = events.millis();
      Map<String, Number> figures = new LinkedHashMap<>();
      figures.put("events acknowledged", events.acknowledged());
      figures.put("events stored", stored);
      figures.put("events refused for the moment (503)", events.refused());
      figures.put("events a second", rate);
      figures.put("one object for each, a second", oneByOne);
      figures.put("times as many (at least 20)", rate / oneByOne);
      figures.put("one object for each, with no operator that reads them", unread);
      figures.put("times as many as with no operator", rate / unread);
      figures.put("milliseconds to the answer, p50", millis[millis.length / 2]);
      figures.put(
          "milliseconds to the answer, p99 (at most 1000)", millis[millis.length * 99 / 100]);
      figures.put("milliseconds to the answer, max", millis[millis.length - 1]);
      figures.put("live heap after, MB", heap / 1e6);
      return figures;
    }
  }

  /** Events a second that an operator stores which is not started yet. */
  static double rate(World world) throws InterruptedException {
    return take(setUp(world)).acknowledged() * 1000.0 / TIME.toMillis();
  }

  private record Taken(int acknowledged, int refused, double[] millis) {}

  /** Gives the target of Harbor's webhook. */
  private static JsonNode setUp(World world) throws InterruptedException {
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    Instant limit = Instant.now().plusSeconds(60);
    while (world.harbor().webhookPolicies("shop").isEmpty()) {
      if (Instant.now().isAfter(limit)) {
        throw new IllegalStateException("the webhook was not registered");
      }
      Thread.sleep(200);
    }
    // What is stored is planned at a leisurely pace: taking it is what is measured.
    world
        .client()
        .resources(HarborRegistry.class)
        .inNamespace(NAMESPACE)
        .withName("main")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"requestsPerSecond\":1,\"catchUp\":{\"interval\":\"24h\"}}}");
    Thread.sleep(3000);
    return world.harbor().webhookPolicies("shop").getFirst().path("targets").get(0);
  }

  private static Taken take(JsonNode target) throws InterruptedException {
    URI address = URI.create(target.path("address").asText());
    String authorization = target.path("auth_header").asText();
    ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
    AtomicInteger numbers = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    during(
        () -> new KeptConnection(address, authorization),
        connection -> {
          long before = System.nanoTime();
          int status = connection.post(event(numbers.incrementAndGet()));
          if (status / 100 == 2) {
            millis.add((System.nanoTime() - before) / 1e6);
          } else if (status == 503) {
            refused.incrementAndGet();
            Thread.sleep(100);
          } else {
            throw new IllegalStateException("the webhook answered " + status);
          }
        });
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return new Taken(sorted.length, refused.get(), sorted);
  }

  private static double createOneByOne(World world, String cause) throws InterruptedException {
    KubernetesClient client = world.client();
    PreheatPolicy policy =
        client.resources(PreheatPolicy.class).inNamespace(NAMESPACE).withName("shop").get();
    AtomicInteger numbers = new AtomicInteger();
    AtomicInteger created = new AtomicInteger();
    during(
        () -> () -> {},
        ignored -> {
          int number = numbers.incrementAndGet();
          client
              .resource(
                  ExecutionFactory.of(
                      policy,
                      Trigger.EVENT,
                      cause + " " + number,
                      List.of(
                          new ArtifactRef(
                              "shop/app-" + number % 50, "v" + number, digest(number)))))
              .create();
          created.incrementAndGet();
        });
    return created.get() * 1000.0 / TIME.toMillis();
  }

  /** Has all callers do something again and again for the time, each with a thing of its own. */
  private static <T extends Closeable> void during(Opening<T> opening, Call<T> call)
      throws InterruptedException {
    Instant end = Instant.now().plus(TIME);
    ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads =
        Stream.generate(() ->
                Thread.ofVirtual()
                    .start(() -> {
                      try (T own = opening.open()) {
                        while (Instant.now().isBefore(end) && failures.isEmpty()) {
                          call.run(own);
                        }
                      } catch (Exception e) {
                        failures.add(e);
                      }
                    }))
            .limit(CALLERS)
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a call failed", failures.peek());
    }
  }

  /** Artifacts in all executions. */
  private static long stored(KubernetesClient client) {
    return client
        .resources(PreheatExecution.class)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .stream()
        .mapToLong(execution ->
            execution.getSpec().artifacts() == null ? 0 : execution.getSpec().artifacts().size())
        .sum();
  }

  private interface Opening<T> {
    T open() throws IOException;
  }

  private interface Call<T> {
    void run(T own) throws IOException, InterruptedException;
  }

  private static String digest(int number) {
    return "sha256:%064x".formatted(number);
  }

  /** As Harbor sends it by default. */
  private static String event(int number) {
    String repository = "app-" + number % 50;
    return """
    {"type":"PUSH_ARTIFACT","occur_at":%d,"operator":"admin","event_data":{"resources":[{"digest":"%s",\
    "tag":"v%d","resource_url":"harbor.example.com/shop/%s:v%d"}],"repository":{"date_created":1700000000,\
    "name":"%s","namespace":"shop","repo_full_name":"shop/%s","repo_type":"private"}}}
    """
        .formatted(
            1_760_000_000L + number,
            digest(number),
            number,
            repository,
            number,
            repository,
            repository);
  }
}
