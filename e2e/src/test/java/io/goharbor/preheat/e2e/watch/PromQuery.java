package io.goharbor.preheat.e2e.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which metrics, labels and values a PromQL query names. Not a parser: it takes apart what is
 * written here, and fails at what it does not know.
 *
 * @param selectors in order
 * @param groupings labels of by, on and group_left
 */
record PromQuery(List<Selector> selectors, Set<String> groupings) {
  /** A metric with its matchers. */
  record Selector(String metric, List<Matching> matchings) {}

  /** Label, operator and value. */
  record Matching(String label, String operator, String value) {
    /** The values that are written out; none when they are a pattern or a dashboard's variable. */
    Stream<String> values() {
      return value.matches("[\\w.|/-]+") && !value.startsWith("$")
          ? Stream.of(value.split("\\|", -1))
          : Stream.empty();
    }
  }

  private static final Set<String> GROUPING =
      Set.of("by", "on", "ignoring", "without", "group_left", "group_right");
  private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s+|#[^\n]*|\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^]]*]|\\$\\w+|[a-zA-Z_:][\\w:]*"
              + "|[0-9.]+(?:[smhdw]|e[0-9]+)?|[=!]~|[=!<>]=|[-+*/%^=<>(){},]");

  static PromQuery read(String query) {
    List<String> tokens = tokens(query);
    List<Selector> selectors = new ArrayList<>();
    Set<String> groupings = new TreeSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      String next = i + 1 < tokens.size() ? tokens.get(i + 1) : "";
      if (!token.matches("[a-zA-Z_:][\\w:]*") || WORDS.contains(token)) {
        continue;
      }
      if (GROUPING.contains(token)) {
        if (next.equals("(")) {
          for (i += 2; !tokens.get(i).equals(")"); i++) {
            if (!tokens.get(i).equals(",")) {
              groupings.add(tokens.get(i));
            }
          }
        }
      } else if (!next.equals("(") && !GROUPING.contains(next)) {
        // Neither a function nor an aggregation.
        List<Matching> matchings = new ArrayList<>();
        if (next.equals("{")) {
          for (i += 2; !tokens.get(i).equals("}"); i++) {
            if (!tokens.get(i).equals(",")) {
              String value = tokens.get(i + 2);
              matchings.add(
                  new Matching(
                      tokens.get(i), tokens.get(i + 1), value.substring(1, value.length() - 1)));
              i += 2;
            }
          }
        }
        selectors.add(new Selector(token, matchings));
      }
    }
    return new PromQuery(selectors, groupings);
  }

  private static List<String> tokens(String query) {
    List<String> tokens = new ArrayList<>();
    Matcher token = TOKEN.matcher(query);
    int end = 0;
    while (end < query.length()) {
      if (!token.find(end) || token.start() != end) {
        throw new IllegalArgumentException("not understood: " + query.substring(end));
      }
      end = token.end();
      String text = token.group();
      if (!text.isBlank() && !text.startsWith("#") && !text.startsWith("[")) {
        tokens.add(text);
      }
    }
    return tokens;
  }
}
