package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A pattern as a graph. Each state stands for a rest of the pattern with its alternatives put in:
 * that of <code>{a,b}/c</code> behind the {@code a} is {@code /c}. So there are at most as many as
 * the pattern has characters, and one for its end. A state leads only to states of a lower number.
 */
final class PatternStates {
  /** What a rest of the pattern begins with. */
  enum Kind {
    /** Nothing: the pattern is used up. */
    END,
    /** The end of a path component. */
    SLASH,
    /** One code point. */
    RUNE,
    /** Any code point. */
    ANY,
    /** A class of code points. */
    CLASS,
    /** A star with more of the same component behind it. */
    STAR,
    /** A star that takes the rest of the component. */
    TAKE_ALL,
    /** Alternatives. */
    OPTIONS
  }

  /** In the place of a state: there is none, since nothing matches. */
  static final int NONE = -1;

  /** In the place of a state: nothing of the pattern is left. */
  static final int DONE = -2;

  private final Kind[] kinds;
  private final int[] values;
  private final int[] next;
  private final int[] slots;
  private final int[][] tables;
  private final int slotCount;

  private PatternStates(Builder builder) {
    int size = builder.made.size();
    kinds = new Kind[size];
    values = new int[size];
    next = new int[size];
    for (int i = 0; i < size; i++) {
      kinds[i] = builder.made.get(i).kind();
      values[i] = builder.made.get(i).value();
      next[i] = builder.made.get(i).next();
    }
    tables = builder.tables.toArray(int[][]::new);
    slots = builder.slots();
    slotCount = builder.slotCount;
  }

  /** Reads a pattern that {@link PatternCheck} has found good. */
  static PatternStates of(String pattern) {
    Builder builder = new Builder();
    builder.state(pattern);
    return new PatternStates(builder);
  }

  /** Number of states. The last one is that of the whole pattern. */
  int size() {
    return kinds.length;
  }

  Kind kind(int state) {
    return kinds[state];
  }

  /** The state behind what this one begins with. */
  int next(int state) {
    return next[state];
  }

  /** What is left for the components behind, where a star takes all of this one. */
  int afterAll(int state) {
    return values[state];
  }

  /** What comes of the pattern where the path component is used up. */
  int atEnd(int state) {
    return switch (kind(state)) {
      case END -> DONE;
      case SLASH -> next[state];
      case TAKE_ALL -> values[state];
      case STAR -> behindDoubleStar(state);
      case OPTIONS -> tables[values[state]][0];
      case RUNE, ANY, CLASS -> NONE;
    };
  }

  /** What stands behind a star pair that is a whole component; {@link #NONE} when it is none. */
  int behindDoubleStar(int state) {
    return kind(state) == Kind.STAR && kind(next[state]) == Kind.TAKE_ALL
        ? values[next[state]]
        : NONE;
  }

  /** The states of alternatives, from index 1 on. */
  int[] options(int state) {
    return tables[values[state]];
  }

  /** Whether a state that stands for one code point takes this one. */
  boolean takes(int state, int rune) {
    return switch (kind(state)) {
      case RUNE -> values[state] == rune;
      case ANY -> true;
      case CLASS -> inClass(tables[values[state]], rune);
      default -> false;
    };
  }

  /** How many steps it takes to ask a state about a code point. */
  int cost(int state) {
    return kind(state) == Kind.CLASS ? tables[values[state]].length / 2 : 1;
  }

  private static boolean inClass(int[] members, int rune) {
    boolean negated = members[0] != 0;
    for (int i = 1; i < members.length; i += 2) {
      if (members[i] <= rune && rune <= members[i + 1]) {
        return !negated;
      }
    }
    return negated;
  }

  /** Number of states that can be reached in several ways at one place of the path. */
  int slotCount() {
    return slotCount;
  }

  /** The number of such a state among those; negative for another one. */
  int slot(int state) {
    return slotCount == 0 ? NONE : slots[state];
  }

  private static final class Builder {
    private record Made(Kind kind, int value, int next) {}

    private final Map<String, Integer> known = new HashMap<>();
    private final Map<String, Boolean> nothing = new HashMap<>();
    private final List<Made> made = new ArrayList<>();
    private final List<int[]> tables = new ArrayList<>();
    private final BitSet shared = new BitSet();
    private final BitSet stars = new BitSet();
    private int slotCount;

