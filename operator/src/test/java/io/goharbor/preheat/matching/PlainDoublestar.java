package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The rules of doublestar v1.3.4, written as plainly as they can be: each way is tried, and nothing
 * is remembered. For good patterns and short texts only, since the time is exponential.
 */
final class PlainDoublestar {
  private PlainDoublestar() {}

  static boolean matches(String pattern, String path) {
    return pattern.isEmpty() || components(pattern, List.of(path.split("/", -1)));
  }

  private static boolean components(String pattern, List<String> path) {
    if (pattern.equals("**")) {
      return true;
    }
    if (pattern.startsWith("**/")) {
      for (int i = 0; i < path.size(); i++) {
        if (components(pattern.substring(3), path.subList(i, path.size()))) {
          return true;
        }
      }
      return false;
    }
    Optional<List<String>> rests = component(pattern, path.getFirst());
    if (path.size() == 1) {
      return rests.isPresent() && rests.get().isEmpty();
    }
    return rests.stream()
        .flatMap(List::stream)
        .anyMatch(rest -> components(rest, path.subList(1, path.size())));
  }

  /** What each way to match leaves of the pattern for the components behind. */
  private static Optional<List<String>> component(String pattern, String name) {
    if (name.isEmpty()) {
      int slash = Doublestar.unescaped(pattern, '/', 0);
      if (!matchesNothing(slash < 0 ? pattern : pattern.substring(0, slash))) {
        return Optional.empty();
      }
      return Optional.of(slash < 0 ? List.of() : List.of(pattern.substring(slash + 1)));
    }
    if (pattern.isEmpty()) {
      return Optional.empty();
    }
    String rest = pattern.substring(pattern.offsetByCodePoints(0, 1));
    int rune = name.codePointAt(0);
    String behind = name.substring(Character.charCount(rune));
    return switch (pattern.charAt(0)) {
      case '/' -> Optional.empty();
      case '?' -> component(rest, behind);
      case '*' -> star(rest, name);
      case '{' -> alternatives(rest, name);
      case '[' -> {
        int close = Doublestar.unescaped(rest, ']', 0);
        yield inClass(rest.substring(0, close), rune)
            ? component(rest.substring(close + 1), behind)
            : Optional.empty();
      }
      case '\\' -> literal(rest, rune, behind);
      default -> literal(pattern, rune, behind);
    };
  }

  private static Optional<List<String>> literal(String pattern, int rune, String behind) {
    return pattern.codePointAt(0) == rune
        ? component(pattern.substring(Character.charCount(rune)), behind)
        : Optional.empty();
  }

  private static Optional<List<String>> star(String rest, String name) {
    if (rest.isEmpty()) {
      return Optional.of(List.of());
    }
    if (rest.charAt(0) == '/') {
      return Optional.of(List.of(rest.substring(1)));
    }
    for (int i = 0; i < name.length(); i = name.offsetByCodePoints(i, 1)) {
      Optional<List<String>> rests = component(rest, name.substring(i));
      if (rests.isPresent()) {
        return rests;
      }
    }
    return Optional.empty();
  }

  private static Optional<List<String>> alternatives(String rest, String name) {
    Braces braces = Braces.split(rest);
    List<List<String>> found = new ArrayList<>();
    for (String option : braces.options()) {
      component(option + braces.behind(), name).ifPresent(found::add);
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(found.stream().flatMap(List::stream).toList());
  }

  private static boolean matchesNothing(String pattern) {
    if (List.of("", "*", "**").contains(pattern)) {
      return true;
    }
    if (!pattern.startsWith("{") || !Braces.closed(pattern.substring(1))) {
      return false;
    }
    Braces braces = Braces.split(pattern.substring(1));
    return matchesNothing(braces.behind())
        && braces.options().stream().anyMatch(PlainDoublestar::matchesNothing);
  }

  private static boolean inClass(String members, int rune) {
    boolean negated = members.startsWith("^");
    int[] runes = members.substring(negated ? 1 : 0).codePoints().toArray();
    boolean[] escaped = new boolean[runes.length];
    int count = 0;
    for (int i = 0; i < runes.length; i++) {
      escaped[count] = runes[i] == '\\';
      runes[count++] = runes[escaped[count - 1] ? ++i : i];
    }
    int[] plain = Arrays.copyOf(runes, count);
    boolean found = false;
    for (int i = 0; i < plain.length; i++) {
      boolean range = i + 2 < plain.length && plain[i + 1] == '-' && !escaped[i + 1];
      found |= plain[i] <= rune && rune <= plain[range ? i + 2 : i];
      i += range ? 2 : 0;
    }
    return found != negated;
  }
}
