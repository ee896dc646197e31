package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table in the chart's README is what values.yaml says. */
class ChartReadmeTest {
  private static final String BEGIN = "<!-- values -->\n";
  private static final String END = "<!-- /values -->\n";

  @Test
  void the_readme_lists_the_values_of_values_yaml() throws IOException {
    Path file = ChartRenderer.CHART.resolve("README.md");
    String readme = Files.readString(file);
    assertThat(readme).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    String table =
        ValuesTable.read(Files.readString(ChartRenderer.CHART.resolve("values.yaml"))).markdown();
    String expected =
        readme.substring(0, readme.indexOf(BEGIN) + BEGIN.length())
            + table
            + readme.substring(readme.indexOf(END));
    if (Boolean.getBoolean("chart.update")) {
      Files.writeString(file, expected);
      return;
    }
    assertThat(readme)
        .as("the chart's README differs from values.yaml; write it with -Dchart.update=true")
        .isEqualTo(expected);
  }

  @Test
  void a_value_is_what_has_a_comment_above_it() throws IOException {
    assertThat(
            ValuesTable.read(
                    """
                    group:
                      # First,
                      # and second.
                      one: "ab"
                    # A map as a whole.
                    all:
                      in: 1
                    # Nothing | yet.
                    none: []
                    """)
                .markdown())
        .isEqualTo(
            """
            | Value | Default | Meaning |
            |---|---|---|
            | `group.one` | `"ab"` | First, and second. |
            | `all` | `{"in":1}` | A map as a whole. |
            | `none` | `[]` | Nothing \\| yet. |
            """);
  }

  @Test
  void a_value_without_a_comment_is_an_error() {
    assertThatThrownBy(() -> ValuesTable.read("group:\n  # Said.\n  one: 1\n  two: 2\n"))
        .hasMessageContaining("group.two has no comment");
    assertThatThrownBy(() -> ValuesTable.read("# Far away.\n\nempty: {}\n"))
        .hasMessageContaining("empty has no comment");
  }
}
