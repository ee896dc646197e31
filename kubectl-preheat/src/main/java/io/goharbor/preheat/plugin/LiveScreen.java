package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.DisplayText;
import java.io.PrintWriter;
import java.util.List;

/** Lines that are drawn again in the same place of a terminal. */
final class LiveScreen implements AutoCloseable {
  private static final String NO_WRAP = "\u001b[?7l\u001b[?25l";
  private static final String WRAP = "\u001b[?7h\u001b[?25h";

  private final PrintWriter out;
  private final int rows;
  private final Thread restore;
  private int drawn;

  LiveScreen(PrintWriter out, int rows) {
    this.out = out;
    this.rows = rows;
    // Ctrl-C must not leave a terminal without cursor.
    this.restore = Thread.ofPlatform().unstarted(this::restore);
    Runtime.getRuntime().addShutdownHook(restore);
    // Lines that are too long are cut by the terminal itself, also after it was made narrower.
    print(NO_WRAP);
  }

  /** Draws in place of what was drawn last; no more than fits, or the top would scroll away. */
  void draw(List<String> lines) {
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    List<String> fitting = lines.size() < rows ? lines : lines.subList(0, rows - 1);
    for (String line : fitting) {
      text.append('\r').append(DisplayText.of(line)).append("\u001b[K\n");
    }
    text.append("\u001b[J");
    print(text.toString());
    drawn = fitting.size();
  }

  private synchronized void print(String text) {
    out.print(text);
    out.flush();
  }

  private void restore() {
    print(WRAP);
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(restore);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook runs by itself.
      return;
    }
  }
}
