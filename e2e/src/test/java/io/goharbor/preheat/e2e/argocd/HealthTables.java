package io.goharbor.preheat.e2e.argocd;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the health checks promise: the cases beside them, and the table for people. */
final class HealthTables {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| (\\w+) \\|$");
  private static final Pattern WORD = Pattern.compile("`(\\w+)`");
  private static final Set<String> REASONS =
      Arrays.stream(Reason.values()).map(Reason::toString).collect(Collectors.toSet());

  private HealthTables() {}

  /**
   * A row of the table in docs/argo-cd.md.
   *
   * @param reasons that it names; empty: it speaks of something else
   */
  record Row(String kind, String when, Set<String> reasons, String health) {}

  /** A case of Argo CD's own test layout: an entry of health_test.yaml. */
  record Case(HealthCheck check, String input, HealthCheck.Health expected) {
    JsonNode object() throws IOException {
      return HealthCheck.YAML.readTree(file().toFile());
    }

    Path file() {
      return HealthCheck.folder(check.kind()).resolve(input);
    }

    @Override
    public String toString() {
      return check.kind() + "/" + input;
    }
  }

  static List<Row> rows() throws IOException {
    String page = Files.readString(HealthCheck.ROOT.resolve("docs/argo-cd.md"));
    return ROW.matcher(page)
        .results()
        .map(row -> new Row(row.group(1), row.group(2), reasons(row.group(2)), row.group(3)))
        .toList();
  }

  private static Set<String> reasons(String text) {
    return WORD.matcher(text)
        .results()
        .map((MatchResult word) -> word.group(1))
        .filter(REASONS::contains)
        .collect(Collectors.toSet());
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String kind : HealthCheck.KINDS) {
      HealthCheck check = HealthCheck.of(kind);
      JsonNode tests =
          HealthCheck.YAML
              .readTree(HealthCheck.folder(kind).resolve("health_test.yaml").toFile())
              .path("tests");
      for (JsonNode test : tests) {
        JsonNode expected = test.path("healthStatus");
        cases.add(
            new Case(
                check,
                test.path("inputPath").asText(),
                new HealthCheck.Health(
                    expected.path("status").asText(), expected.path("message").asText())));
      }
    }
    return cases;
  }

  /** The files that lie beside a kind's cases, as the cases name them. */
  static List<String> inputs(String kind) throws IOException {
    Path folder = HealthCheck.folder(kind);
    try (Stream<Path> files = Files.list(folder.resolve("testdata"))) {
      return files.map(file -> folder.relativize(file).toString().replace('\\', '/')).toList();
    }
  }
}
