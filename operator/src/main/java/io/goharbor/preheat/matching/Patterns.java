package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import java.util.List;
import java.util.stream.IntStream;
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
            compile(field + ".include", set.include()), compile(field + ".exclude", set.exclude()));
  }

  private static List<Doublestar> compile(String field, @Nullable List<String> patterns) {
    if (patterns == null) {
      return List.of();
    }
    return IntStream.range(0, patterns.size())
        .mapToObj(i -> {
          try {
            return Doublestar.compile(patterns.get(i));
          } catch (PatternException e) {
            throw new SelectorException(field + "[" + i + "]", String.valueOf(e.getMessage()));
          }
        })
        .toList();
  }

  /** The included names when all of them are plain; else empty. */
  List<String> literals() {
    return include.stream().allMatch(Doublestar::isLiteral)
        ? include.stream().map(Doublestar::toString).distinct().toList()
        : List.of();
  }

  boolean matches(String name) {
    return (include.isEmpty() || include.stream().anyMatch(pattern -> pattern.matches(name)))
        && exclude.stream().noneMatch(pattern -> pattern.matches(name));
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
