package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The queue of a provider when something around it fails: slots that cannot be used are for others,
 * and nothing waits for ever.
 */
class ProviderQueueTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path scratch;
  private EmbeddedKube kube;
  private World world;
  private Runs runs;

  @BeforeEach
  void start() throws Exception {
    kube = EmbeddedKube.start();
    world = new World(ROOT, scratch, kube);
    runs = new Runs(world);
    for (int i = 1; i <= 6; i++) {
      world.harbor().push("shop", "web", "v" + i, Map.of("web-" + i, 1000L));
    }
    world.harbor().push("shop", "api", "v1", Map.of("api", 1000L));
    world.dragonfly().jobTime(Duration.ofSeconds(130));
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    runs.patch(
        P2PProvider.class, "dragonfly", "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":2}}}");
  }

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void a_suspended_run_leaves_its_slots_to_others() throws Exception {
    create("first");
    await().atMost(SOON).until(() -> inFlight("first") == 2);

    runs.patch(PreheatExecution.class, "first", "{\"spec\":{\"suspend\":true}}");
    runs.create(
        "second",
        """
        policyRef: {name: shop}
        artifacts: [{repository: shop/api, tag: v1}]
        """);

    runs.awaitPhase("second", Phase.SUCCEEDED, SOON);
    assertThat(runs.status("first").effectivePhase().terminal()).isFalse();
    runs.patch(PreheatExecution.class, "first", "{\"spec\":{\"suspend\":false}}");
    runs.awaitPhase("first", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_job_goes_on_when_its_registry_gets_other_credentials() throws Exception {
    create("run");
    await().atMost(SOON).until(() -> running("run") == 2);

    Secret before = world.client().secrets().inNamespace("default").withName("harbor-robot").get();
    useOtherCredentials();
    world.client().resource(before).delete();

    runs.awaitPhase("run", Phase.SUCCEEDED, SOON);
  }

  @Test
  void tasks_that_cannot_be_prepared_say_so_and_start_when_they_can() {
    suspended(true);
    create("run");
    await().atMost(SOON).until(() -> runs.status("run").taskList().size() == 6);

    kube.refuse((asked, name, body) ->
        asked.resource().equals("secrets") && "harbor-robot-2".equals(name)
            ? new EmbeddedKube.Refusal(400, "BadRequest", "odd, says the test")
            : null);
    useOtherCredentials();
    suspended(false);
    await().atMost(SOON).until(() -> tasks("run", "odd, says the test") > 0);

    kube.refuse((asked, name, body) -> null);
    runs.awaitPhase("run", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_provider_that_recovers_while_harbor_is_away_is_used_again() {
    world.dragonfly().server().faults().always(Faults.on("POST", "/jobs"), Fault.status(503, "no"));
    create("run");
    // The third opened the circuit breaker, and a good probe half opens it.
    Predicate<Ask> submits = Faults.on("POST", "/jobs");
    await().atMost(SOON).until(() -> world.dragonfly().server().log(submits).size() > 3);

    // What it lets through now fails before it gets there.
    world.harbor().server().faults().always(ask -> true, Fault.status(503, "away, says the test"));
    world.dragonfly().server().faults().clear();
    await().atMost(SOON).until(() -> tasks("run", "away, says the test") > 0);

    world.harbor().server().faults().clear();
    runs.awaitPhase("run", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_slow_harbor_keeps_no_job_of_another_from_being_seen() throws Exception {
    try (HarborSimulator slow = new HarborSimulator(Clock.systemUTC(), 0.02)) {
      slow.addRobot("robot$preheat", World.ROBOT_SECRET);
      slow.createProject("slow", false);
      for (int i = 1; i <= 20; i++) {
        slow.push("slow", "app-" + i, "v1", Map.of("slow-" + i, 1000L));
      }
      registry("slow", slow.url());
      runs.patch(
          P2PProvider.class, "dragonfly", "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":40}}}");
      // Long enough to be under way when the operator is started again.
      world.dragonfly().jobTime(Duration.ofSeconds(330));
      runs.create(
          "slow",
          spec(
              "harborRef: {name: slow}\nproviderRefs: [{name: dragonfly}]",
              20,
              i -> "{repository: slow/app-" + i + ", tag: v1}"));
      create("fast");
      await().atMost(SOON).until(() -> running("slow") == 20 && running("fast") == 6);

      world.operator().kill();
      slow.server()
          .faults()
          .always(ProviderQueueTest::ofOperator, new Fault.Delay(Duration.ofSeconds(8)));
      world.startOperator();

      runs.awaitPhase("fast", Phase.SUCCEEDED, SOON);
    }
  }

  /** The simulated peers pull with the JDK's client, and are not slowed down. */
  private static boolean ofOperator(Ask ask) {
    return ask.header("user-agent").orElse("").startsWith("okhttp");
  }

  private void suspended(boolean is) {
    runs.patch(P2PProvider.class, "dragonfly", "{\"spec\":{\"suspend\":" + is + "}}");
  }

  private void useOtherCredentials() {
    Secret before = world.client().secrets().inNamespace("default").withName("harbor-robot").get();
    world
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("harbor-robot-2")
                .withNamespace("default")
                .endMetadata()
                .withType(before.getType())
                .withData(before.getData())
                .build())
        .create();
    runs.patch(
        HarborRegistry.class,
        "main",
        "{\"spec\":{\"credentialsSecretRef\":{\"name\":\"harbor-robot-2\"}}}");
  }

  private void registry(String name, String url) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    registry.setSpec(
        Serialization.unmarshal(
            "url: " + url + "\ncredentialsSecretRef: {name: harbor-robot}",
            HarborRegistrySpec.class));
    world.client().resource(registry).create();
  }

  private static String spec(String refs, int artifacts, IntFunction<String> artifact) {
    return refs
        + "\nartifacts: ["
        + IntStream.rangeClosed(1, artifacts).mapToObj(artifact).collect(Collectors.joining(", "))
        + "]";
  }

  /** How many of its tasks say that. */
  private long tasks(String name, String message) {
    return runs.status(name).taskList().stream()
        .filter(task -> task.message() != null && task.message().contains(message))
        .count();
  }

  private void create(String name) {
    runs.create(
        name, spec("policyRef: {name: shop}", 6, i -> "{repository: shop/web, tag: v" + i + "}"));
  }

  private long inFlight(String name) {
    return runs.status(name).taskList().stream().filter(task -> task.state().inFlight()).count();
  }

  private long running(String name) {
    return runs.status(name).taskList().stream()
        .filter(task -> task.state() == TaskState.RUNNING)
        .count();
  }
}
