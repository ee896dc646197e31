package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.List;

/**
 * The plain texts that names must contain to match a pair of a project and a repository pattern.
 * Both names are written into one text, with marks at its ends and in its middle, so that a
 * landmark also tells where it stands: the patterns {@code shop} and <code>api/**</code> have one
 * landmark, which says that the project is {@code shop} and that the repository begins with {@code
 * api/}. Each path component stands between slashes, the first and the last too, so that the {@code
 * web} of <code>**&#47;web</code> is a whole component.
 */
final class Landmarks {
  private static final char BEGIN = '\u0001';
  private static final char MIDDLE = '\u0002';
  private static final char END = '\u0003';

  /** Stands for what a pattern leaves open. A name that contains it is only asked about more. */
  private static final char GAP = '\u0000';

  /** At most so many patterns come of one by its braces; a brace too many counts as a gap. */
  private static final int MOST_ALTERNATIVES = 16;

  /** At most so many pairs are checked; of more, only the repository patterns are. */
  private static final int MOST_PAIRS = 512;

  private Landmarks() {}

  /** The text of two names in which landmarks are found. */
  static String text(String project, String repository) {
    return BEGIN + "/" + project + "/" + MIDDLE + "/" + repository + "/" + END;
  }

  /**
   * The landmarks of a selector's patterns, a list for each pair of a project and a repository
   * pattern that could match, or for each repository pattern when the pairs are too many. All of a
   * list must occur in the {@link #text} of names that match the pair; an empty list is of a pair
   * that leaves all open.
   */
  static List<List<String>> of(Patterns projects, Patterns repositories) {
    List<String> repositoryOutlines = outlines(repositories);
    List<String> projectOutlines = outlines(projects);
    if (projectOutlines.size() * repositoryOutlines.size() > MOST_PAIRS) {
      projectOutlines = List.of(String.valueOf(GAP));
    }
    return projectOutlines.stream()
        .flatMap(project ->
            repositoryOutlines.stream().map(repository -> between(text(project, repository))))
        .distinct()
        .toList();
  }

  /** The texts between the gaps, without those that every pair of names contains. */
  private static List<String> between(String summary) {
    List<String> landmarks = new ArrayList<>();
    for (String text : summary.split(String.valueOf(GAP), -1)) {
      if (text.chars().anyMatch(c -> c > END && c != '/')) {
        landmarks.add(text);
      }
    }
    return landmarks;
  }

  private static List<String> outlines(Patterns patterns) {
    if (patterns.include().isEmpty()) {
      return List.of(String.valueOf(GAP));
    }
    List<String> outlines = new ArrayList<>();
    for (Doublestar pattern : patterns.include()) {
      String text = pattern.toString();
      summary(text.isEmpty() ? "*" : text, "", MOST_ALTERNATIVES, outlines);
    }
    return outlines;
  }

  /**
   * Writes a pattern with gaps for what is special in it, once for each choice of alternatives.
   *
   * @param rest what is still to be written
   * @param done what is written
   * @param most how many outlines may come of the rest
   */
  private static void summary(String rest, String done, int most, List<String> outlines) {
    StringBuilder summary = new StringBuilder(done);
    int at = 0;
    while (at < rest.length()) {
      char c = rest.charAt(at++);
      switch (c) {
        case '\\' -> summary.append(rest.charAt(at++));
        case '*', '?' -> summary.append(GAP);
        case '[' -> {
          summary.append(GAP);
          at = Doublestar.unescaped(rest, ']', at) + 1;
        }
        case '{' -> {
          Braces braces = Braces.split(rest.substring(at));
          int options = braces.options().size();
          if (options <= most) {
            for (String option : braces.options()) {
              summary(option + braces.behind(), summary.toString(), most / options, outlines);
            }
            return;
          }
          summary.append(GAP);
          at = rest.length() - braces.behind().length();
        }
        default -> summary.append(c);
      }
    }
    outlines.add(summary.toString());
  }
}
