package io.goharbor.preheat.matching;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values filed under texts, to be found by a longer text that contains these. A tree of the texts'
 * beginnings; a stretch without a fork is one branch. A look-up goes down from each character of
 * what it is given, as far as branches lead: it costs in proportion to the length and to what of
 * filed texts occurs there, not to their number, and makes no substrings.
 *
 * <p>Not safe for concurrent use.
 *
 * @param <V> what is filed, one value under a text
 */
final class TextTree<V> {
  private final Branch<V> root = new Branch<>("");

  /** The value that is filed under a text, or null. */
  @Nullable V get(String text) {
    Branch<V> branch = root;
    for (int at = 0; at < text.length(); at += branch.stretch.length()) {
      Branch<V> next = branch.next(text, at);
      if (next == null) {
        return null;
      }
      branch = next;
    }
    return branch.value;
  }

  /** The value that is filed under a text; a new one is filed when there is none. */
  V get(String text, Supplier<V> whenAbsent) {
    Branch<V> branch = reach(text);
    V value = branch.value;
    if (value == null) {
      value = whenAbsent.get();
      branch.value = value;
    }
    return value;
  }

  /** Takes the value under a text away. */
  void remove(String text) {
    root.remove(text, 0);
  }

  /**
   * Shows each value whose text occurs in another text, as often as it occurs: at most as many
   * times as there are pairs of places in that text.
   */
  void forEachIn(String text, Consumer<? super V> action) {
    root.show(action);
    for (int from = 0; from < text.length(); from++) {
      Branch<V> branch = root.next(text, from);
      int at = from;
      while (branch != null) {
        branch.show(action);
        at += branch.stretch.length();
        branch = at < text.length() ? branch.next(text, at) : null;
      }
    }
  }

  private Branch<V> reach(String text) {
    Branch<V> branch = root;
    int at = 0;
    while (at < text.length()) {
      Branch<V> next = branch.branches.get(text.charAt(at));
      if (next == null) {
        next = new Branch<>(text.substring(at));
        branch.branches.put(text.charAt(at), next);
      }
      next.forkAt(next.common(text, at));
      at += next.stretch.length();
      branch = next;
    }
    return branch;
  }

  /** A stretch of text, behind that of the branch above. */
  private static final class Branch<V> {
    private String stretch;
    private @Nullable V value;
    private Map<Character, Branch<V>> branches = new HashMap<>();

    Branch(String stretch) {
      this.stretch = stretch;
    }

    void show(Consumer<? super V> action) {
      if (value != null) {
        action.accept(value);
      }
    }

    /** The branch below whose whole stretch is in the text at a place, or null. */
    @Nullable Branch<V> next(String text, int at) {
      Branch<V> next = branches.get(text.charAt(at));
      return next != null && text.startsWith(next.stretch, at) ? next : null;
    }

    /** How many characters the stretch and the text at a place have in common. */
    int common(String text, int at) {
      int most = Math.min(stretch.length(), text.length() - at);
      int length = 0;
      while (length < most && stretch.charAt(length) == text.charAt(at + length)) {
        length++;
      }
      return length;
    }

    /** Keeps the first characters, and hands the others and all that is here to a branch below. */
    void forkAt(int length) {
      if (length == stretch.length()) {
        return;
      }
      Branch<V> below = new Branch<>(stretch.substring(length));
      below.value = value;
      below.branches = branches;
      stretch = stretch.substring(0, length);
      value = null;
      branches = new HashMap<>();
      branches.put(below.stretch.charAt(0), below);
    }

    /** Takes a value away, and the branches that lead nowhere without it. */
    void remove(String text, int at) {
      if (at == text.length()) {
        value = null;
        return;
      }
      Branch<V> next = next(text, at);
      if (next != null) {
        next.remove(text, at + next.stretch.length());
        if (next.value == null && next.branches.isEmpty()) {
          branches.remove(text.charAt(at));
        }
      }
    }
  }
}
