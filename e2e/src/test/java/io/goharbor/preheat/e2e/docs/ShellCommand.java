package io.goharbor.preheat.e2e.docs;

import java.util.ArrayList;
import java.util.List;

/**
 * A command of a page.
 *
 * @param at page and line
 * @param text as it is written, with its here-documents
 * @param output what the page says that it prints; empty: nothing is said
 * @param inline whether it is in a sentence
 */
record ShellCommand(String at, String text, String output, boolean inline) {

  /** Commands of a block in which they follow each other, or stand after {@code $} with output. */
  static List<ShellCommand> of(Block block) {
    List<ShellCommand> commands = new ArrayList<>();
    List<String> lines = block.text().lines().toList();
    boolean prompts = lines.stream().anyMatch(line -> line.startsWith("$ "));
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      int first = block.line() + i;
      i++;
      if (line.isBlank() || (!prompts && line.startsWith("#"))) {
        continue;
      }
      if (prompts && !line.startsWith("$ ")) {
        throw new IllegalArgumentException(
            block.page() + ":" + first + ": output without a command: " + line);
      }
      StringBuilder text = new StringBuilder(prompts ? line.substring(2) : line);
      while (i < lines.size() && Words.goesOn(text.toString())) {
        text.append('\n').append(lines.get(i++));
      }
      String end = Words.of(text.toString()).hereDocument();
      while (!end.isEmpty() && i < lines.size()) {
        String next = lines.get(i++);
        text.append('\n').append(next);
        if (next.equals(end)) {
          break;
        }
      }
      StringBuilder output = new StringBuilder();
      while (prompts && i < lines.size() && !lines.get(i).startsWith("$ ")) {
        output.append(lines.get(i++)).append('\n');
      }
      commands.add(
          new ShellCommand(block.page() + ":" + first, text.toString(), output.toString(), false));
    }
    return commands;
  }

  static ShellCommand inline(String page, Page.Inline code) {
    return new ShellCommand(page + ":" + code.line(), code.text(), "", true);
  }

  /** Each program that it calls, with its arguments; variables before it are left out. */
  List<List<String>> programs() {
    return Words.of(text).programs();
  }

  /** The first program's name. */
  String program() {
    return programs().getFirst().getFirst();
  }

  /** Where its output goes, if to a file; else empty. */
  String redirect() {
    return Words.of(text).redirect();
  }
}
