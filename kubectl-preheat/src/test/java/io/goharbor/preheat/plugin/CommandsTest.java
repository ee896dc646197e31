package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands against an API that always has the same objects: what they print, to the letter. */
class CommandsTest {
  /** With {@code -Dgolden.update=true} the expected outputs are written again. */
  private static final boolean UPDATE = Boolean.getBoolean("golden.update");

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static RehearsalApi api;

  @SuppressWarnings("NullAway.Init")
  private static Path kubeconfig;

  record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    api = RehearsalApi.start(null, "");
    kubeconfig = Files.writeString(folder.resolve("config"), api.kubeconfig());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "help                | 0 | --help",
        "run-help            | 0 | run --help",
        "status              | 0 | status",
        "status-all          | 0 | status -A",
        "status-execution    | 0 | status shop-f6c175f",
        "status-policy       | 0 | status shop",
        "status-json         | 0 | status -o json",
        "status-yaml         | 0 | status shop-f6c175f -o yaml",
        "why-tag             | 0 | why harbor.example.com/shop/web:1.4.2",
        "why-none            | 0 | why harbor.example.com/shop/dev-tools:latest",
        "why-left-out        | 0 | why shop/web:1.4.1",
        "why-foreign         | 0 | why docker.io/shop/web:1.4.2",
        "why-json            | 0 | why shop/web:1.4.2 -o json",
        "why-yaml            | 0 | why shop/web:1.4.1 -o yaml",
      })
  void outputs_are_these(String golden, int code, String line) throws IOException {
    Outcome outcome = run(line);

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    Path expected = GOLDEN.resolve(golden + ".txt");
    if (UPDATE) {
      Files.createDirectories(GOLDEN);
      Files.writeString(expected, outcome.out());
    }
    assertThat(outcome.out()).isEqualTo(Files.readString(expected));
    assertThat(outcome.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | staus | error: Unmatched argument at index 0: 'staus'",
        "2 | run | error: what is to run? Name a POLICY, or images with --image",
        "2 | run shop/web:1 | error: 'shop/web:1' is not the name of a policy; an image is named with --image",
        "2 | run --image web:1 | error: --image: 'web:1' names no registry: 'web:1' is not a host",
        "2 | run shop --timeout 5 | error: --timeout: '5' is not a duration; write it like 90s, 10m or 1h30m",
        "2 | run shop --platform linux | error: --platform: 'linux' is not such as linux/amd64",
        "2 | run shop --name A_B | error: --name: 'A_B' must be lower-case letters, digits, '-' and '.'",
        "2 | run --image a.b/c/d --image e.f/g/h | error: the images are of several registries, and a run is about one: a.b, e.f",
        "5 | run shpo | error: there is no policy 'shpo' in namespace default; there is shop",
        "5 | run --image other.example.com/a/b | error: no HarborRegistry in namespace default is for other.example.com; there is main for harbor.example.com",
        "2 | run --image harbor.example.com/a/b --provider a/b/c | error: --provider: 'a/b/c' is neither NAME nor NAMESPACE/NAME of a P2PProvider",
        "2 | status -o xml | error: Invalid value for option '--output'",
        "5 | status nope | error: nothing in namespace default has the name 'nope': no execution, policy, provider or registry",
        "2 | status nope -A | error: a NAME is looked for in one namespace: leave out NAME or -A",
        "6 | status shop-f6c175f -w | error: shop-f6c175f: PartiallySucceeded, 2/2 tasks, 50% warm (PartiallyFailed: 1 of 2 tasks failed)",
        "2 | why | error: Missing required parameter: 'REF'",
        "2 | why web | error: 'web' names no registry",
        "2 | why shop/WEB | error: 'shop/WEB' has a wrong name 'shop/WEB'",
        "5 | why shop/web --policy nope | error: there is no policy 'nope' in namespace default; there is shop",
        "5 | retry nope | error: there is no execution 'nope' in namespace default; there is shop-f6c175f",
        "5 | cancel nope | error: there is no execution 'nope' in namespace default; there is shop-f6c175f",
        "2 | cancel | error: Missing required parameter: 'EXECUTION'",
        "2 | status --context moon | error: there is no context 'moon' in",
        "2 | status -n Shop | error: --namespace: 'Shop' is not a name of a namespace",
        "2 | status --request-timeout soon | error: --request-timeout: 'soon' is not a duration",
        "2 | status --kubeconfig /nowhere | error: --kubeconfig: there is no file /nowhere",
        "2 | import | error: Missing required subcommand",
        "2 | import harbor --url http://h --username u | import harbor: no password: use --password-file, or set HARBOR_PASSWORD",
        "2 | completion fish | error: Invalid value for positional parameter",
        "2 | prepare | error: only the launcher, kubectl-preheat, can do this",
      })
  void what_is_wrong_is_told_in_a_sentence_on_standard_error(int code, String line, String words) {
    Outcome outcome = run(line);

    assertThat(outcome.err()).startsWith(words);
    assertThat(outcome.code()).isEqualTo(code);
    assertThat(outcome.err()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void a_run_prints_its_name_and_waits_for_its_end() {
    Outcome started = run("run shop");
    assertThat(started)
        .isEqualTo(
            new Outcome(0, "preheatexecution.preheat.goharbor.io/shop-f6c175f created\n", ""));

    Outcome waited = run("run shop --wait");
    assertThat(waited.code()).isEqualTo(ExitCode.NOT_SUCCEEDED);
    assertThat(waited.err())
        .contains("error: shop-f6c175f: PartiallySucceeded, 2/2 tasks, 50% warm");
  }

  @Test
  void what_ended_is_not_cancelled() {
    assertThat(run("cancel shop-f6c175f"))
        .isEqualTo(
            new Outcome(
                0,
                "preheatexecution.preheat.goharbor.io/shop-f6c175f unchanged: it had ended already"
                    + " (PartiallySucceeded)\n",
                ""));
  }

  @Test
  void a_watch_without_a_terminal_prints_a_line_for_each_object() {
    Outcome watched = run("status shop-f6c175f --watch");

    assertThat(watched.out())
        .isEqualTo(
            "execution shop-f6c175f: PartiallySucceeded, 2/2 tasks, 50% warm (PartiallyFailed: 1 of"
                + " 2 tasks failed)\n");
  }

  @Test
  void names_are_completed_from_the_cluster() {
    assertThat(run("__complete run s").out()).isEqualTo("shop\n:4\n");
    assertThat(run("__complete retry ").out()).isEqualTo("shop-f6c175f\n:4\n");
    assertThat(run("__complete run shop --provider=").out())
        .isEqualTo("--provider=dragonfly\n:4\n");
    assertThat(run("__complete status -n de").out()).isEqualTo("default\n:4\n");
    assertThat(run("__complete status --kubeconfig /none retry ").out()).endsWith(":4\n");
  }

  @Test
  void the_rehearsal_plays_without_a_cluster() {
    assertThat(run("__rehearse")).isEqualTo(new Outcome(0, "", ""));
  }

  @Test
  void an_api_server_that_is_away_is_told_at_once() throws IOException {
    Path away =
        Files.writeString(
            kubeconfig.resolveSibling("away"),
            api.kubeconfig().replaceAll("127.0.0.1:[0-9]+", "127.0.0.1:1"));

    Outcome outcome = run("status --kubeconfig " + away);

    assertThat(outcome.code()).isEqualTo(ExitCode.FAILED);
    assertThat(outcome.err())
        .isEqualTo(
            "error: the API server http://127.0.0.1:1 cannot be reached: is the cluster running, and"
                + " --context right?\n");
  }

  private static Outcome run(String line) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Shell shell =
        new Shell(
            Map.of("KUBECONFIG", kubeconfig.toString()),
            new ByteArrayInputStream("".getBytes(StandardCharsets.UTF_8)),
            InstantSource.fixed(Instant.parse("2026-11-01T10:05:00Z")),
            Terminal.NONE);
    int code =
        Main.commandLine(shell)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(line.split(" ", -1));
    return new Outcome(code, out.toString(), err.toString());
  }
}
