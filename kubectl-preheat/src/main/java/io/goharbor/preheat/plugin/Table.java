package io.goharbor.preheat.plugin;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as they need to be; those in which nothing stands are left out. */
final class Table {
  private static final String GAP = "   ";

  private final List<String> heads;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    this.heads = List.of(heads);
  }

  /** Adds a row of as many cells as there are heads. */
  void row(String... cells) {
    if (cells.length != heads.size()) {
      throw new IllegalArgumentException(cells.length + " cells under " + heads.size() + " heads");
    }
    rows.add(List.of(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The lines, heads first; none when there is no row. */
  List<String> lines() {
    if (rows.isEmpty()) {
      return List.of();
    }
    List<StringBuilder> lines = new ArrayList<>();
    for (int row = -1; row < rows.size(); row++) {
      lines.add(new StringBuilder());
    }
    for (int column = 0; column < heads.size(); column++) {
      int at = column;
      if (column > 0 && rows.stream().allMatch(row -> row.get(at).isEmpty())) {
        continue;
      }
      int width =
          Math.max(
              heads.get(at).length(),
              rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
      for (int row = -1; row < rows.size(); row++) {
        String cell = row < 0 ? heads.get(at) : rows.get(row).get(at);
        lines.get(row + 1).append(cell).append(" ".repeat(width - cell.length())).append(GAP);
      }
    }
    return lines.stream().map(line -> line.toString().stripTrailing()).toList();
  }
}
