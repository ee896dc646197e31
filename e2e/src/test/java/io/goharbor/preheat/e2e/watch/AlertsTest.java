package io.goharbor.preheat.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.goharbor.preheat.e2e.watch.Alerts.Alert;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alerts, their pages and their tests go together. */
class AlertsTest {
  private static final Path RUNBOOKS = MetricsTest.ROOT.resolve("docs/runbooks");
  private static final Path TESTS = Path.of("src/test/resources/alerts/preheat.test.yaml");

  @Test
  void each_alert_has_its_page_and_each_page_its_alert() throws IOException {
    List<String> pages;
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      pages = files.map(file -> file.getFileName().toString()).toList();
    }
    assertThat(Alerts.all())
        .extracting(alert -> alert.name() + ".md")
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(pages);
    for (Alert alert : Alerts.all()) {
      String page = Files.readString(RUNBOOKS.resolve(alert.name() + ".md"));
      assertThat(page)
          .startsWith("# " + alert.name() + "\n")
          .containsSubsequence(
              "## Meaning", "## Impact", "## Diagnosis", "kubectl ", "## Mitigation");
      Pattern.compile("\\]\\((?!https?:)([^)#]+)")
          .matcher(page)
          .results()
          .forEach(link -> assertThat(RUNBOOKS.resolve(link.group(1))).as(alert.name()).exists());
    }
  }

  @Test
  void each_alert_says_how_bad_it_is_and_where_to_read_on() throws IOException {
    assertThat(Alerts.all())
        .hasSizeGreaterThan(10)
        .allSatisfy(alert -> {
          assertThat(alert.labels().get("severity")).isIn("critical", "warning");
          assertThat(alert.texts()).containsOnlyKeys("summary", "description", "runbook_url");
          assertThat(alert.texts().get("runbook_url"))
              .endsWith("/docs/runbooks/" + alert.name() + ".md");
          assertThat(alert.lasting()).matches("\\d+m");
        });
  }

  @Test
  void each_alert_is_tested_by_itself_and_beside_a_healthy_operator() throws IOException {
    List<String> names = new ArrayList<>(List.of("a healthy operator"));
    Alerts.all().forEach(alert -> names.add(alert.name()));
    List<String> tested = new ArrayList<>();
    JsonNode tests = new YAMLMapper().readTree(Files.readString(TESTS)).path("tests");
    for (JsonNode test : tests) {
      tested.add(test.path("name").asText());
    }
    assertThat(tested).containsExactlyElementsOf(names);
  }

  @Test
  void promtool_finds_the_rules_in_order_and_their_tests_pass() throws Exception {
    Path promtool = promtool();
    run(promtool, "check", "rules", Alerts.FILE.toString());
    run(promtool, "test", "rules", TESTS.toString());
  }

  /** Comes with Prometheus; its path can be given as -Dpromtool. */
  private static Path promtool() {
    List<Path> places = new ArrayList<>();
    String given = System.getProperty("promtool");
    if (given != null) {
      places.add(Path.of(given));
    }
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      places.add(Path.of(folder, "promtool"));
    }
    List<Path> found = places.stream().filter(Files::isExecutable).toList();
    assumeTrue(!found.isEmpty(), "skipped: promtool is not installed");
    return found.getFirst();
  }

  private static void run(Path promtool, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(promtool.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
