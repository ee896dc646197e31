package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.sim.harbor.IndexEntry;
import io.goharbor.preheat.e2e.sim.harbor.ModelFormat;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What selected artifacts come to: which digests are tasks, which are left out and why. Most of it
 * is shown by dry runs; models and Nydus copies go the whole way.
 */
class DigestFirstTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final Map<String, Long> LAYERS = Map.of("base", 28_000_000L, "app", 4_200_000L);
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    world.harbor().createProject("models", false);
    world.harbor().createProject("trusted", false);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    world.apply("models-and-nydus.yaml");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ready("models") && !world.harbor().webhookPolicies("models").isEmpty());
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @ParameterizedTest
  @EnumSource
  void a_model_is_warm_after_its_push(ModelFormat format) {
    String repository = "llm-" + format.name().toLowerCase(java.util.Locale.ROOT);
    String digest =
        world
            .harbor()
            .pushModel(
                "models",
                repository,
                "8b",
                format,
                Map.of("model.safetensors", 16_000_000_000L, "config.json", 700L));
    awaitWarm("models/" + repository + ":8b", digest);
    assertThat(world.harbor().blobs("models", repository))
        .hasSize(3)
        .allMatch(blob -> world.dragonfly().holders(blob).containsAll(List.of("seed-0", "seed-1")));
  }

  @Test
  void a_copy_that_is_attached_later_becomes_warm_with_its_image() {
    world
        .harbor()
        .pushIndex("models", "serve", "1.0", List.of("linux/amd64", "linux/arm64"), LAYERS);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> tasks("models/serve:1.0").stream().anyMatch(DigestFirstTest::warm));
    TaskStatus image = tasks("models/serve:1.0").getFirst();
    String copy =
        world
            .harbor()
            .attachNydus(
                "models", "serve", image.digest(), null, Map.of("data", 31_000_000L, "boot", 900L));
    awaitWarm("models/serve:1.0", copy);
    assertThat(tasks("models/serve:1.0"))
        .filteredOn(task -> task.digest().equals(copy))
        .allSatisfy(task -> {
          assertThat(task.accessory()).isEqualTo(AccessoryKind.NYDUS);
          assertThat(task.platform()).isEqualTo("linux/amd64");
        });
  }

  @Test
  void a_copy_under_a_converters_tag_becomes_warm_with_its_image() {
    world.harbor().push("models", "batch", "1.0", LAYERS);
    String copy =
        world
            .harbor()
            .attachNydus(
                "models", "batch", "1.0", "1.0-nydus", Map.of("data", 31_000L, "boot", 90L));
    awaitWarm("models/batch:1.0", copy);
    assertThat(tasks("models/batch:1.0-nydus")).isEmpty();
  }

  @Test
  void what_is_attached_is_nothing_by_itself_for_a_policy_without_accessories() {
    world.harbor().push("shop", "plain", "1.0", LAYERS);
    String copy =
        world.harbor().attachNydus("shop", "plain", "1.0", "1.0-nydus", Map.of("data", 31_000L));
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(statuses())
                .flatExtracting(PreheatExecutionStatus::skipped)
                .filteredOn(Objects::nonNull)
                .anySatisfy(skip -> {
                  assertThat(skip.reason()).isEqualTo("AccessoryNotSelected");
                  assertThat(Objects.requireNonNull(skip.samples()).getFirst().artifact())
                      .isEqualTo("shop/plain:1.0-nydus");
                }));
    assertThat(statuses())
        .flatExtracting(PreheatExecutionStatus::taskList)
        .extracting(TaskStatus::digest)
        .doesNotContain(copy);
  }

  @ParameterizedTest
  @EnumSource(names = {"NYDUS", "NYDUS_BY_FEATURE"})
  void a_nydus_entry_of_an_index_is_preheated_only_when_asked_for(IndexEntry.Kind kind) {
    String tag = kind.name().toLowerCase(java.util.Locale.ROOT);
    world
        .harbor()
        .pushIndex(
            "library",
            "merged",
            tag,
            IndexEntry.image("linux/amd64", LAYERS),
            IndexEntry.nydus(kind, "linux/amd64", LAYERS));
    PreheatExecutionStatus without = dryRun("library/merged:" + tag, "platforms: [linux/amd64]");
    assertThat(planned(without)).containsExactly("linux/amd64");
    assertThat(skipped(without)).containsExactly("AccessoryNotSelected 1");
    PreheatExecutionStatus with =
        dryRun("library/merged:" + tag, "platforms: [linux/amd64]", "accessories: [Nydus]");
    assertThat(planned(with)).containsExactly("linux/amd64", "linux/amd64 Nydus");
    assertThat(skipped(with)).isEmpty();
  }

  @Test
  void each_entry_of_an_index_is_a_task_or_has_a_reason() {
    world
        .harbor()
        .pushIndex(
            "library",
            "shapes",
            "1.0",
            IndexEntry.image("linux/amd64", LAYERS),
            IndexEntry.image("linux/arm64/v8", Map.of("arm", 1L)),
            IndexEntry.image("linux/arm/v6", Map.of("old", 1L)),
            IndexEntry.image(null, Map.of("bare", 1L)),
            IndexEntry.attestation("amd64"),
            IndexEntry.index(
                null,
                IndexEntry.image("linux/amd64", Map.of("inner", 1L)),
                IndexEntry.image("linux/s390x", Map.of("inner z", 1L))),
            IndexEntry.index("linux/arm64", IndexEntry.image(null, Map.of("inner arm", 1L))),
            IndexEntry.layer("cache", 1L));
    PreheatExecutionStatus status =
        dryRun("library/shapes:1.0", "platforms: [linux/amd64, linux/arm64/v8]");
    assertThat(planned(status))
        .containsExactly("linux/amd64", "linux/arm64/v8", "null", "linux/amd64", "linux/arm64");
    assertThat(skipped(status)).containsExactly("PlatformNotSelected 2", "NotRunnable 2");
    assertThat(planned(dryRun("library/shapes:1.0"))).hasSize(7);
    PreheatExecutionStatus none = dryRun("library/shapes:1.0", "platforms: [windows/amd64]");
    assertThat(planned(none)).containsExactly("null");
  }

  @Test
  void an_index_without_a_wanted_platform_says_what_it_has() {
    world
        .harbor()
        .pushIndex("library", "arm-only", "1.0", List.of("linux/arm64", "unknown/unknown"), LAYERS);
    PreheatExecutionStatus status =
        run(
            false,
            "images",
            List.of(world.harbor().host() + "/library/arm-only:1.0"),
            "platforms: [linux/amd64]");
    assertThat(status.phase()).isEqualTo(Phase.FAILED);
    assertThat(status.message()).contains("none of the platforms linux/amd64; it has linux/arm64");
    assertThat(skipped(status)).containsExactly("PlatformNotFound 1");
  }

  @Test
  void a_build_cache_cannot_be_preheated() {
    world
        .harbor()
        .pushIndex("library", "cache", "buildcache", IndexEntry.layer("a cached layer", 10L));
    PreheatExecutionStatus status = dryRun("library/cache:buildcache");
    assertThat(skipped(status)).containsExactly("NotPreheatable 1");
    assertThat(status.message())
        .contains("dry run: 0 tasks", "application/vnd.oci.image.layer.v1.tar+gzip");
  }

  @Test
  void platforms_do_not_speak_of_what_has_none() {
    world.harbor().pushNydus("library", "alone", "1.0-nydus", LAYERS);
    world.harbor().push("library", "chart", "1.0", "CHART", Map.of("chart", 100L));
    assertThat(planned(dryRun("library/alone:1.0-nydus", "platforms: [linux/arm64]")))
        .containsExactly("null");
    assertThat(planned(dryRun("library/chart:1.0", "platforms: [linux/arm64]")))
        .containsExactly("null");
  }

  @Test
  void one_digest_is_one_task_that_names_all_tags() {
    world.harbor().pushIndex("library", "same", "1.0", IndexEntry.image("linux/amd64", LAYERS));
    world
        .harbor()
        .pushIndex(
            "library",
            "same",
            "1.1",
            IndexEntry.image("linux/amd64", LAYERS),
            IndexEntry.image("linux/arm64", Map.of("new", 1L)));
    for (String tag : List.of("1", "latest")) {
      world.harbor().retag("library", "same", "1.1", tag);
    }
    PreheatExecutionStatus status =
        run(
            true,
            "images",
            Stream.of("1.0", "1.1", "1", "latest")
                .map(tag -> world.harbor().host() + "/library/same:" + tag)
                .toList());
    assertThat(status.taskList())
        .extracting(TaskStatus::artifact, TaskStatus::platform)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("library/same:1,1.0,1.1,latest", "linux/amd64"),
            org.assertj.core.groups.Tuple.tuple("library/same:1,1.1,latest", "linux/arm64"));
  }

  @Test
  void what_the_project_forbids_to_pull_is_told_in_harbors_words_at_planning_and_at_sending() {
    world.harbor().push("trusted", "known", "1.0", LAYERS);
    world.harbor().push("trusted", "new", "1.0", Map.of("new", 10L));
    // The operator has read the one manifest before the rule is set, and not the other.
    assertThat(planned(dryRun("trusted/known:1.0"))).hasSize(1);
    world.harbor().contentTrust("trusted", true);
    PreheatExecutionStatus status =
        run(
            false,
            "images",
            Stream.of("known", "new")
                .map(name -> world.harbor().host() + "/trusted/" + name + ":1.0")
                .toList());
    assertThat(status.phase()).isEqualTo(Phase.FAILED);
    assertThat(status.skipped())
        .singleElement()
        .satisfies(skip -> {
          assertThat(skip.reason()).isEqualTo("PullDenied");
          assertThat(Objects.requireNonNull(skip.samples()).getFirst().message())
              .contains("412", "PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
        });
    assertThat(status.taskList())
        .singleElement()
        .satisfies(task -> {
          assertThat(task.state()).isEqualTo(TaskState.FAILED);
          assertThat(task.reason()).isEqualTo(Reason.PULL_DENIED);
          assertThat(task.message()).contains("The image is not signed by cosign.");
        });
  }

  private static PreheatExecutionStatus dryRun(String image, String... more) {
    return run(true, "images", List.of(world.harbor().host() + "/" + image), more);
  }

  /** A run of its own, to its end. */
  private static PreheatExecutionStatus run(
      boolean dry, String field, List<String> values, String... more) {
    PreheatExecution execution = new PreheatExecution();
    String name = "run-" + RUNS.incrementAndGet();
    execution.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    execution.setSpec(
        Serialization.unmarshal(
            "harborRef: {name: main}\nproviderRefs: [{name: dragonfly}]\nbackoffLimit: 0\ndryRun: "
                + dry
                + "\n"
                + field
                + ": [\""
                + String.join("\", \"", values)
                + "\"]\n"
                + String.join("\n", more),
            PreheatExecutionSpec.class));
    world.client().resource(execution).create();
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                world
                    .client()
                    .resources(PreheatExecution.class)
                    .inNamespace("default")
                    .withName(name)
                    .get()
                    .getStatus(),
            status -> status != null && status.completionTime() != null);
  }

  private static List<String> planned(PreheatExecutionStatus status) {
    return status.taskList().stream()
        .map(task -> task.platform() + (task.accessory() == null ? "" : " " + task.accessory()))
        .toList();
  }

  private static List<String> skipped(PreheatExecutionStatus status) {
    List<SkippedReason> skipped = status.skipped();
    return skipped == null
        ? List.of()
        : skipped.stream().map(skip -> skip.reason() + " " + skip.count()).toList();
  }

  private static List<PreheatExecutionStatus> statuses() {
    return world.executions().stream()
        .map(PreheatExecution::getStatus)
        .filter(Objects::nonNull)
        .toList();
  }

  private static List<TaskStatus> tasks(String artifact) {
    return statuses().stream()
        .flatMap(status -> status.taskList().stream())
        .filter(task -> task.artifact().equals(artifact))
        .toList();
  }

  private static void awaitWarm(String artifact, String digest) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(tasks(artifact))
                .as(world.operator().output())
                .filteredOn(task -> task.digest().equals(digest))
                .isNotEmpty()
                .allMatch(DigestFirstTest::warm));
  }

  private static boolean warm(TaskStatus task) {
    return task.state() == TaskState.SUCCEEDED && Integer.valueOf(100).equals(task.warmPercent());
  }

  private static boolean ready(String policy) {
    @Nullable PreheatPolicy found =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName(policy).get();
    return found != null
        && found.getStatus() != null
        && Conditions.isTrue(found.getStatus().conditions(), "Ready");
  }
}
