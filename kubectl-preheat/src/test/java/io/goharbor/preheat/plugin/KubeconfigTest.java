package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.goharbor.preheat.plugin.Kubeconfig.Choice;
import io.goharbor.preheat.plugin.Kubeconfig.Chosen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeconfigTest {
  private static final Choice NOTHING = new Choice(null, null, null, null);

  // JUnit sets it.
  @SuppressWarnings("NullAway.Init")
  @TempDir
  private Path folder;

  private Path one = Path.of("one");
  private Path two = Path.of("two");

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(folder.resolve("certs"));
    Files.writeString(folder.resolve("certs/ca.pem"), "authority");
    one =
        Files.writeString(
            folder.resolve("one"),
            """
            apiVersion: v1
            kind: Config
            current-context: dev
            contexts:
            - {name: dev, context: {cluster: dev, user: ann, namespace: shop}}
            - {name: odd, context: {cluster: nowhere, user: ann}}
            - {name: lonely, context: {cluster: dev, user: nobody-here}}
            clusters:
            - {name: dev, cluster: {server: "https://dev:6443", certificate-authority: certs/ca.pem}}
            users:
            - {name: ann, user: {token: token-of-ann}}
            """);
    two =
        Files.writeString(
            folder.resolve("two"),
            """
            current-context: prod
            contexts:
            - {name: prod, context: {cluster: prod, user: bob}}
            - {name: dev, context: {cluster: prod, user: bob}}
            clusters:
            - {name: prod, cluster: {server: "https://prod:6443"}}
            users:
            - {name: ann, user: {token: another-token}}
            - name: bob
              user:
                exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login}
            """);
  }

  @Test
  void files_are_merged_and_the_first_to_name_something_wins() throws PluginFailure {
    Kubeconfig merged = merged(one, two);

    Chosen dev = merged.choose(NOTHING);
    assertThat(dev.context()).isEqualTo("dev");
    assertThat(dev.server()).isEqualTo("https://dev:6443");
    assertThat(dev.namespace()).isEqualTo("shop");
    assertThat(dev.yaml()).contains("token-of-ann").doesNotContain("another-token");

    assertThat(merged(two, one).choose(NOTHING).server()).isEqualTo("https://prod:6443");
    assertThat(merged.contextNames()).containsExactly("dev", "odd", "lonely", "prod");
  }

  @Test
  void paths_are_relative_to_the_file_in_which_they_stand() throws PluginFailure {
    assertThat(merged(one, two).choose(NOTHING).yaml())
        .contains(folder.resolve("certs/ca.pem").toString());
    assertThat(merged(one, two).choose(new Choice("prod", null, null, null)).yaml())
        .contains(folder.resolve("./bin/login").toString());
  }

  @Test
  void options_win_over_the_files() throws PluginFailure {
    Chosen chosen = merged(one, two).choose(new Choice("prod", "dev", "ann", "mine"));

    assertThat(chosen.server()).isEqualTo("https://dev:6443");
    assertThat(chosen.user()).isEqualTo("ann");
    assertThat(chosen.namespace()).isEqualTo("mine");
    assertThat(Config.fromKubeconfig(chosen.yaml()).getNamespace()).isEqualTo("mine");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      value = {
        "stage | -     | there is no context 'stage' in FILES; there are dev, odd, lonely, prod",
        "odd   | -     | there is no cluster 'nowhere' in FILES; there are dev, prod",
        "lonely| -     | there is no user 'nobody-here' in FILES; there are ann, bob",
        "dev   | moon  | there is no cluster 'moon' in FILES; there are dev, prod",
      })
  void a_wrong_choice_is_answered_with_what_there_is(
      String context, @Nullable String cluster, String sentence) throws PluginFailure {
    Kubeconfig merged = merged(one, two);

    assertThatThrownBy(() -> merged.choose(new Choice(context, cluster, null, null)))
        .isInstanceOf(PluginFailure.class)
        .hasMessage(sentence.replace("FILES", one + ", " + two))
        .extracting(failure -> ((PluginFailure) failure).exitCode())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void what_is_not_there_is_passed_over_but_not_when_it_is_all() throws PluginFailure {
    assertThat(merged(folder.resolve("absent"), two).choose(NOTHING).context()).isEqualTo("prod");
    assertThatThrownBy(() -> merged(folder.resolve("absent")))
        .hasMessage("KUBECONFIG: none of its files exists: " + folder.resolve("absent"));
    assertThatThrownBy(() -> Kubeconfig.read(folder.resolve("absent"), Map.of()))
        .hasMessage("--kubeconfig: there is no file " + folder.resolve("absent"));
    assertThat(Kubeconfig.read(null, Map.of("HOME", folder.toString()))).isEmpty();
  }

  @Test
  void a_file_that_cannot_be_read_is_named_and_not_quoted() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken"), "users: [{token: secret-91");

    assertThatThrownBy(() -> merged(broken))
        .hasMessage("the kubeconfig " + broken + " is not YAML")
        .hasNoCause();
  }

  private static Kubeconfig merged(Path... files) throws PluginFailure {
    String list = String.join(":", java.util.Arrays.stream(files).map(Path::toString).toList());
    return Kubeconfig.read(null, Map.of("KUBECONFIG", list)).orElseThrow();
  }
}
