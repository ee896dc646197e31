package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A glob pattern with the meaning that Harbor gives it (bmatcuk/doublestar v1.3.4): {@code *} and
 * {@code ?} stay within a path component, {@code [a-z]} and {@code [^a-z]} are classes, {@code
 * {a,b/c}} are alternatives, a backslash escapes, and {@code **} crosses components where it is a
 * whole component. The whole path must match. An empty pattern matches everything, as in Harbor's
 * selectors.
 *
 * <p>It differs from Harbor only where Harbor would report a malformed pattern. Harbor finds a
 * fault when it meets a path that leads to it, and never finds one behind <code>**&#47;</code>;
 * here each pattern is checked whole when it is compiled, and a class must end in the alternative
 * in which it begins. One fault depends on the path: where a path component ends before a brace
 * that holds a slash, as that of <code>a{b,c/d}</code> with the path {@code a}, Harbor fails, and
 * here that brace matches nothing.
 *
 * <p>For a repository and all below it, two patterns are needed, {@code api} and <code>api/**
 * </code>: as in Harbor, <code>{api,api/**}</code> does not match {@code api}, and <code>api{,/**}
 * </code> matches neither.
 */
public final class Doublestar {
  private static final String META = "*?[{\\";

  private final String pattern;
  private final boolean literal;

  private Doublestar(String pattern) {
    this.pattern = pattern;
    this.literal = pattern.chars().noneMatch(c -> META.indexOf(c) >= 0);
  }

  /**
   * Compiles a pattern.
   *
   * @throws PatternException when it is malformed; the message names the position
   */
  public static Doublestar compile(String pattern) {
    PatternCheck.check(pattern);
    return new Doublestar(pattern);
  }

  /** Whether the whole path matches. */
  public boolean matches(String path) {
    if (pattern.isEmpty() || pattern.equals("**")) {
      return true;
    }
    if (literal) {
      return pattern.equals(path);
    }
    return new Pass(List.of(path.split("/", -1))).components(pattern, 0);
  }

  /** Whether the pattern is plain text. */
  boolean isLiteral() {
    return literal && !pattern.isEmpty();
  }

  /** The pattern as it was written. */
  @Override
  public String toString() {
    return pattern;
  }

  /** Index of a character that no backslash precedes, or -1. */
  static int unescaped(String text, char wanted, int from) {
    int at = text.indexOf(wanted, from);
    while (at > from && text.charAt(at - 1) == '\\') {
      at = text.indexOf(wanted, at + 1);
    }
    return at;
  }

  /**
   * One match. Alternatives are put into the text of the pattern where they are met, so that a star
   * pair behind a slash inside braces becomes special, and one before it does not. Each pair of
   * rest of the pattern and place in the path is looked at once, so that no pattern takes
   * exponential time.
   */
  private static final class Pass {
    private record Place(String rest, int component, int offset) {}

    private final List<String> path;
    private final Map<Place, Boolean> whole = new HashMap<>();
    private final Map<Place, Optional<Set<String>>> single = new HashMap<>();

    Pass(List<String> path) {
      this.path = path;
    }

    boolean components(String rest, int from) {
      Place place = new Place(rest, from, 0);
      Boolean known = whole.get(place);
      if (known == null) {
        known = decideComponents(rest, from);
        whole.put(place, known);
      }
      return known;
    }

    private boolean decideComponents(String rest, int from) {
      int left = path.size() - from;
      if (rest.isEmpty() && left == 1 && path.get(from).isEmpty()) {
        return true;
      }
      int slash = unescaped(rest, '/', 0);
      if ((slash < 0 ? rest : rest.substring(0, slash)).equals("**")) {
        if (slash < 0) {
          return true;
        }
        String behind = rest.substring(slash + 1);
        for (int i = from; i < path.size(); i++) {
          if (components(behind, i)) {
            return true;
          }
        }
        return false;
      }
      Optional<Set<String>> tails = component(rest, from, 0);
      if (tails.isEmpty()) {
        return false;
      }
      if (tails.get().isEmpty() && left == 1) {
        return true;
      }
      return left > 1 && tails.get().stream().anyMatch(tail -> components(tail, from + 1));
    }

    /**
     * Matches the pattern with one component of the path from an offset on.
     *
     * @return what of the pattern is left for the components behind, one for each alternative; an
     *     empty set when nothing is left; nothing at all when the component does not match
     */
    private Optional<Set<String>> component(String rest, int index, int offset) {
      Place place = new Place(rest, index, offset);
      Optional<Set<String>> known = single.get(place);
      if (known == null) {
        known = decideComponent(rest, index, offset);
        single.put(place, known);
      }
      return known;
    }

