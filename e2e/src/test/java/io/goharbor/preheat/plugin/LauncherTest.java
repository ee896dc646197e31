package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as it is installed: a folder bin with scripts, beside a folder lib with jars. */
class LauncherTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static RehearsalApi api;

  @SuppressWarnings("NullAway.Init")
  private static Path home;

  record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void install(@TempDir Path folder) throws Exception {
    api = RehearsalApi.start(null, "");
    home = folder;
    Files.writeString(folder.resolve("config"), api.kubeconfig());
    Path lib = Files.createDirectories(folder.resolve("lib"));
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String script : List.of("kubectl-preheat", "kubectl_complete-preheat")) {
      Files.copy(ROOT.resolve("kubectl-preheat/launcher").resolve(script), bin.resolve(script));
    }
    int count = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        jar(path, lib.resolve("classes-" + count++ + ".jar"));
      } else if (Files.exists(path)) {
        Files.createSymbolicLink(lib.resolve(path.getFileName()), path);
      }
    }
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void it_starts_the_plugin_with_a_kubeconfig() throws Exception {
    Outcome status = run(bin("kubectl-preheat"), "status");

    assertThat(status.err()).isEmpty();
    assertThat(status.code()).isZero();
    assertThat(status.out()).contains("REGISTRY").contains("shop-f6c175f");
  }

  @Test
  void it_hands_the_exit_code_and_odd_words_on() throws Exception {
    Outcome nothing = run(bin("kubectl-preheat"), "status", "a b*c");

    assertThat(nothing.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(nothing.err()).contains("has the name 'a b*c'");
  }

  @Test
  void a_cache_that_does_not_fit_is_passed_over_in_silence() throws Exception {
    Properties release = new Properties();
    try (var text = Files.newBufferedReader(Path.of(System.getProperty("java.home"), "release"))) {
      release.load(text);
    }
    String key = release.getProperty("JAVA_RUNTIME_VERSION").replaceAll("[^A-Za-z0-9.+-]", "");
    Path cache = home.resolve("lib/kubectl-preheat-" + key + ".aot");
    Files.writeString(cache, "this is no cache");
    try {
      Outcome version = run(bin("kubectl-preheat"), "status", "-o", "yaml");

      assertThat(version.err()).isEmpty();
      assertThat(version.out()).startsWith("apiVersion:");
    } finally {
      Files.delete(cache);
    }
  }

  @Test
  void it_is_found_through_a_link() throws Exception {
    Path elsewhere = Files.createDirectories(home.resolve("elsewhere"));
    Path link =
        Files.createSymbolicLink(elsewhere.resolve("kubectl-preheat"), bin("kubectl-preheat"));

    assertThat(run(link, "--version").code()).isZero();
  }

  @Test
  void the_completion_is_a_bash_script_and_kubectls_words_are_answered() throws Exception {
    Outcome script = run(bin("kubectl-preheat"), "completion", "bash");
    Path file = Files.writeString(home.resolve("completion.bash"), script.out());
    assertThat(run(Path.of("/bin/bash"), "-n", file.toString()).code()).isZero();

    Outcome completed =
        run(
            Path.of("/bin/bash"),
            "-c",
            "source "
                + file
                + "; COMP_LINE='kubectl-preheat run sh' COMP_POINT=22 COMP_CWORD=2;"
                + " COMP_WORDS=(kubectl-preheat run sh); __kubectl_preheat_complete;"
                + " echo \"${COMPREPLY[@]}\"");
    assertThat(completed.out()).as(completed.err()).isEqualTo("shop\n");

    assertThat(run(bin("kubectl_complete-preheat"), "retry", "").out())
        .isEqualTo("shop-f6c175f\n:4\n");
  }

  @Test
  void kubectl_finds_it_on_the_path() throws Exception {
    Path kubectl =
        Arrays.stream(System.getenv("PATH").split(":", -1))
            .map(folder -> Path.of(folder, "kubectl"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(Path.of("/nowhere"));
    assumeTrue(Files.isExecutable(kubectl), "there is no kubectl on the PATH");

    Outcome status = run(kubectl, "preheat", "status", "shop-f6c175f");

    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.out()).startsWith("Execution shop-f6c175f of policy shop");
  }

  private static Path bin(String script) {
    return home.resolve("bin").resolve(script);
  }

  private static Outcome run(Path program, String... words)
      throws IOException, InterruptedException {
    Path err = home.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(Stream.of(program.toString()), Arrays.stream(words)).toList());
    builder.environment().put("KUBECONFIG", home.resolve("config").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .merge("PATH", home.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out, Files.readString(err));
  }

  private static void jar(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      all.filter(Files::isRegularFile)
          .forEach(path -> {
            try {
              zip.putNextEntry(new ZipEntry(classes.relativize(path).toString()));
              Files.copy(path, zip);
              zip.closeEntry();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
