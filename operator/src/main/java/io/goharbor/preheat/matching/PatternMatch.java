package io.goharbor.preheat.matching;

import java.util.BitSet;

/**
 * One match of a pattern with a path, in time in proportion to the product of their lengths. Path
 * components are taken one after the other, each by all states that those before it left. Within
 * one, a star tries the places from the left and keeps to the first that leads to the component's
 * end, as doublestar does; what a state came to at a place is remembered where it could be asked
 * again.
 */
final class PatternMatch {
  // What comes of a state at a place; two bits.
  private static final int UNKNOWN = 0;
  private static final int NO_MATCH = 1;

  /** The component matches, and no alternative leaves anything for those behind it. */
  private static final int MATCH = 2;

  /** The component matches, and what alternatives leave for those behind it is in {@link #left}. */
  private static final int MATCH_WITH_REST = 3;

  private static final long[] NOTHING = {};

  private final PatternStates states;
  private final String path;
  private BitSet here;
  private BitSet left;
  private int begin;
  private int end;
  private long[] memory = NOTHING;
  private int steps;

  PatternMatch(PatternStates states, String path) {
    this.states = states;
    this.path = path;
    this.here = new BitSet(states.size());
    this.left = new BitSet(states.size());
  }

  /** Whether the whole path matches. To be asked once. */
  boolean matches() {
    left.set(states.size() - 1);
    int slash = 0;
    for (int from = 0; slash >= 0 && !left.isEmpty(); from = slash + 1) {
      slash = Doublestar.unescaped(path, '/', from);
      begin = from;
      end = slash < 0 ? path.length() : slash;
      if (component(slash < 0)) {
        return true;
      }
    }
    return false;
  }

  /** Elementary comparisons that the match took. */
  int steps() {
    return steps;
  }

  /** Whether the match is decided, and is one. */
  private boolean component(boolean last) {
    BitSet free = here;
    here = left;
    left = free;
    left.clear();
    memory = NOTHING;
    for (int state = here.length() - 1; state >= 0; state = here.previousSetBit(state - 1)) {
      int behind = states.behindDoubleStar(state);
      if (behind == PatternStates.DONE) {
        return true;
      }
      if (behind >= 0) {
        here.set(behind);
        left.set(state);
      } else if (ask(state, begin) == MATCH && last) {
        return true;
      }
    }
    return false;
  }

  private int ask(int state, int at) {
    int known = recall(state, at);
    if (known != UNKNOWN) {
      return known;
    }
    int found = walk(state, at);
    remember(state, at, found);
    return found;
  }

  private int walk(int first, int from) {
    int state = first;
    int at = from;
    while (at < end) {
      steps += states.cost(state);
      switch (states.kind(state)) {
        case END, SLASH -> {
          return NO_MATCH;
        }
        case TAKE_ALL -> {
          return leave(states.afterAll(state));
        }
        case STAR -> {
          return star(state, at);
        }
        case OPTIONS -> {
          return options(state, at);
        }
        case RUNE, ANY, CLASS -> {
          int rune = path.codePointAt(at);
          if (!states.takes(state, rune)) {
            return NO_MATCH;
          }
          at += Character.charCount(rune);
          state = states.next(state);
        }
      }
      if (states.slot(state) >= 0) {
        return ask(state, at);
      }
    }
    steps++;
    return leave(states.atEnd(state));
  }

  private int star(int state, int from) {
    int behind = states.next(state);
    int found = NO_MATCH;
    int at = from;
    while (at < end) {
      steps++;
      int known = recall(state, at);
      found = known == UNKNOWN ? ask(behind, at) : known;
      if (known != UNKNOWN || found != NO_MATCH) {
        break;
      }
      at += Character.charCount(path.codePointAt(at));
    }
    // From each of these places it comes to the same.
    for (int i = from; i <= at && i < end; i++) {
      remember(state, i, found);
    }
    return found;
  }

  private int options(int state, int at) {
    int[] options = states.options(state);
    int best = NO_MATCH;
    for (int i = 1; i < options.length; i++) {
      best = Math.max(best, ask(options[i], at));
    }
    return best;
  }

  private int leave(int rest) {
    if (rest < 0) {
      return rest == PatternStates.DONE ? MATCH : NO_MATCH;
    }
    left.set(rest);
    return MATCH_WITH_REST;
  }

  private int recall(int state, int at) {
    int slot = states.slot(state);
    if (slot < 0 || memory.length == 0) {
      return UNKNOWN;
    }
    int bit = bit(slot, at);
    return (int) (memory[bit >> 6] >>> bit) & 3;
  }

  private void remember(int state, int at, int what) {
    int slot = states.slot(state);
    if (slot < 0) {
      return;
    }
    if (memory.length == 0) {
      memory = new long[((2 * states.slotCount() * (end - begin + 1)) >> 6) + 1];
    }
    int bit = bit(slot, at);
    memory[bit >> 6] |= (long) what << bit;
  }

  private int bit(int slot, int at) {
    return 2 * (slot * (end - begin + 1) + at - begin);
  }
}
