package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who uses the operator as it is meant, in a namespace of his own with a Harbor, a Kraken and a
 * Dragonfly that others may use too. How long he waits is what an attack is measured by.
 */
final class Victim implements AutoCloseable {
  /** How much longer he may wait while somebody else attacks. */
  static final double MOST = 1.5;

  /** Measured again when the first figures say no: others may have used the machine meanwhile. */
  private static final int TRIES = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final SharedCluster cluster;
  private final Map<String, Long> warm = new ConcurrentHashMap<>();
  private final AtomicInteger number = new AtomicInteger();
  private final SharedIndexInformer<PreheatExecution> informer;

  Victim(SharedCluster cluster) {
    this.cluster = cluster;
    World world = cluster.world();
    world.harbor().createProject("bulk", false);
    cluster.secret(
        SharedCluster.PLATFORM,
        "harbor-robot",
        Map.of("username", utf8("robot$preheat"), "password", utf8(World.ROBOT_SECRET)));
    cluster.secret(SharedCluster.PLATFORM, "harbor-webhook", "authorization", World.WEBHOOK_SECRET);
    cluster.secret(SharedCluster.PLATFORM, "dragonfly-token", "token", World.DRAGONFLY_TOKEN);
    cluster.create(
        SharedCluster.PLATFORM,
        "HarborRegistry",
        "main",
        """
        url: "%s"
        credentialsSecretRef: {name: harbor-robot}
        requestsPerSecond: 200
        webhook:
          authorizationSecretRef: {name: harbor-webhook, key: authorization}
          registration: {address: "%s", projects: [shop]}
        """
            .formatted(world.harbor().url(), world.operator().webhookUrl()));
    cluster.create(
        SharedCluster.PLATFORM,
        "P2PProvider",
        "kraken",
        """
        type: Kraken
        kraken: {originURL: "%s"}
        limits: {requestsPerSecond: 100}
        """
            .formatted(world.kraken().originUrl()));
    cluster.create(
        SharedCluster.PLATFORM,
        "P2PProvider",
        "shared",
        """
        type: Dragonfly
        dragonfly: {url: "%s", schedulerClusterIDs: [1]}
        auth: {type: Bearer, secretRef: {name: dragonfly-token, key: token}}
        limits: {requestsPerSecond: 100}
        allowedNamespaces: {from: All}
        """
            .formatted(world.dragonfly().url()));
    cluster.create(
        SharedCluster.PLATFORM,
        "PreheatPolicy",
        "shop",
        """
        harborRef: {name: main}
        providerRefs: [{name: kraken}]
        selector: {projects: {include: [shop]}}
        triggers: {events: [Pushed]}
        target: {scope: AllSeedPeers}
        """);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(world.harbor().webhookPolicies("shop")).as(this::describe).hasSize(1);
          for (String[] object :
              new String[][] {
                {"P2PProvider", "kraken"}, {"P2PProvider", "shared"}, {"PreheatPolicy", "shop"}
              }) {
            assertThat(
                    cluster
                        .condition(SharedCluster.PLATFORM, object[0], object[1], "Ready")
                        .path("status")
                        .asText())
                .as(object[1])
                .isEqualTo("True");
          }
        });
    this.informer =
        cluster
            .client()
            .resources(PreheatExecution.class)
            .inNamespace(SharedCluster.PLATFORM)
            .inform(new Warmth());
    // So that the first figures are not those of code that is new to the processor.
    var _ = warm(3);
  }

  private final class Warmth implements ResourceEventHandler<PreheatExecution> {
    @Override
    public void onAdd(PreheatExecution execution) {
      if (execution.getStatus() != null) {
        for (TaskStatus task : execution.getStatus().taskList()) {
          if (task.state() == TaskState.SUCCEEDED) {
            warm.putIfAbsent(task.artifact(), System.nanoTime());
          }
        }
      }
    }

    @Override
    public void onUpdate(PreheatExecution before, PreheatExecution after) {
      onAdd(after);
    }

    @Override
    public void onDelete(PreheatExecution execution, boolean unknown) {}
  }

  private static byte[] utf8(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private String describe() {
    return cluster.read(SharedCluster.PLATFORM, "HarborRegistry", "main")
        + "\n"
        + cluster.world().operator().output();
  }

  /** Pushes images one after the other; how long each took to be warm, in milliseconds. */
  List<Long> warm(int images) {
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      String name = "app-" + number.incrementAndGet();
      long begin = System.nanoTime();
      cluster.world().harbor().push("shop", name, "1", Map.of("layer " + name, 4_000_000L));
      took.add(millis(begin, awaitWarm("shop/" + name + ":1")));
    }
    return took;
  }

  /**
   * Has images preheated at the provider that all share, at once; how long each took to be warm, in
   * milliseconds.
   */
  List<Long> warmOnShared(int images) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      String name = "shared-" + number.incrementAndGet();
      cluster.world().harbor().push("bulk", name, "1", Map.of("layer " + name, 4_000_000L));
      names.add("bulk/" + name);
    }
    long begin = System.nanoTime();
    cluster.create(
        SharedCluster.PLATFORM,
        "PreheatExecution",
        "shared-" + number.incrementAndGet(),
        "{harborRef: {name: main}, providerRefs: [{name: shared}], target: {scope: AllSeedPeers},"
            + " artifacts: [%s]}"
                .formatted(
                    names.stream()
                        .map(name -> "{repository: %s, tag: '1'}".formatted(name))
                        .collect(java.util.stream.Collectors.joining(", "))));
    return names.stream().map(name -> millis(begin, awaitWarm(name + ":1"))).toList();
  }

  /** The moment at which an artifact of the namespace was told to be warm. */
  long awaitWarm(String artifact) {
    return await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(PATIENCE)
        .until(() -> warm.getOrDefault(artifact, 0L), moment -> moment != 0);
  }

  /** Creates registries one after the other; how long each took to be ready, in milliseconds. */
  List<Long> ready(int registries) {
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < registries; i++) {
      String name = "another-" + number.incrementAndGet();
      long begin = System.nanoTime();
      cluster.create(
          SharedCluster.PLATFORM,
          "HarborRegistry",
          name,
          "{url: '%s', credentialsSecretRef: {name: harbor-robot}}"
              .formatted(cluster.world().harbor().url()));
      await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE).until(() -> isReady(name));
      took.add(millis(begin, System.nanoTime()));
    }
    return took;
  }

  private boolean isReady(String name) {
    HarborRegistry found =
        cluster
            .client()
            .resources(HarborRegistry.class)
            .inNamespace(SharedCluster.PLATFORM)
            .withName(name)
            .get();
    return found.getStatus() != null && Conditions.isTrue(found.getStatus().conditions(), "Ready");
  }

  /** Something that takes him time. */
  @FunctionalInterface
  interface Doing {
    /** How long each of so many took, in milliseconds. */
    List<Long> of(int count);
  }

  /**
   * Fails when he waits longer while he is attacked than before and after.
   *
   * @param begin begins the attack
   * @param end ends it
   */
  void checkAsQuick(String what, Doing doing, int count, Runnable begin, Runnable end) {
    List<String> seen = new ArrayList<>();
    double best = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && best > MOST; i++) {
      List<Long> calm = new ArrayList<>(doing.of(count));
      List<Long> attacked;
      try {
        begin.run();
        attacked = doing.of(count);
      } finally {
        end.run();
      }
      calm.addAll(doing.of(count));
      double ratio = mean(attacked) / mean(calm);
      best = Math.min(best, ratio);
      seen.add("calm %s, attacked %s: %.2f".formatted(calm, attacked, ratio));
    }
    System.out.println(what + ": " + seen);
    assertThat(best).as("%s: %s", what, seen).isLessThanOrEqualTo(MOST);
  }

  /** Not the median, which does not see that one waited for a minute. */
  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  private static long millis(long begin, long end) {
    return Duration.ofNanos(end - begin).toMillis();
  }

  @Override
  public void close() {
    informer.stop();
  }
}
