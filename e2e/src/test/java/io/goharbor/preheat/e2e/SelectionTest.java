package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.sim.harbor.IndexEntry;
import io.goharbor.preheat.e2e.world.World;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each field of a policy's selector, from YAML through Harbor's REST API to what the status says is
 * selected, and of all else why it is not. All policies and their dry runs are in one world.
 */
class SelectionTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Map<String, Selection> ROWS = new LinkedHashMap<>();

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    fill(world.harbor());
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    for (Selection row : selections().toList()) {
      String name = "row-" + ROWS.size();
      ROWS.put(name, row);
      policy(name, row.selector());
      create(name, "policyRef: {name: " + name + "}\ndryRun: true");
    }
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  static Stream<Selection> selections() {
    return SelectionRows.all();
  }

  @ParameterizedTest
  @MethodSource("selections")
  void each_field_selects_and_tells_why_not(Selection row) {
    String name =
        ROWS.entrySet().stream()
            .filter(entry -> entry.getValue().selector().equals(row.selector()))
            .findFirst()
            .orElseThrow()
            .getKey();
    PreheatExecutionStatus status = ended(name);

    assertThat(status.taskList())
        .as(status.message())
        .extracting(TaskStatus::artifact)
        .containsExactlyInAnyOrderElementsOf(row.selected());
    assertThat(skipped(status)).containsExactlyInAnyOrderElementsOf(row.left());
    assertThat(status.taskList()).allMatch(task -> task.state() == TaskState.PLANNED);
    PreheatExecutionStatus.Summary summary = Objects.requireNonNull(status.summary());
    assertThat(summary.artifacts()).isEqualTo(row.selected().size());
    assertThat(summary.skipped()).isEqualTo(row.left().size());
  }

  /** Harbor's own preheating drops both rules of a policy without a word. */
  @Test
  void what_is_not_signed_or_too_vulnerable_is_not_sent() {
    HarborSimulator harbor = world.harbor();
    policy(
        "gated",
        """
        projects: {include: [gated]}
        signature: {anyOf: [Cosign]}
        vulnerability: {maxSeverity: Medium}
        """);
    create("gated", "policyRef: {name: gated}\ntarget: {scope: AllSeedPeers}");

    PreheatExecutionStatus status = ended("gated");
    assertThat(status.phase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(status.taskList())
        .singleElement()
        .satisfies(task -> {
          assertThat(task.artifact()).isEqualTo("gated/good:1");
          assertThat(task.warmPercent()).isEqualTo(100);
        });
    assertThat(skipped(status))
        .containsExactlyInAnyOrder(
            "NotSigned gated/unsigned:1: it has none of the signatures [Cosign]",
            "TooVulnerable gated/bad:1: its worst severity is High, the ceiling is Medium");
    assertThat(harbor.blobs("gated", "good").stream().map(world.dragonfly()::holders))
        .as("the image's two blobs on both seed peers, those of its signature on none")
        .filteredOn(holders -> !holders.isEmpty())
        .hasSize(2)
        .allMatch(holders -> holders.size() == 2);
    for (String repository : List.of("unsigned", "bad")) {
      assertThat(harbor.blobs("gated", repository))
          .isNotEmpty()
          .allMatch(blob -> world.dragonfly().holders(blob).isEmpty());
    }
  }

  @Test
  void a_run_asks_harbor_for_what_is_young_enough_only() {
    policy("young", "projects: {include: [aged]}\npushedWithin: 720h");
    create("young", "policyRef: {name: young}");

    PreheatExecutionStatus status = ended("young");
    assertThat(status.taskList()).extracting(TaskStatus::artifact).containsExactly("aged/web:new");
    assertThat(status.skipped()).isNull();
    List<Ask> lists =
        world
            .harbor()
            .server()
            .log(ask ->
                ask.rawPath().endsWith("/projects/aged/artifacts")
                    && ask.query("q").orElse("").contains("push_time="));
    assertThat(lists).hasSize(1);
  }

  @Test
  void a_single_image_is_answered_for() {
    policy("one", "projects: {include: [labelled]}\nlabels: {all: [eu]}");
    create(
        "one",
        "policyRef: {name: one}\ndryRun: true\nimages: [\"%1$s/labelled/silver:1\", \"%1$s/labelled/gold:1\"]"
            .formatted(world.harbor().host()));

    PreheatExecutionStatus status = ended("one");
    assertThat(status.taskList())
        .singleElement()
        .satisfies(task -> {
          assertThat(task.artifact()).isEqualTo("labelled/gold:1");
          assertThat(task.reason()).isEqualTo(Reason.DRY_RUN);
        });
    assertThat(skipped(status))
        .containsExactly("LabelMissing labelled/silver:1: label 'eu' is missing");
  }

  @Test
  void decisions_are_counted_by_reason() throws Exception {
    ROWS.keySet().forEach(SelectionTest::ended);
    int selected = ROWS.values().stream().mapToInt(row -> row.selected().size()).sum();
    long unsigned =
        ROWS.values().stream()
            .flatMap(row -> row.left().stream())
            .filter(line -> line.startsWith("NotSigned "))
            .count();
    assertThat(unsigned).isPositive();
    String metrics = metrics();
    // Other tests of this class add a dry run of one image.
    assertThat(metrics)
        .containsPattern(
            "preheat_artifacts_selected_total\\{dry_run=\"true\",?} (%d|%d)\\.0"
                .formatted(selected, selected + 1))
        .containsPattern(
            "preheat_artifacts_skipped_total\\{dry_run=\"true\",reason=\"NotSigned\",?} %d\\.0"
                .formatted(unsigned));
  }

  private static void fill(HarborSimulator harbor) {
    for (String project :
        List.of("team-a", "team-b", "labelled", "kinds", "signed", "scanned", "aged", "latest")) {
      harbor.createProject(project, false);
    }
    harbor.createProject("gated", false);
    push(harbor, "team-a", "web", "1.0", "latest", "2.0-rc1");
    push(harbor, "team-a", "api/web", "1.0");
    push(harbor, "team-a", "dev-tools", "1.0");
    push(harbor, "team-b", "web", "1.0");

    push(harbor, "labelled", "gold", "1");
    push(harbor, "labelled", "silver", "1");
    push(harbor, "labelled", "plain", "1");
    push(harbor, "labelled", "barred", "1");
    for (String[] label :
        new String[][] {
          {"gold", "prod"},
          {"gold", "eu"},
          {"silver", "prod"},
          {"barred", "prod"},
          {"barred", "eu"},
          {"barred", "no-preheat"}
        }) {
      harbor.addLabel("labelled", label[0], "1", label[1]);
    }

    push(harbor, "kinds", "image", "1");
    harbor.push("kinds", "chart", "1", "CHART", Map.of("chart", 900L));
    harbor.push("kinds", "model", "1", "CNAI", Map.of("model.safetensors", 900L));

    for (String repository : List.of("cosign", "notation", "both", "plain", "listed")) {
      push(harbor, "signed", repository, "1");
    }
    harbor.addAccessory("signed", "cosign", "1", "signature.cosign");
    harbor.addAccessory("signed", "notation", "1", "signature.notation");
    harbor.addAccessory("signed", "both", "1", "signature.cosign");
    harbor.addAccessory("signed", "both", "1", "signature.notation");
    harbor.addAccessory("signed", "listed", "1", "sbom.harbor");

    scans(harbor);

    push(harbor, "aged", "web", "old", "new");
    harbor.pushedAt("aged", "web", "old", Instant.now().minus(Duration.ofDays(31)));

    push(harbor, "latest", "web", "1", "2", "3", "4");
    push(harbor, "latest", "api", "1");
    Instant day = Instant.now().minus(Duration.ofDays(10));
    // Pushed in another order than that of their names.
    harbor.pushedAt("latest", "web", "3", day.plusSeconds(300));
    harbor.pushedAt("latest", "web", "1", day.plusSeconds(200));
    harbor.pushedAt("latest", "web", "4", day.plusSeconds(100));
    harbor.pushedAt("latest", "web", "2", day);
    harbor.pushedAt("latest", "api", "1", day.minusSeconds(86_400));

    for (String repository : List.of("good", "unsigned", "bad")) {
      push(harbor, "gated", repository, "1");
      harbor.scanned("gated", repository, "1", repository.equals("bad") ? "High" : "Medium");
    }
    harbor.addAccessory("gated", "good", "1", "signature.cosign");
    harbor.addAccessory("gated", "bad", "1", "signature.cosign");
  }

  private static void scans(HarborSimulator harbor) {
    for (String severity : List.of("None", "Low", "Medium", "High", "Critical")) {
      String repository = severity.toLowerCase(java.util.Locale.ROOT);
      push(harbor, "scanned", repository, "1");
      harbor.scanned("scanned", repository, "1", severity);
    }
    push(harbor, "scanned", "never", "1");
    push(harbor, "scanned", "running", "1");
    harbor.scanning("scanned", "running", "1", "Running");
    push(harbor, "scanned", "broken", "1");
    harbor.scanning("scanned", "broken", "1", "Error");

    // Of two manifests: the severity or the status of each scan.
    Map<String, List<String>> indexes =
        Map.of(
            "index-fine", List.of("Low", "Medium"),
            "index-mixed", List.of("Low", "Critical"),
            "index-half", List.of("Low", ""),
            "index-running", List.of("Low", "Running"),
            "index-pending", List.of("Low", "Pending"),
            "index-broken", List.of("Error", "Low"));
    indexes.forEach((repository, scans) -> {
      harbor.pushIndex(
          "scanned",
          repository,
          "1",
          IndexEntry.image("linux/amd64", Map.of(repository + "-amd64", 100L)),
          IndexEntry.image("linux/arm64", Map.of(repository + "-arm64", 100L)),
          IndexEntry.attestation(repository));
      List<String> children = harbor.children("scanned", repository, "1");
      for (int i = 0; i < scans.size(); i++) {
        switch (scans.get(i)) {
          case "" -> {}
          case "Running", "Pending", "Error" ->
              harbor.scanning("scanned", repository, children.get(i), scans.get(i));
          default -> harbor.scanned("scanned", repository, children.get(i), scans.get(i));
        }
      }
    });
  }

  /** Pushes an image for each tag, each with content of its own. */
  private static void push(
      HarborSimulator harbor, String project, String repository, String... tags) {
    for (String tag : tags) {
      harbor.push(project, repository, tag, Map.of(project + repository + tag, 1000L));
    }
  }

  private static void policy(String name, String selector) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(meta(name));
    // A schedule that does not come: only what is created here runs.
    policy.setSpec(
        Serialization.unmarshal(
            "harborRef: {name: main}\nproviderRefs: [{name: dragonfly}]\nplatforms: [linux/amd64]\n"
                + "triggers: {schedule: {cron: '0 0 30 2 *'}}\nselector:\n"
                + selector.indent(2),
            PreheatPolicySpec.class));
    create(policy);
  }

  private static void create(String name, String spec) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(meta(name));
    execution.setSpec(Serialization.unmarshal(spec, PreheatExecutionSpec.class));
    create(execution);
  }

  private static void create(HasMetadata object) {
    world.client().resource(object).create();
  }

  private static ObjectMeta meta(String name) {
    return new ObjectMetaBuilder().withName(name).withNamespace("default").build();
  }

  private static PreheatExecutionStatus ended(String name) {
    return await()
        .atMost(SOON)
        .until(
            () ->
                Objects.requireNonNullElse(
                    world
                        .client()
                        .resources(PreheatExecution.class)
                        .inNamespace("default")
                        .withName(name)
                        .get()
                        .getStatus(),
                    PreheatExecutionStatus.EMPTY),
            status -> status.completionTime() != null);
  }

  /** What was left out, one line each; a reason with more than its samples is short of lines. */
  private static List<String> skipped(PreheatExecutionStatus status) {
    List<String> lines = new ArrayList<>();
    if (status.skipped() != null) {
      for (SkippedReason reason : status.skipped()) {
        List<SkippedReason.Sample> samples = Objects.requireNonNull(reason.samples());
        assertThat(reason.count()).as(reason.reason()).isEqualTo(samples.size());
        samples.forEach(sample ->
            lines.add(
                (reason.reason() + " " + sample.artifact() + ": " + sample.message())
                    .replaceAll("\\d{4}-[-0-9T:.]+Z", "<time>")
                    .replaceAll("sha256:[0-9a-f]{64}", "<digest>")));
      }
    }
    return lines;
  }

  private static String metrics() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(world.operator().managementUrl() + "/metrics"))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