    private Optional<Set<String>> decideComponent(String rest, int index, int offset) {
      String name = path.get(index);
      int at = offset;
      int p = 0;
      while (p < rest.length() && at < name.length()) {
        int want = rest.codePointAt(p);
        int have = name.codePointAt(at);
        if (want == '/') {
          // The component is longer than the pattern for it.
          return Optional.empty();
        }
        switch (want) {
          case '*' -> {
            return star(rest.substring(p + 1), index, at);
          }
          case '{' -> {
            return alternatives(rest.substring(p + 1), index, at);
          }
          case '[' -> {
            int close = unescaped(rest, ']', p + 1);
            if (!inClass(rest.substring(p + 1, close), have)) {
              return Optional.empty();
            }
            p = close + 1;
          }
          case '?' -> p++;
          default -> {
            if (want == '\\') {
              p++;
              want = rest.codePointAt(p);
            }
            if (want != have) {
              return Optional.empty();
            }
            p += Character.charCount(want);
          }
        }
        at += Character.charCount(have);
      }
      return at >= name.length() ? atEnd(rest.substring(p)) : Optional.empty();
    }

    private Optional<Set<String>> star(String behind, int index, int at) {
      if (behind.isEmpty()) {
        return Optional.of(Set.of());
      }
      if (behind.charAt(0) == '/') {
        return Optional.of(Set.of(behind.substring(1)));
      }
      String name = path.get(index);
      for (int i = at; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
        Optional<Set<String>> tails = component(behind, index, i);
        if (tails.isPresent()) {
          return tails;
        }
      }
      return Optional.empty();
    }

    private Optional<Set<String>> alternatives(String behindBrace, int index, int at) {
      Braces braces = Braces.split(behindBrace);
      // A set: equal tails of several braces would double with each brace.
      Set<String> tails = new HashSet<>();
      boolean any = false;
      for (String option : braces.options()) {
        Optional<Set<String>> found = component(option + braces.behind(), index, at);
        if (found.isPresent()) {
          any = true;
          tails.addAll(found.get());
        }
      }
      return any ? Optional.of(tails) : Optional.empty();
    }

    /** The component is used up: what is left of the pattern must be able to match nothing. */
    private static Optional<Set<String>> atEnd(String rest) {
      if (rest.isEmpty()) {
        return Optional.of(Set.of());
      }
      int slash = unescaped(rest, '/', 0);
      if (!matchesNothing(slash < 0 ? rest : rest.substring(0, slash))) {
        return Optional.empty();
      }
      return Optional.of(slash < 0 ? Set.of() : Set.of(rest.substring(slash + 1)));
    }

    private static boolean matchesNothing(String rest) {
      if (rest.isEmpty() || rest.equals("*") || rest.equals("**")) {
        return true;
      }
      if (rest.charAt(0) != '{' || !Braces.closed(rest.substring(1))) {
        return false;
      }
      Braces braces = Braces.split(rest.substring(1));
      return matchesNothing(braces.behind())
          && braces.options().stream().anyMatch(Pass::matchesNothing);
    }
  }

  private static boolean inClass(String members, int rune) {
    int[] runes = members.codePoints().toArray();
    boolean negated = runes[0] == '^';
    boolean found = false;
    int i = negated ? 1 : 0;
    while (i < runes.length) {
      if (runes[i] == '\\') {
        i++;
      }
      int low = runes[i++];
      int high = low;
      if (i < runes.length && runes[i] == '-') {
        i++;
        if (runes[i] == '\\') {
          i++;
        }
        high = runes[i++];
      }
      found |= low <= rune && rune <= high;
    }
    return found != negated;
  }

  /** The alternatives of a brace, and what stands behind it. */
  record Braces(List<String> options, String behind) {
    /** Splits the text behind an opening brace. */
    static Braces split(String text) {
      List<String> options = new ArrayList<>();
      int start = 0;
      int depth = 1;
      int at = 0;
      for (; depth > 0; at++) {
        switch (text.charAt(at)) {
          case '\\' -> at++;
          case '{' -> depth++;
          case '}' -> depth--;
          case ',' -> {
            if (depth == 1) {
              options.add(text.substring(start, at));
              start = at + 1;
            }
          }
          default -> {}
        }
      }
      options.add(text.substring(start, at - 1));
      return new Braces(options, text.substring(at));
    }

    /** Whether the brace is closed in this text, which a slash may have cut off. */
    static boolean closed(String text) {
      int depth = 1;
      for (int at = 0; at < text.length(); at++) {
        switch (text.charAt(at)) {
          case '\\' -> at++;
          case '{' -> depth++;
          case '}' -> depth--;
          default -> {}
        }
        if (depth == 0) {
          return true;
        }
      }
      return false;
    }
  }
}