    int state(String rest) {
      Integer there = known.get(rest);
      if (there != null) {
        shared.set(there);
        return there;
      }
      made.add(make(rest));
      int state = made.size() - 1;
      known.put(rest, state);
      if (made.getLast().kind() == Kind.STAR) {
        stars.set(state);
      }
      return state;
    }

    private Made make(String rest) {
      if (rest.isEmpty()) {
        return new Made(Kind.END, 0, NONE);
      }
      int rune = rest.codePointAt(0);
      return switch (rune) {
        case '/' -> new Made(Kind.SLASH, 0, state(rest.substring(1)));
        case '?' -> new Made(Kind.ANY, 0, state(rest.substring(1)));
        case '*' -> star(rest.substring(1));
        case '{' -> options(rest);
        case '[' -> {
          int close = Doublestar.unescaped(rest, ']', 1);
          yield new Made(
              Kind.CLASS,
              table(members(rest.substring(1, close))),
              state(rest.substring(close + 1)));
        }
        case '\\' -> rune(rest.substring(1));
        default -> rune(rest);
      };
    }

    private Made rune(String rest) {
      int rune = rest.codePointAt(0);
      return new Made(Kind.RUNE, rune, state(rest.substring(Character.charCount(rune))));
    }

    private Made star(String behind) {
      if (behind.isEmpty()) {
        return new Made(Kind.TAKE_ALL, DONE, NONE);
      }
      return behind.charAt(0) == '/'
          ? new Made(Kind.TAKE_ALL, state(behind.substring(1)), NONE)
          : new Made(Kind.STAR, 0, state(behind));
    }

    private Made options(String rest) {
      Braces braces = Braces.split(rest.substring(1));
      int[] table = new int[braces.options().size() + 1];
      table[0] = atEnd(rest);
      for (int i = 1; i < table.length; i++) {
        table[i] = state(braces.options().get(i - 1) + braces.behind());
      }
      return new Made(Kind.OPTIONS, table(table), NONE);
    }

    /** What comes of a rest that begins with alternatives where the path component is used up. */
    private int atEnd(String rest) {
      int slash = Doublestar.unescaped(rest, '/', 0);
      if (!matchesNothing(slash < 0 ? rest : rest.substring(0, slash))) {
        return NONE;
      }
      return slash < 0 ? DONE : state(rest.substring(slash + 1));
    }

    private boolean matchesNothing(String rest) {
      if (rest.isEmpty() || rest.equals("*") || rest.equals("**")) {
        return true;
      }
      if (rest.charAt(0) != '{') {
        return false;
      }
      Boolean there = nothing.get(rest);
      if (there == null) {
        there = Braces.closed(rest.substring(1)) && optionsMatchNothing(rest.substring(1));
        nothing.put(rest, there);
      }
      return there;
    }

    private boolean optionsMatchNothing(String behindBrace) {
      Braces braces = Braces.split(behindBrace);
      return matchesNothing(braces.behind())
          && braces.options().stream().anyMatch(this::matchesNothing);
    }

    private int table(int[] table) {
      tables.add(table);
      return tables.size() - 1;
    }

    /** Whether the class is negated, and then the first and the last code point of each member. */
    private static int[] members(String text) {
      int[] runes = text.codePoints().toArray();
      List<Integer> table = new ArrayList<>();
      boolean negated = runes[0] == '^';
      table.add(negated ? 1 : 0);
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
        table.add(low);
        table.add(high);
      }
      return table.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Numbers the states whose answers must be remembered, so that none is asked twice about one
     * place: those to which several lead, and the stars, unless there is but one and nothing else.
     */
    private int[] slots() {
      BitSet remembered = new BitSet();
      if (!shared.isEmpty() || stars.cardinality() > 1) {
        remembered.or(shared);
        remembered.or(stars);
      }
      int[] slots = new int[remembered.isEmpty() ? 0 : made.size()];
      for (int state = 0; state < slots.length; state++) {
        slots[state] = remembered.get(state) ? slotCount++ : NONE;
      }
      return slots;
    }
  }
}
