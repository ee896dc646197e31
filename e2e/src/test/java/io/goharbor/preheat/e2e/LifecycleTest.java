package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of a run when that changes on which it stands. docs/executions.md tells the same.
 */
class LifecycleTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static Runs runs;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    runs = new Runs(world);
    world.harbor().createProject("life", false);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    await().atMost(SOON).until(() -> ready(P2PProvider.class, "dragonfly"));
    await().atMost(SOON).until(() -> ready(P2PProvider.class, "kraken"));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  void a_policy_that_is_edited_counts_for_the_next_run() {
    push("edited", "1.0");
    push("other", "1.0");
    runs.policy("edited", policy("edited", "{scope: AllSeedPeers}"));
    runs.create("before-edit", "policyRef: {name: edited}\nsuspend: true");
    awaitPlanned("before-edit");

    runs.patch(
        PreheatPolicy.class,
        "edited",
        "{\"spec\":{\"selector\":{\"repositories\":{\"include\":[\"other\"]}},"
            + "\"target\":{\"scope\":\"SingleSeedPeer\"}}}");
    resume("before-edit");

    PreheatExecutionStatus status = runs.awaitPhase("before-edit", Phase.SUCCEEDED, SOON);
    assertThat(status.taskList()).extracting(TaskStatus::repository).containsOnly("life/edited");
    assertThat(requireNonNull(status.settings()).policyGeneration()).isEqualTo(1);
    world
        .harbor()
        .blobs("life", "edited")
        .forEach(blob -> assertThat(world.dragonfly().holders(blob)).hasSizeGreaterThan(1));

    runs.create("after-edit", "policyRef: {name: edited}");
    PreheatExecutionStatus next = runs.awaitPhase("after-edit", Phase.SUCCEEDED, SOON);
    assertThat(next.taskList()).extracting(TaskStatus::repository).containsOnly("life/other");
    assertThat(requireNonNull(next.settings()).policyGeneration()).isEqualTo(2);
  }

  @Test
  void a_policy_that_is_deleted_is_not_missed_by_a_run_that_was_planned() {
    push("orphan", "1.0");
    runs.policy("orphan", policy("orphan", "{scope: AllSeedPeers}"));
    runs.create("planned-orphan", "policyRef: {name: orphan}\nsuspend: true");
    awaitPlanned("planned-orphan");

    delete(PreheatPolicy.class, "orphan");
    runs.create("late-orphan", "policyRef: {name: orphan}");
    resume("planned-orphan");

    runs.awaitPhase("planned-orphan", Phase.SUCCEEDED, SOON);
    await().atMost(SOON).until(() -> stalled("late-orphan"));
    assertThat(ready("late-orphan").getReason()).isEqualTo("PolicyNotFound");

    runs.policy("orphan", policy("orphan", "{scope: AllSeedPeers}"));
    runs.awaitPhase("late-orphan", Phase.SUCCEEDED, SOON);
  }

  @Test
  void what_a_policy_started_goes_with_it_and_frees_its_places() {
    slowJobs();
    try {
      runs.policy(
          "owner", policy("owned", "{scope: AllSeedPeers}") + "triggers: {events: [Pushed]}\n");
      push("owned", "1.0");
      await()
          .atMost(SOON)
          .until(() -> ofPolicy("owner").stream().anyMatch(LifecycleTest::hasRunningTask));

      delete(PreheatPolicy.class, "owner");

      await().atMost(SOON).until(() -> ofPolicy("owner").isEmpty());
      await().atMost(SOON).until(() -> running("dragonfly") == 0);
    } finally {
      world.dragonfly().jobTime(Duration.ZERO);
    }
  }

  @Test
  void a_provider_that_is_deleted_holds_its_own_tasks_until_it_is_back() {
    push("split", "1.0");
    runs.create("two-providers", both("split") + "suspend: true");
    awaitPlanned("two-providers");
    delete(P2PProvider.class, "kraken");

    resume("two-providers");
    await().atMost(SOON).until(() -> stalled("two-providers"));

    PreheatExecutionStatus status = runs.status("two-providers");
    assertThat(status.phase()).isEqualTo(Phase.RUNNING);
    assertThat(status.taskList())
        .extracting(TaskStatus::provider, TaskStatus::state)
        .containsExactlyInAnyOrder(
            tuple("default/dragonfly", TaskState.SUCCEEDED),
            tuple("default/kraken", TaskState.WAITING));
    assertThat(ready("two-providers").getReason()).isEqualTo("ProviderNotFound");
    assertThat(ready("two-providers").getMessage()).contains("P2PProvider kraken");

    bringBack("quickstart-kraken.yaml", P2PProvider.class);
    runs.awaitPhase("two-providers", Phase.SUCCEEDED, SOON);
  }

  @Test
  void a_registry_that_is_deleted_holds_the_run_until_it_is_back() {
    push("unregistered", "1.0");
    runs.create("no-harbor", one("unregistered") + "suspend: true");
    awaitPlanned("no-harbor");
    delete(HarborRegistry.class, "main");
    await().atMost(SOON).until(() -> world.registry().get() == null);

    resume("no-harbor");
    await().atMost(SOON).until(() -> stalled("no-harbor"));
    assertThat(ready("no-harbor").getReason()).isEqualTo("RegistryNotFound");
    assertThat(runs.status("no-harbor").taskList()).hasSize(1);

    bringBack("quickstart-dragonfly.yaml", HarborRegistry.class);
    runs.awaitPhase("no-harbor", Phase.SUCCEEDED, SOON);
  }

  @Test
  void an_artifact_that_is_deleted_before_it_is_sent_fails_for_good() {
    String digest = push("deleted", "1.0");
    runs.create("too-late", one("deleted") + "suspend: true");
    awaitPlanned("too-late");
    world.harbor().delete("life", "deleted", digest);

    resume("too-late");

    PreheatExecutionStatus status = runs.awaitPhase("too-late", Phase.FAILED, SOON);
    TaskStatus task = status.taskList().getFirst();
    assertThat(task.reason()).as(task.message()).isEqualTo(Reason.ARTIFACT_NOT_FOUND);
    assertThat(task.attempts()).as("another try would find nothing either").isEqualTo(1);
    assertThat(task.message()).contains("manifest unknown");
  }

  @Test
  void a_tag_that_moves_after_planning_does_not_move_the_run() {
    String planned = push("moving", "1.0");
    runs.create("planned-digest", one("moving") + "suspend: true");
    awaitPlanned("planned-digest");
    world.harbor().push("life", "moving", "1.0", Map.of("something else", 2000L));

    resume("planned-digest");

    PreheatExecutionStatus status = runs.awaitPhase("planned-digest", Phase.SUCCEEDED, SOON);
    assertThat(status.taskList()).extracting(TaskStatus::digest).containsExactly(planned);
    Set<String> all = world.harbor().blobs("life", "moving");
    assertThat(all.stream().filter(blob -> !world.dragonfly().holders(blob).isEmpty()).count())
        .as("the blobs of one of the two images")
        .isBetween(1L, all.size() - 1L);
  }

  @Test
  void a_run_that_is_cancelled_ends_at_once_and_leaves_no_record_at_the_provider() {
    slowJobs();
    try {
      push("unwanted", "1.0");
      runs.create("cancelled", one("unwanted"));
      await()
          .atMost(SOON)
          .until(() ->
              runs.status("cancelled").taskList().stream()
                  .anyMatch(task -> task.state() == TaskState.RUNNING));
      assertThat(world.dragonfly().preheated()).anyMatch(url -> url.contains("/life/unwanted/"));

      runs.patch(PreheatExecution.class, "cancelled", "{\"spec\":{\"cancel\":true}}");

      PreheatExecutionStatus status = runs.awaitPhase("cancelled", Phase.CANCELLED, SOON);
      assertThat(requireNonNull(status.summary()).cancelled()).isEqualTo(1);
      await()
          .atMost(SOON)
          .until(() ->
              world.dragonfly().preheated().stream()
                  .noneMatch(url -> url.contains("/life/unwanted/")));
      await().atMost(SOON).until(() -> running("dragonfly") == 0);
    } finally {
      world.dragonfly().jobTime(Duration.ZERO);
    }
  }

  private static void slowJobs() {
    world.dragonfly().jobTime(Duration.ofHours(1));
  }

  private static String push(String repository, String tag) {
    return world.harbor().push("life", repository, tag, Map.of(repository + tag, 1000L));
  }

  private static String policy(String repository, String target) {
    return """
    harborRef: {name: main}
    providerRefs: [{name: dragonfly}]
    selector: {projects: {include: [life]}, repositories: {include: [%s]}}
    target: %s
    """
        .formatted(repository, target);
  }

  private static String one(String repository) {
    return execution(repository, "{name: dragonfly}");
  }

  private static String both(String repository) {
    return execution(repository, "{name: dragonfly}, {name: kraken}");
  }

  private static String execution(String repository, String providers) {
    return """
    harborRef: {name: main}
    providerRefs: [%s]
    images: ["%s/life/%s:1.0"]
    target: {scope: AllSeedPeers}
    """
        .formatted(providers, world.harbor().host(), repository);
  }

  private static void awaitPlanned(String name) {
    await()
        .atMost(SOON)
        .until(() ->
            runs.status(name).phase() == Phase.RUNNING
                && ready(name).getReason().equals("Suspended"));
  }

  private static void resume(String name) {
    runs.patch(PreheatExecution.class, name, "{\"spec\":{\"suspend\":false}}");
  }

  private static void delete(Class<? extends HasMetadata> kind, String name) {
    world.client().resources(kind).inNamespace("default").withName(name).delete();
  }

  private static void bringBack(String example, Class<? extends HasMetadata> kind) {
    world.load(example).stream()
        .filter(kind::isInstance)
        .forEach(object -> world.client().resource(object).create());
  }

  private static Condition ready(String execution) {
    return Conditions.find(runs.status(execution).conditions(), "Ready").orElseThrow();
  }

  private static boolean stalled(String execution) {
    return Conditions.isTrue(runs.status(execution).conditions(), "Stalled");
  }

  private static boolean ready(Class<P2PProvider> kind, String name) {
    P2PProvider provider =
        world.client().resources(kind).inNamespace("default").withName(name).get();
    return provider.getStatus() != null
        && Conditions.isTrue(provider.getStatus().conditions(), "Ready");
  }

  private static int running(String provider) {
    P2PProvider found =
        world.client().resources(P2PProvider.class).inNamespace("default").withName(provider).get();
    return requireNonNull(requireNonNull(found.getStatus()).tasks()).running();
  }

  private static List<PreheatExecution> ofPolicy(String policy) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withLabel("preheat.goharbor.io/policy", policy)
        .list()
        .getItems();
  }

  private static boolean hasRunningTask(PreheatExecution execution) {
    return execution.getStatus() != null
        && execution.getStatus().taskList().stream()
            .anyMatch(task -> task.state() == TaskState.RUNNING);
  }
}
