package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.e2e.world.World;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are too large for one object: their parts, their progress, and what people do. */
class LargeRunTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final int REPOSITORIES = 8;
  private static final int ARTIFACTS = 480;
  private static final int LARGEST_OBJECT = 512 * 1024;

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static Runs runs;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    runs = new Runs(world);
    world.harbor().createProject("bulk", false);
    for (int i = 0; i < ARTIFACTS; i++) {
      String name = "bulk-" + i;
      world
          .harbor()
          .push("bulk", "app-" + i % REPOSITORIES, "v" + i / REPOSITORIES, Map.of(name, 1000L));
    }
    world.dragonfly().finishAtOnce();
    // As a Manager that was set up for such runs.
    world.dragonfly().rateLimit(1000);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    runs.patch(HarborRegistry.class, "main", "{\"spec\":{\"requestsPerSecond\":1000}}");
    for (String provider : List.of("dragonfly", "kraken")) {
      runs.patch(
          P2PProvider.class,
          provider,
          "{\"spec\":{\"limits\":{\"maxConcurrentTasks\":500,\"requestsPerSecond\":1000}}}");
    }
    runs.policy("bulk-both", policy("{name: dragonfly}, {name: kraken}"));
    runs.policy("bulk-one", policy("{name: dragonfly}"));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  void one_progress_over_parts_each_small_enough() {
    Writes writes = new Writes();
    Instant began = Instant.now();
    try (Watch watch =
        world.client().resources(PreheatExecution.class).inNamespace("default").watch(writes)) {
      assertThat(watch).isNotNull();
      runs.create("all", "policyRef: {name: bulk-both}");
      PreheatExecutionStatus status = runs.awaitPhase("all", Phase.SUCCEEDED, LONG);

      assertThat(status.message()).isEqualTo("all " + 2 * ARTIFACTS + " tasks are warm");
      assertThat(status.progress()).isEqualTo(2 * ARTIFACTS + "/" + 2 * ARTIFACTS);
      assertThat(status.warm()).isEqualTo("100%");
      assertThat(status.summary())
          .extracting(Summary::artifacts, Summary::tasks, Summary::succeeded, Summary::failed)
          .containsExactly(ARTIFACTS, 2 * ARTIFACTS, 2 * ARTIFACTS, 0);
      assertThat(status.providers())
          .extracting(PreheatExecutionStatus.ProviderProgress::succeeded)
          .containsExactly(ARTIFACTS, ARTIFACTS);
      PreheatExecutionStatus.Parts parts = requireNonNull(status.parts());
      assertThat(parts.finished()).isEqualTo(parts.total()).isGreaterThan(2);
      assertThat(status.tasks()).isNull();
    }
    assertThat(coverage("all")).hasSize(2 * ARTIFACTS);
    assertThat(new HashSet<>(coverage("all"))).hasSize(2 * ARTIFACTS);
    assertThat(writes.largest.get()).isLessThan(LARGEST_OBJECT);
    assertThat(writes.sawProgress).as("some of it was done, some was not").isTrue();
    long seconds = Duration.between(began, Instant.now()).toSeconds() + 2;
    // Its creation is one more.
    assertThat(writes.byName.values()).allMatch(count -> count <= seconds + 1);
  }

  @Test
  void a_crash_while_parts_are_made_leaves_no_artifact_out_and_takes_none_twice() throws Exception {
    // A page a second, so that the crash comes while Harbor is still being read.
    runs.patch(HarborRegistry.class, "main", "{\"spec\":{\"requestsPerSecond\":1}}");
    runs.create("crashed", "policyRef: {name: bulk-one}\nsuspend: true");
    await().atMost(LONG).until(() -> !runs.parts("crashed").isEmpty());
    assertThat(runs.status("crashed").phase()).isEqualTo(Phase.PLANNING);
    world.operator().kill();
    runs.patch(HarborRegistry.class, "main", "{\"spec\":{\"requestsPerSecond\":1000}}");
    world.startOperator();
    runs.patch(PreheatExecution.class, "crashed", "{\"spec\":{\"suspend\":false}}");

    PreheatExecutionStatus status = runs.awaitPhase("crashed", Phase.SUCCEEDED, LONG);

    assertThat(counts(status).tasks()).isEqualTo(ARTIFACTS);
    assertThat(coverage("crashed")).hasSize(ARTIFACTS);
    assertThat(new HashSet<>(coverage("crashed"))).hasSize(ARTIFACTS);
  }

  @Test
  void suspending_and_cancelling_the_whole_holds_for_its_parts() {
    runs.create("called-off", "policyRef: {name: bulk-one}\nsuspend: true");
    await()
        .atMost(LONG)
        .until(() ->
            runs.status("called-off").parts() != null
                && runs.status("called-off").parts().complete());
    assertThat(counts(runs.status("called-off")).running()).isZero();
    assertThat(counts(runs.status("called-off")).succeeded()).isZero();

    runs.patch(PreheatExecution.class, "called-off", "{\"spec\":{\"cancel\":true}}");

    PreheatExecutionStatus status = runs.awaitPhase("called-off", Phase.CANCELLED, LONG);
    assertThat(counts(status).cancelled()).isEqualTo(ARTIFACTS);
    assertThat(runs.parts("called-off"))
        .allMatch(part -> part.getStatus().effectivePhase() == Phase.CANCELLED);
  }

  @Test
  void what_failed_is_sent_again_alone_when_somebody_asks() {
    Set<String> bad = ConcurrentHashMap.newKeySet();
    world.harbor().blobs("bulk", "app-3").forEach(bad::add);
    world.dragonfly().blobFails((host, blob) -> bad.contains(blob));
    runs.policy(
        "bulk-strict", policy("{name: dragonfly}") + "executionTemplate: {backoffLimit: 0}");
    world.harbor().blobs("bulk", "app-3").forEach(this::evict);
    runs.create("partly", "policyRef: {name: bulk-strict}");
    PreheatExecutionStatus status = runs.awaitPhase("partly", Phase.PARTIALLY_SUCCEEDED, LONG);
    int failed = counts(status).failed();
    assertThat(failed).isEqualTo(ARTIFACTS / REPOSITORIES);
    assertThat(status.message()).startsWith(failed + " of " + ARTIFACTS + " tasks failed: part ");
    assertThat(runs.parts("partly").stream().flatMap(p -> p.getStatus().taskList().stream()))
        .as("of ended parts, those are kept that somebody may ask for")
        .hasSize(failed)
        .allMatch(task -> task.state() == TaskState.FAILED);

    bad.clear();
    runs.patch(
        PreheatExecution.class,
        "partly",
        "{\"metadata\":{\"annotations\":{\"preheat.goharbor.io/retry\":\"1\"}}}");

    await().atMost(LONG).until(() -> runs.status("partly").retry() != null);
    String retry = requireNonNull(runs.status("partly").retry()).execution();
    PreheatExecutionStatus again = runs.awaitPhase(retry, Phase.SUCCEEDED, LONG);
    assertThat(counts(again).tasks()).isEqualTo(failed);
    assertThat(again.taskList()).allMatch(task -> task.repository().equals("bulk/app-3"));
  }

  @Test
  void a_dry_run_of_any_size_lists_everything_and_sends_nothing() {
    int sent = world.dragonfly().preheated().size();
    runs.create("dry", "policyRef: {name: bulk-one}\ndryRun: true");

    PreheatExecutionStatus status = runs.awaitPhase("dry", Phase.SUCCEEDED, LONG);

    assertThat(status.message()).isEqualTo("dry run: " + ARTIFACTS + " tasks would be sent");
    assertThat(runs.parts("dry").stream().flatMap(p -> p.getStatus().taskList().stream()))
        .hasSize(ARTIFACTS)
        .allMatch(task -> task.state() == TaskState.PLANNED);
    assertThat(world.dragonfly().preheated()).hasSize(sent);
  }

  @Test
  void parts_go_with_their_whole() {
    runs.create("deleted", "policyRef: {name: bulk-one}\ndryRun: true");
    runs.awaitPhase("deleted", Phase.SUCCEEDED, LONG);
    assertThat(runs.parts("deleted")).isNotEmpty();
    world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withName("deleted")
        .delete();
    await().atMost(LONG).until(() -> runs.parts("deleted").isEmpty());
    assertThat(
            world
                .client()
                .resources(PreheatPolicy.class)
                .inNamespace("default")
                .withName("bulk-one")
                .get())
        .isNotNull();
  }

  private static Summary counts(PreheatExecutionStatus status) {
    return requireNonNull(status.summary());
  }

  private void evict(String blob) {
    world.dragonfly().addresses(1, true).forEach(host -> world.dragonfly().evict(host, blob));
  }

  /** Every artifact of every part, with the part's provider. */
  private static List<String> coverage(String whole) {
    return runs.parts(whole).stream()
        .flatMap(part ->
            requireNonNull(part.getSpec().artifacts()).stream()
                .map(ref ->
                    requireNonNull(part.getSpec().providerRefs()).getFirst().name()
                        + " "
                        + ref.repository()
                        + "@"
                        + ref.digest()))
        .toList();
  }

  private static String policy(String providers) {
    return """
    harborRef: {name: main}
    providerRefs: [%s]
    selector: {projects: {include: [bulk]}}
    target: {scope: AllSeedPeers}
    successfulExecutionsHistoryLimit: 20
    """
        .formatted(providers);
  }

  /** Counts the writes of each execution and remembers the size of the largest. */
  private static final class Writes implements Watcher<PreheatExecution> {
    private final Map<String, Integer> byName = new ConcurrentHashMap<>();
    private final AtomicInteger largest = new AtomicInteger();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private volatile boolean sawProgress;

    @Override
    public void eventReceived(Action action, PreheatExecution execution) {
      byName.merge(execution.getMetadata().getName(), 1, Integer::sum);
      int size = Serialization.asJson(execution).getBytes(StandardCharsets.UTF_8).length;
      largest.accumulateAndGet(size, Math::max);
      Summary summary = execution.getStatus() == null ? null : execution.getStatus().summary();
      sawProgress |=
          execution.getMetadata().getName().equals("all")
              && summary != null
              && summary.succeeded() > 0
              && summary.succeeded() < summary.tasks();
    }

    @Override
    public void onClose(WatcherException cause) {
      faults.add(String.valueOf(cause));
    }
  }
}
