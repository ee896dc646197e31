package io.goharbor.preheat.e2e.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values that values.yaml documents. A key with a comment above it is a value, whatever it
 * holds; one without is a group, and all in it must be documented.
 */
record ValuesTable(List<Row> rows) {
  private static final Pattern COMMENT = Pattern.compile("^ *# (.*)$");
  private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z][A-Za-z0-9]*):.*$");

  /** A value: its path with dots, its default as JSON, and what is said above it. */
  record Row(String path, String byDefault, String meaning) {}

  private record Level(int indent, String path, boolean documented) {}

  /**
   * Reads the text of values.yaml.
   *
   * @throws IllegalArgumentException naming a value without a comment
   */
  static ValuesTable read(String text) throws IOException {
    JsonNode values = ChartRenderer.YAML.readTree(text);
    List<Row> rows = new ArrayList<>();
    List<String> comment = new ArrayList<>();
    Deque<Level> above = new ArrayDeque<>();
    for (String line : text.split("\n", -1)) {
      Matcher said = COMMENT.matcher(line);
      Matcher key = KEY.matcher(line);
      if (said.matches()) {
        comment.add(said.group(1).strip());
      } else if (key.matches()) {
        int indent = key.group(1).length();
        while (!above.isEmpty() && above.peek().indent() >= indent) {
          above.pop();
        }
        Level parent = above.peek();
        String path = parent == null ? key.group(2) : parent.path() + "." + key.group(2);
        boolean within = parent != null && parent.documented();
        if (!within) {
          JsonNode value = values.at("/" + path.replace('.', '/'));
          if (!comment.isEmpty()) {
            rows.add(new Row(path, value.toString(), String.join(" ", comment)));
          } else if (!value.isObject() || value.isEmpty()) {
            throw new IllegalArgumentException(
                "values.yaml: " + path + " has no comment above it that says what it is");
          }
        }
        above.push(new Level(indent, path, within || !comment.isEmpty()));
        comment.clear();
      } else {
        comment.clear();
      }
    }
    return new ValuesTable(List.copyOf(rows));
  }

  /** As a table in Markdown. */
  String markdown() {
    StringBuilder table = new StringBuilder("| Value | Default | Meaning |\n|---|---|---|\n");
    for (Row row : rows) {
      table
          .append("| `")
          .append(row.path())
          .append("` | `")
          .append(row.byDefault())
          .append("` | ")
          .append(row.meaning().replace("|", "\\|"))
          .append(" |\n");
    }
    return table.toString();
  }
}
