package io.goharbor.preheat.e2e.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page in Markdown, taken apart.
 *
 * @param name path from the root of the repository
 * @param blocks its fenced blocks
 * @param prose its lines, with those of the blocks emptied
 */
record Page(String name, List<Block> blocks, List<String> prose) {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Code in a sentence. */
  record Inline(int line, String text) {}

  private static final Set<String> NOT_OURS = Set.of("target", ".git", ".github", "node_modules");
  private static final Pattern FENCE = Pattern.compile("^( *)(`{3,})\\s*(\\S*)\\s*$");
  private static final Pattern CHECK = Pattern.compile("^ *<!-- check: (.+?) -->$");
  private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.+?)\\s*$");

  /** All pages of the repository, by name. */
  static List<Page> all() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      List<Page> pages = new ArrayList<>();
      for (Path file :
          files
              .filter(file -> file.toString().endsWith(".md"))
              .filter(Page::ours)
              .sorted()
              .toList()) {
        pages.add(of(name(file), Files.readString(file)));
      }
      return pages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean ours(Path file) {
    for (Path part : ROOT.relativize(file)) {
      if (NOT_OURS.contains(part.toString())) {
        return false;
      }
    }
    return true;
  }

  static String name(Path file) {
    return ROOT.relativize(file.normalize()).toString().replace('\\', '/');
  }

  static Page of(String name, String text) {
    List<Block> blocks = new ArrayList<>();
    List<String> prose = new ArrayList<>();
    List<String> lines = text.lines().toList();
    String check = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        Matcher says = CHECK.matcher(lines.get(i));
        check = says.matches() ? says.group(1) : "";
        prose.add(lines.get(i));
        continue;
      }
      prose.add("");
      int first = i + 1;
      StringBuilder content = new StringBuilder();
      while (++i < lines.size() && !lines.get(i).strip().equals(fence.group(2))) {
        content.append(without(lines.get(i), fence.group(1).length())).append('\n');
        prose.add("");
      }
      if (i == lines.size()) {
        throw new IllegalArgumentException(name + ":" + first + ": the block does not end");
      }
      prose.add("");
      blocks.add(new Block(name, first + 1, fence.group(3), check, content.toString()));
      check = "";
    }
    return new Page(name, List.copyOf(blocks), List.copyOf(prose));
  }

  private static String without(String line, int indentation) {
    int cut = 0;
    while (cut < indentation && cut < line.length() && line.charAt(cut) == ' ') {
      cut++;
    }
    return line.substring(cut);
  }

  /** Code in sentences; it may go over the end of a line. */
  List<Inline> inline() {
    String text = String.join("\n", prose);
    return INLINE
        .matcher(text)
        .results()
        .filter(code -> !code.group(1).contains("\n\n"))
        .map(code ->
            new Inline(
                1 + (int) text.substring(0, code.start()).chars().filter(c -> c == '\n').count(),
                code.group(1).replaceAll("\\s*\n\\s*", " ").strip()))
        .toList();
  }

  /** Where its links lead, as written. */
  List<String> links() {
    String text = INLINE.matcher(String.join("\n", prose)).replaceAll("x");
    return LINK.matcher(text).results().map(link -> link.group(1)).toList();
  }

  /** The fragments by which its headings can be linked to, as GitHub makes them. */
  Set<String> anchors() {
    Set<String> anchors = new HashSet<>();
    for (String line : prose) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor = anchor(heading.group(1));
        String unique = anchor;
        for (int again = 1; !anchors.add(unique); again++) {
          unique = anchor + "-" + again;
        }
      }
    }
    return anchors;
  }

  /** The text under each heading of the second level, in the page's order. */
  Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    String section = "";
    for (String line : prose) {
      if (line.startsWith("## ")) {
        section = line.substring(3).strip();
      }
      sections.merge(section, line.startsWith("#") ? "" : line.strip(), String::concat);
    }
    sections.remove("");
    return sections;
  }

  private static String anchor(String heading) {
    return heading
        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  /** The cells of its tables, row by row; heads and rules are rows too. */
  List<List<String>> rows() {
    return prose.stream()
        .filter(line -> line.startsWith("|"))
        .map(line -> Stream.of(line.split("(?<!\\\\)\\|", -1)).map(String::strip).toList())
        .map(cells -> cells.subList(1, Math.max(1, cells.size() - 1)))
        .toList();
  }

  /** The words in backquotes in a cell. */
  static List<String> words(String cell) {
    return INLINE.matcher(cell).results().map((MatchResult word) -> word.group(1)).toList();
  }
}
