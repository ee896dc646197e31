package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a webhook, and while everybody goes away once, all that should be warm becomes warm. */
class CatchUpTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(120);

  @Test
  void outages_and_changes_that_nobody_tells_of_leave_nothing_cold(@TempDir Path scratch)
      throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(ROOT, scratch, kube)) {
      Runs runs = new Runs(world);
      world.harbor().createProject("sweep", false);
      world.harbor().createProxyCache("hub");
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      runs.patch(
          HarborRegistry.class,
          "main",
          "{\"spec\":{\"catchUp\":{\"interval\":\"30s\"},\"webhook\":null}}");
      runs.policy("releases", policy("tags: {include: ['v*']}"));
      runs.policy("labelled", policy("labels: {all: [prod]}"));
      List<String> wanted = new ArrayList<>();

      wanted.add(push(world, "first", "v1"));
      push(world, "promoted", "build-1");
      push(world, "labelled", "build-1");
      wanted.add(world.harbor().pullThrough("hub", "nginx", "v1.27", Map.of("nginx", 1000L)));
      await().atMost(SOON).until(() -> found(world).containsAll(wanted));
      // What is stored but not yet counted when it is killed is never counted.
      await().atMost(SOON).until(() -> counted(world) == wanted.size());

      world.operator().kill();
      wanted.add(push(world, "operator-away", "v1"));
      world.harbor().tagInConsole("sweep", "promoted", "build-1", "v1");
      wanted.add(push(world, "promoted", "build-1"));
      world.startOperator();
      await().atMost(SOON).until(() -> found(world).containsAll(wanted));

      kube.kill();
      wanted.add(push(world, "api-server-away", "v1"));
      world.harbor().addLabel("sweep", "labelled", "build-1", "prod");
      wanted.add(push(world, "labelled", "build-1"));
      Thread.sleep(2000);
      kube.revive();
      wanted.add(push(world, "before-harbor-goes", "v1"));
      world.harbor().server().stop();
      Thread.sleep(2000);
      world.harbor().server().start();
      wanted.add(push(world, "harbor-back", "v1"));
      await().atMost(SOON).until(() -> found(world).containsAll(wanted));

      assertThat(found(world)).as("each once").containsExactlyInAnyOrderElementsOf(wanted);
      await().atMost(SOON).until(() -> allSucceeded(world));
      await().atMost(SOON).until(() -> counted(world) == wanted.size());
      assertThat(metrics(world)).containsPattern("preheat_catchup_missed_total\\{.*} [1-9]");
    }
  }

  private static String push(World world, String repository, String tag) {
    return world.harbor().push("sweep", repository, tag, Map.of(repository, 1000L));
  }

  private static String policy(String selector) {
    return """
    harborRef: {name: main}
    providerRefs: [{name: dragonfly}]
    selector: {projects: {include: [sweep, hub]}, %s}
    triggers: {events: [Pushed, Labeled]}
    target: {scope: SingleSeedPeer}
    successfulExecutionsHistoryLimit: 100
    """
        .formatted(selector);
  }

  private static List<PreheatExecution> sweeps(World world) {
    return world.executions().stream()
        .filter(execution -> execution.getSpec().effectiveTrigger() == Trigger.CATCH_UP)
        .toList();
  }

  private static List<String> found(World world) {
    return sweeps(world).stream()
        .flatMap(execution -> requireNonNull(execution.getSpec().artifacts()).stream())
        .map(ArtifactRef::digest)
        .map(String::valueOf)
        .toList();
  }

  private static boolean allSucceeded(World world) {
    return sweeps(world).stream()
        .allMatch(execution ->
            execution.getStatus() != null
                && execution.getStatus().effectivePhase() == Phase.SUCCEEDED);
  }

  /** What the registry's status tells of missed artifacts. */
  private static long counted(World world) {
    CatchUpStatus sweep = requireNonNull(world.registry().get()).getStatus().catchUp();
    return sweep == null || sweep.missedArtifacts() == null ? 0 : sweep.missedArtifacts();
  }

  private static String metrics(World world) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(world.operator().managementUrl() + "/metrics"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
