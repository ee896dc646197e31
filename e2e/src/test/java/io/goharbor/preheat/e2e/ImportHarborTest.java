package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.runtime.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A move from Harbor's own preheating: it is set up through Harbor's REST API, imported by the
 * command in a process of its own, applied as printed, and preheats what is pushed.
 */
class ImportHarborTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String ROBOT = "robot$preheat";
  private static final String ALL =
      "[{\"type\":\"repository\",\"value\":\"**\"},{\"type\":\"tag\",\"value\":\"**\"}]";
  private static final String MANUAL = "{\"type\":\"manual\",\"trigger_setting\":{}}";
  private static final String EVENTS =
      "{\"type\":\"event_based\",\"trigger_setting\":{\"cron\":\"\"}}";

  @Test
  void what_is_imported_is_accepted_and_preheats(@TempDir Path scratch) throws Exception {
    try (World world = new World(ROOT, scratch)) {
      setUpHarbor(world);

      String yaml = importAll(world, scratch);
      assertThat(yaml)
          .doesNotContain(World.ROBOT_SECRET, World.DRAGONFLY_TOKEN, "pass-93ab", "value-77cd");
      List<HasMetadata> objects =
          world
              .client()
              .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
              .items();
      assertThat(objects)
          .extracting(object -> object.getKind() + " " + object.getMetadata().getName())
          .contains(
              "HarborRegistry harbor",
              "P2PProvider dragonfly-eu",
              "PreheatPolicy shop-releases",
              "PreheatPolicy library-nightly")
          .doesNotHaveDuplicates()
          .hasSize(1 + 4 + 8);

      // The commands that the comments give.
      assertThat(yaml)
          .contains(
              "secret generic harbor-robot --type=kubernetes.io/basic-auth",
              "secret generic harbor-webhook --from-file=authorization=",
              "secret generic dragonfly-eu-auth --from-file=token=");
      secret(world, "harbor-robot", "username", ROBOT, "password", World.ROBOT_SECRET);
      secret(world, "harbor-webhook", "authorization", World.WEBHOOK_SECRET);
      secret(world, "dragonfly-eu-auth", "token", World.DRAGONFLY_TOKEN);
      for (HasMetadata object : objects) {
        // The API holds each to the schema and the rules of its CRD.
        world.client().resource(object).inNamespace("default").create();
      }
      world.startOperator();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              ready(world, "shop-releases") && !world.harbor().webhookPolicies("shop").isEmpty());

      world.harbor().push("shop", "api/web", "v1", Map.of("base", 1000L, "app", 500L));
      world.harbor().push("shop", "api/web", "dev", Map.of("base", 1000L, "dev", 500L));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(preheated(world))
                  .as(world.operator().output())
                  .containsExactly("shop/api/web:v1"));
      // A policy that is suspended can be compared by a dry run.
      world.harbor().push("library", "nginx", "1", Map.of("base", 1000L));
      Runs runs = new Runs(world);
      runs.create("compare", "policyRef: {name: library-off}\ndryRun: true");
      assertThat(runs.awaitPhase("compare", Phase.SUCCEEDED, Duration.ofSeconds(60)).taskList())
          .singleElement()
          .satisfies(task -> {
            assertThat(task.artifact()).isEqualTo("library/nginx:1");
            assertThat(task.state()).isEqualTo(TaskState.PLANNED);
          });
      // The scope all_seed_peers of Harbor's policy: both seed peers.
      assertThat(world.harbor().blobs("shop", "api/web"))
          .filteredOn(blob -> !world.dragonfly().holders(blob).isEmpty())
          .isNotEmpty()
          .allMatch(blob -> world.dragonfly().holders(blob).size() == 2);
    }
  }

  /** Every case that Harbor's REST API takes, the odd ones in policies that end suspended. */
  private static void setUpHarbor(World world) throws IOException, InterruptedException {
    HarborSimulator harbor = world.harbor();
    OldPreheat old = new OldPreheat(harbor.url(), ROBOT, World.ROBOT_SECRET);
    long dragonfly =
        old.instance(
            "dragonfly-eu",
            "dragonfly",
            world.dragonfly().url(),
            "OAUTH",
            Map.of("token", World.DRAGONFLY_TOKEN));
    long kraken = old.instance("kraken", "kraken", world.kraken().proxyUrl(), "NONE", Map.of());
    long basic =
        old.instance(
            "Basic", "dragonfly", "https://df:8443/", "BASIC", Map.of("alice", "pass-93ab"));
    long custom =
        old.instance(
            "custom", "dragonfly", "http://df-x:80", "CUSTOM", Map.of("X-Key", "value-77cd"));
    old.policy(
        "shop",
        "releases",
        dragonfly,
        true,
        "[{\"type\":\"repository\",\"value\":\"api/**\"},{\"type\":\"tag\",\"value\":\"v*\"}]",
        EVENTS,
        "{\"scope\":\"all_seed_peers\"}");
    String cron = "{\"type\":\"scheduled\",\"trigger_setting\":{\"cron\":\"0 0 3 1 1 *\"}}";
    old.policy(
        "library", "nightly", dragonfly, true, ALL, cron, "{\"cluster_ids\":[1],\"scope\":\"\"}");
    old.policy("library", "off", kraken, false, ALL, EVENTS, "{\"scope\":\"all_peers\"}");
    old.policy("library", "a.b", basic, true, ALL, MANUAL, "{}");
    old.policy("library", "A_B", basic, true, ALL, MANUAL, "");
    old.policy(
        "library",
        "labels",
        custom,
        true,
        "[{\"type\":\"label\",\"value\":\"prod, web,\"},{\"type\":\"signature\",\"value\":true},"
            + "{\"type\":\"vulnerability\",\"value\":4}]",
        MANUAL,
        "{\"scope\":\"single_peer\",\"cluster_ids\":[\"1\"]}");
    old.policy(
        "library",
        "broken",
        custom,
        true,
        "[{\"type\":\"tag\",\"value\":\"[\"},{\"type\":\"tag\",\"value\":\"v*\"},"
            + "{\"type\":\"size\",\"value\":1}]",
        "{\"type\":\"on_pull\"}",
        "{\"scope\":7}");
    harbor.createProject("gated", false);
    harbor.projectSetting("gated", "prevent_vul", "true");
    harbor.projectSetting("gated", "severity", "high");
    harbor.projectSetting("gated", "enable_content_trust", "true");
    old.policy("gated", "all", dragonfly, true, ALL, MANUAL, "{\"scope\":\"all_peers\"}");
  }

  /** Runs the command as a person does, with the password on standard input. */
  private static String importAll(World world, Path scratch)
      throws IOException, InterruptedException {
    Path password = Files.writeString(scratch.resolve("password"), World.ROBOT_SECRET + "\n");
    Path errors = scratch.resolve("import.err");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "import-harbor",
            "--url",
            world.harbor().url(),
            "--username",
            ROBOT,
            "--password-file",
            "-",
            "--webhook-address",
            world.operator().webhookUrl());
    Process process =
        builder.redirectInput(password.toFile()).redirectError(errors.toFile()).start();
    String yaml = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    assertThat(Files.readString(errors))
        .contains("import-harbor: 4 providers and 8 policies; read the comments");
    return yaml;
  }

  private static void secret(World world, String name, String... entries) {
    SecretBuilder secret =
        new SecretBuilder().withNewMetadata().withName(name).endMetadata().withType("Opaque");
    for (int i = 0; i < entries.length; i += 2) {
      secret.addToStringData(entries[i], entries[i + 1]);
    }
    world.client().resource(secret.build()).inNamespace("default").create();
  }

  private static boolean ready(World world, String name) {
    PreheatPolicy policy =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName(name).get();
    return policy.getStatus() != null
        && Conditions.isTrue(policy.getStatus().conditions(), "Ready");
  }

  private static List<String> preheated(World world) {
    return world.executions().stream()
        .filter(execution ->
            execution.getStatus() != null && execution.getStatus().phase() == Phase.SUCCEEDED)
        .flatMap(execution -> execution.getStatus().taskList().stream())
        .map(TaskStatus::artifact)
        .distinct()
        .toList();
  }
}
