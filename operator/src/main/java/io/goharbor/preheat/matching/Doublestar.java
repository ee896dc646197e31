package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** Null for plain text, and for what matches everything. */
  private final @Nullable PatternStates states;

  private Doublestar(String pattern) {
    this.pattern = pattern;
    this.states =
        isEverything(pattern) || pattern.chars().noneMatch(c -> META.indexOf(c) >= 0)
            ? null
            : PatternStates.of(pattern);
  }

  /**
   * Compiles a pattern.
   *
   * @throws PatternException when it is malformed, and then the message names the position; or when
   *     it is beyond the limits of {@link io.goharbor.preheat.api.Patterns}
   */
  public static Doublestar compile(String pattern) {
    PatternCheck.check(pattern);
    return new Doublestar(pattern);
  }

  /**
   * Compiles the patterns of a list.
   *
   * @param patterns null: none
   * @throws SelectorException naming the pattern's field
   */
  public static List<Doublestar> compile(String field, @Nullable List<String> patterns) {
    List<Doublestar> compiled = new ArrayList<>();
    for (String pattern : patterns == null ? List.<String>of() : patterns) {
      try {
        compiled.add(compile(pattern));
      } catch (PatternException e) {
        throw new SelectorException(
            field + "[" + compiled.size() + "]", String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(compiled);
  }

  /** Whether the whole path matches. */
  public boolean matches(String path) {
    return matches(path, MatchBudget.unlimited());
  }

  /**
   * Whether the whole path matches; the answer means nothing when the budget is spent after it.
   *
   * @param budget pays for it, by the product of the lengths of pattern and path at most
   */
  boolean matches(String path, MatchBudget budget) {
    if (budget.spent()) {
      return false;
    }
    if (states == null) {
      budget.spend(1);
      return isEverything(pattern) || pattern.equals(path);
    }
    PatternMatch match = new PatternMatch(states, path);
    boolean matches = match.matches();
    budget.spend(match.steps());
    return matches;
  }

  private static boolean isEverything(String pattern) {
    return pattern.isEmpty() || pattern.equals("**");
  }

  /** Whether the pattern is plain text. */
  boolean isLiteral() {
    return states == null && !isEverything(pattern);
  }

  /** What a match costs at most, for each character of the path. */
  int weight() {
    return states == null ? 1 : states.size();
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
}
