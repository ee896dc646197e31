package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A set of include and exclude patterns. */
record Patterns(List<Doublestar> include, List<Doublestar> exclude) {
  /**
   * Compiles a set; null matches everything.
   *
   * @throws SelectorException naming the pattern's field
   */
  static Patterns compile(String field, @Nullable PatternSet set) {
    return set == null
        ? new Patterns(List.of(), List.of())
        : new Patterns(
            Doublestar.compile(field + ".include", set.include()),
            Doublestar.compile(field + ".exclude", set.exclude()));
  }

  /** The included names when all of them are plain; else empty. */
  List<String> literals() {
    return include.stream().allMatch(Doublestar::isLiteral)
        ? include.stream().map(Doublestar::toString).distinct().toList()
        : List.of();
  }

  /** Whether a name passes; the answer means nothing when the budget is spent after it. */
  boolean matches(String name, MatchBudget budget) {
    return (include.isEmpty() || anyMatches(include, name, budget))
        && !anyMatches(exclude, name, budget);
  }

  private static boolean anyMatches(List<Doublestar> patterns, String name, MatchBudget budget) {
    for (Doublestar pattern : patterns) {
      if (pattern.matches(name, budget)) {
        return true;
      }
    }
    return false;
  }

  /** What it costs at most to ask about a name, for each of its characters. */
  int weight() {
    return Stream.concat(include.stream(), exclude.stream()).mapToInt(Doublestar::weight).sum();
  }

  /** Why a name does not match, for people. */
  String why(String name) {
    return exclude.stream()
        .filter(pattern -> pattern.matches(name))
        .findFirst()
        .map(pattern -> "'" + name + "' is excluded by '" + pattern + "'")
        .orElseGet(() -> "'" + name + "' matches none of " + include);
  }
}
