package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.DisplayText;
import java.io.PrintWriter;

/**
 * What output goes to. The launcher asks the shell, as the JVM cannot tell for standard error and
 * would need a process to learn the size.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is one
 * @param rows lines of it
 * @param columns characters of a line
 */
record Terminal(boolean out, boolean err, int rows, int columns) {
  /** Files or pipes. */
  static final Terminal NONE = new Terminal(false, false, 24, 80);

  /** Reads what the launcher set: {@code preheat.tty} holds 1 and 2, {@code preheat.size} both. */
  static Terminal fromProperties() {
    String which = System.getProperty("preheat.tty", "");
    String[] size = System.getProperty("preheat.size", "").strip().split(" ", -1);
    int rows = size.length == 2 ? number(size[0], 24) : 24;
    int columns = size.length == 2 ? number(size[1], 80) : 80;
    return new Terminal(which.contains("1"), which.contains("2"), rows, columns);
  }

  /**
   * Prints a line. Whatever it was made of, it cannot move the cursor, colour what follows or look
   * like another line.
   */
  static void print(PrintWriter to, String line) {
    to.println(DisplayText.of(line));
  }

  private static int number(String text, int otherwise) {
    return text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : otherwise;
  }
}
