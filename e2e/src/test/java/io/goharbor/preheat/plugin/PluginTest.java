package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin beside a running operator, over the real HTTP API. */
class PluginTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final Map<String, Long> LAYERS = Map.of("base", 28_000L, "app", 4_200L);

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static Path folder;

  record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    folder = scratch;
    world = new World(ROOT, scratch);
    // No policy is about this one.
    world.harbor().createProject("hand", false);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    await().atMost(SOON).until(PluginTest::policyIsReady);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  void a_policy_is_run_and_waited_for() {
    world.harbor().push("shop", "run", "1.0", LAYERS);
    Outcome run = plugin("run", "shop", "--wait", "--timeout", "90s", "--name", "by-hand");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("preheatexecution.preheat.goharbor.io/by-hand created\n");
    assertThat(run.err()).contains("by-hand: Succeeded").contains("100% warm");
    Outcome status = plugin("status", "by-hand");
    assertThat(status.out()).contains("Execution by-hand of policy shop, trigger Manual");
    assertThat(status.out()).containsPattern("shop/run:1.0 .*default/dragonfly +Succeeded +100%");
    assertThat(plugin("status").out()).containsPattern("by-hand +shop +Succeeded");
  }

  @Test
  void an_image_is_run_by_its_reference_alone() {
    world.harbor().push("hand", "alone", "1.0", LAYERS);
    Outcome run = plugin("run", "--image", image("hand/alone:1.0"), "--wait", "-o", "json");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("\"kind\": \"PreheatExecution\"")
        .contains("\"name\": \"main\"")
        .contains("\"phase\": \"Succeeded\"");
  }

  @Test
  void a_run_that_cannot_succeed_says_why_and_is_retried_when_it_can() {
    Outcome failed = plugin("run", "--image", image("hand/late:1.0"), "--name", "late", "--wait");
    assertThat(failed.code()).isEqualTo(ExitCode.NOT_SUCCEEDED);
    assertThat(failed.err()).contains("error: late: Failed");

    assertThat(plugin("retry", "late").err())
        .isEqualTo(
            "error: no task of execution late failed or was cancelled (Failed): there is nothing"
                + " to send again\n");
  }

  @Test
  void what_was_cancelled_is_sent_again_by_retry() {
    world.harbor().push("hand", "slow", "1.0", LAYERS);
    world.dragonfly().jobTime(Duration.ofHours(1));
    try {
      assertThat(plugin("run", "--image", image("hand/slow:1.0"), "--name", "slow").code())
          .isZero();
      await().atMost(SOON).until(() -> plugin("status", "slow").out().contains("Running"));
      assertThat(
              plugin(
                  "run",
                  "--image",
                  image("hand/slow:1.0"),
                  "--name",
                  "slow-too",
                  "--wait",
                  "--timeout",
                  "1s"))
          .satisfies(late -> {
            assertThat(late.code()).isEqualTo(ExitCode.TIMED_OUT);
            assertThat(late.err()).contains("was not done after 1s and goes on");
          });
      assertThat(plugin("retry", "slow").err())
          .contains("execution slow has not ended yet (Running): wait for its end, or cancel it");

      Outcome cancelled = plugin("cancel", "slow", "slow-too", "--wait");
      assertThat(cancelled.code()).as(cancelled.err()).isZero();
      assertThat(cancelled.out().lines())
          .containsExactly(
              "preheatexecution.preheat.goharbor.io/slow cancelled",
              "preheatexecution.preheat.goharbor.io/slow-too cancelled");
      assertThat(plugin("why", image("hand/slow:1.0")).out()).contains("Cancelled");
    } finally {
      world.dragonfly().jobTime(Duration.ZERO);
    }

    Outcome retried = plugin("retry", "slow", "--wait", "--timeout", "90s");
    assertThat(retried.code()).as(retried.err()).isZero();
    assertThat(retried.out()).startsWith("preheatexecution.preheat.goharbor.io/slow-retry-");
    assertThat(plugin("why", image("hand/slow:1.0")).out()).contains("Warm on default/dragonfly");
  }

  @Test
  void why_tells_what_policies_and_runs_did_and_asks_by_dry_runs_that_are_gone_afterwards() {
    world.harbor().push("shop", "known", "1.0", LAYERS);
    await()
        .atMost(SOON)
        .until(() -> plugin("why", image("shop/known:1.0")).out().contains("Warm on"));
    Outcome why = plugin("why", image("shop/known:1.0"));
    assertThat(why.out())
        .containsPattern("shop +yes +its names match")
        .containsPattern("shop-[0-9a-z]+ +default/dragonfly .*Succeeded +100%");

    assertThat(plugin("why", image("shop/dev-tools:1")).out())
        .contains("No policy selects it")
        .containsPattern("shop +no +RepositoryNotSelected +repository 'dev-tools' is excluded");

    Outcome asked = plugin("why", image("shop/never-pushed:1"), "--ask");
    assertThat(asked.code()).as(asked.err()).isZero();
    assertThat(asked.out()).containsPattern("shop +no +ArtifactNotFound");
    assertThat(plugin("why", image("shop/known:1.0"), "--ask").out())
        .containsPattern("shop +yes +would be sent to default/dragonfly");
    assertThat(
            world
                .client()
                .resources(PreheatExecution.class)
                .inNamespace("default")
                .list()
                .getItems())
        .noneMatch(one -> one.getMetadata().getName().startsWith("why-"));
  }

  @Test
  void a_watch_follows_a_run_to_its_end() throws InterruptedException {
    world.harbor().push("hand", "watched", "1.0", LAYERS);
    world.dragonfly().jobTime(Duration.ofHours(1));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<Integer> codes = new ArrayList<>();
    Thread watch;
    try {
      plugin("run", "--image", image("hand/watched:1.0"), "--name", "watched");
      watch =
          Thread.ofVirtual()
              .start(() -> codes.add(execute(out, err, "status", "watched", "--watch")));
      await().atMost(SOON).until(() -> out.toString().contains("execution watched: Running"));
    } finally {
      world.dragonfly().jobTime(Duration.ZERO);
    }
    plugin("cancel", "watched");

    assertThat(watch.join(SOON)).isTrue();
    assertThat(codes).containsExactly(ExitCode.NOT_SUCCEEDED);
    assertThat(err.toString()).startsWith("error: watched: Cancelled");
    assertThat(out.toString().lines()).doesNotHaveDuplicates();
  }

  @Test
  void no_preheating_of_harbors_own_is_imported_as_such() {
    Outcome imported =
        plugin(
            Map.of("HARBOR_PASSWORD", World.ROBOT_SECRET),
            "import",
            "harbor",
            "--url",
            world.harbor().url(),
            "--username",
            "robot$preheat");

    assertThat(imported.err()).startsWith("import harbor: ").doesNotContain(World.ROBOT_SECRET);
    assertThat(imported.code()).isEqualTo(5);
  }

  @Test
  void the_namespace_is_that_of_the_option() {
    Outcome elsewhere = plugin("status", "-n", "kube-system");
    assertThat(elsewhere.err())
        .isEqualTo("There is nothing in namespace kube-system; -A looks in all.\n");
    assertThat(plugin("run", "shop", "-n", "kube-system").err())
        .isEqualTo(
            "error: there is no policy 'shop' in namespace kube-system; there is none at all\n");
    assertThat(plugin("status", "-A").out()).contains("default/dragonfly");
  }

  private static String image(String rest) {
    return world.harbor().host() + "/" + rest;
  }

  private static boolean policyIsReady() {
    PreheatPolicy policy =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName("shop").get();
    return policy.getStatus() != null
        && Conditions.isTrue(policy.getStatus().conditions(), "Ready");
  }

  private static Outcome plugin(String... words) {
    return plugin(Map.of(), words);
  }

  private static Outcome plugin(Map<String, String> more, String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    return new Outcome(execute(more, out, err, words), out.toString(), err.toString());
  }

  private static int execute(StringWriter out, StringWriter err, String... words) {
    return execute(Map.of(), out, err, words);
  }

  private static int execute(
      Map<String, String> more, StringWriter out, StringWriter err, String... words) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("KUBECONFIG", folder.resolve("kubeconfig").toString());
    Shell shell =
        new Shell(
            environment, InputStream.nullInputStream(), InstantSource.system(), Terminal.NONE);
    return Main.commandLine(shell)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words);
  }
}
