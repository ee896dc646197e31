package io.goharbor.preheat.e2e.bench;

import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Pushes at a steady rate while the operator, the API server and Harbor are killed at random
 * moments. In the end every artifact that the policy wants is warm, none was at work twice at a
 * time, and nothing that was acknowledged is missing in what was stored.
 */
final class Ledger implements Bench.Benchmark {
  /**
   * How much of it.
   *
   * @param between mean time between two disturbances
   */
  record Size(int pushes, double perSecond, Duration between, long seed) {}

  private static final Size USUAL = new Size(100_000, 90, Duration.ofSeconds(60), 1);

  /** Larger than what the simulator makes real bytes of. */
  private static final long LAYER = 4_000_000;

  private static final int REPOSITORIES = 100;
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final String NAMESPACE = "default";

  @Override
  public String name() {
    return "ledger";
  }

  @Override
  public String about() {
    return "100,000 pushes while everybody is killed at random: what was lost (about half an hour;"
        + " ./bench ledger PUSHES PER_SECOND SEED)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    return run(root, List.of());
  }

  @Override
  public Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
    Size size =
        new Size(
            sizes.isEmpty() ? USUAL.pushes() : sizes.get(0),
            sizes.size() < 2 ? USUAL.perSecond() : sizes.get(1),
            USUAL.between(),
            sizes.size() < 3 ? USUAL.seed() : sizes.get(2));
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(root, root.resolve("e2e/target/bench"), kube)) {
      return run(world, kube, size);
    }
  }

  /** Runs in a world in which nothing is started yet. */
  static Map<String, Number> run(World world, EmbeddedKube kube, Size size) throws Exception {
    LedgerBook book = new LedgerBook();
    setUp(world);
    world.harbor().webhookJobs().onEnd(book::delivered);
    Instant start = Instant.now();
    Map<String, Number> figures = new LinkedHashMap<>();
    try (AutoCloseable observed =
            kube.observe(
                "/apis/" + ApiGroup.NAME + "/" + ApiGroup.VERSION,
                "preheatexecutions",
                book::changed);
        Disturbances disturbances = new Disturbances(world, kube, size.between(), size.seed())) {
      requireNonNull(observed);
      push(world, book, size, 0);
      figures.put("seconds of pushing", Duration.between(start, Instant.now()).toSeconds());
      disturbances
          .end()
          .forEach((victim, count) ->
              figures.put("kills of " + victim.name().toLowerCase(Locale.ROOT), count));
      Instant limit = Instant.now().plus(LIMIT);
      while ((world.harbor().webhookJobs().underWay() > 0
              || !book.allWarm(digest -> world.kraken().warm(digest)))
          && Instant.now().isBefore(limit)) {
        Thread.sleep(1000);
      }
      figures.put("seconds until all was warm", Duration.between(start, Instant.now()).toSeconds());
    }
    figures.putAll(book.entries(digest -> world.kraken().warm(digest)));
    return figures;
  }

  private static void setUp(World world) throws InterruptedException {
    simulators(world);
    world.startOperator();
    objects(world);
    awaitWebhooks(world);
  }

  /** What there is outside. */
  static void simulators(World world) {
    world.harbor().createProject("wanted", false);
    world.harbor().createProject("unwanted", false);
    world.harbor().server().logging(false);
    // A layer takes long, so that what is done twice is seen.
    world.kraken().downloadSpeed(LAYER / 15);
  }

  /** What the platform team declares. */
  static void objects(World world) {
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    patch(
        world,
        HarborRegistry.class,
        "main",
        "{\"spec\":{\"requestsPerSecond\":1000,\"catchUp\":{\"interval\":\"60s\"}}}");
    patch(
        world,
        P2PProvider.class,
        "kraken",
        "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":1000,\"requestsPerSecond\":1000}}}");
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName("ledger").withNamespace(NAMESPACE).build());
    policy.setSpec(
        Serialization.unmarshal(
            """
            harborRef: {name: main}
            providerRefs: [{name: kraken}]
            selector: {projects: {include: [wanted]}}
            triggers: {events: [Pushed]}
            """,
            PreheatPolicySpec.class));
    world.client().resource(policy).create();
  }

  static void awaitWebhooks(World world) throws InterruptedException {
    Instant limit = Instant.now().plusSeconds(60);
    while (world.harbor().webhookPolicies("wanted").isEmpty()
        || world.harbor().webhookPolicies("unwanted").isEmpty()) {
      if (Instant.now().isAfter(limit)) {
        throw new IllegalStateException("the webhooks were not registered");
      }
      Thread.sleep(200);
    }
  }

  /** Pushes at a steady rate, some of it wanted. */
  static void push(World world, LedgerBook book, Size size, int from) throws InterruptedException {
    Random random = new Random(size.seed());
    List<String> known = new ArrayList<>();
    Instant start = Instant.now();
    for (int i = 0; i < size.pushes(); i++) {
      long due = (long) (i * 1000 / size.perSecond());
      long ahead = due - Duration.between(start, Instant.now()).toMillis();
      if (ahead > 0) {
        Thread.sleep(ahead);
      }
      while (!world.harbor().server().running()) {
        // Who pushes tries again.
        Thread.sleep(50);
      }
      int kind = random.nextInt(20);
      int number = from + i;
      String repository = "app-" + number % REPOSITORIES;
      if (kind < 2 && !known.isEmpty()) {
        String[] place = known.get(random.nextInt(known.size())).split(" ", 2);
        world.harbor().retag("wanted", place[0], place[1], "again-" + number);
        book.pushedAgain();
      } else {
        boolean wanted = kind < 16;
        String digest =
            world
                .harbor()
                .push(
                    wanted ? "wanted" : "unwanted",
                    repository,
                    "v" + number,
                    Map.of("layer " + number, LAYER));
        book.pushed(digest, wanted);
        if (wanted) {
          known.add(repository + " " + digest);
        }
      }
    }
  }

  static void patch(World world, Class<? extends HasMetadata> kind, String name, String merge) {
    world
        .client()
        .resources(kind)
        .inNamespace(NAMESPACE)
        .withName(name)
        .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
  }
}
