package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.Patterns;

/**
 * Finds the first fault of a doublestar pattern, before it is ever used. The schema has the same
 * limits, but objects may be older than the schema.
 */
final class PatternCheck {
  private final String pattern;

  private PatternCheck(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Checks a pattern.
   *
   * @throws PatternException for the first fault
   */
  static void check(String pattern) {
    PatternCheck check = new PatternCheck(pattern);
    check.limits();
    check.text(0, pattern.length());
  }

  private void limits() {
    if (pattern.codePointCount(0, pattern.length()) > Patterns.GLOB_LENGTH) {
      int most = pattern.offsetByCodePoints(0, Patterns.GLOB_LENGTH);
      throw PatternException.tooMuch(
          pattern.substring(0, most) + "...",
          most,
          "it is longer than " + Patterns.GLOB_LENGTH + " characters");
    }
    most("*", Patterns.GLOB_STARS, "'*'");
    most("{,", Patterns.GLOB_ALTERNATIVES, "'{' and ','");
  }

  private void most(String counted, int most, String names) {
    int count = 0;
    for (int at = 0; at < pattern.length(); at++) {
      if (counted.indexOf(pattern.charAt(at)) >= 0 && ++count > most) {
        throw PatternException.tooMuch(pattern, at, "it has more than " + most + " " + names);
      }
    }
  }

  /** Checks a stretch of the pattern, braces included. */
  private void text(int from, int to) {
    int at = from;
    while (at < to) {
      switch (pattern.charAt(at)) {
        case '\\' -> {
          if (at + 1 >= to) {
            throw new PatternException(pattern, at, "a backslash escapes nothing");
          }
          at += 2;
        }
        case '[' -> at = characterClass(at, to);
        case '{' -> at = alternatives(at, to);
        default -> at++;
      }
    }
  }

  private int alternatives(int open, int to) {
    int depth = 1;
    int start = open + 1;
    int at = start;
    while (true) {
      if (at >= to) {
        throw new PatternException(pattern, open, "the brace is not closed");
      }
      char c = pattern.charAt(at);
      if (c == '\\') {
        at += 2;
        continue;
      }
      if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      }
      if (depth == 0 || (c == ',' && depth == 1)) {
        text(start, at);
        start = at + 1;
      }
      if (depth == 0) {
        return at + 1;
      }
      at++;
    }
  }

  private int characterClass(int open, int to) {
    int close = Doublestar.unescaped(pattern, ']', open + 1);
    if (close < 0 || close >= to) {
      throw new PatternException(pattern, open, "the character class is not closed");
    }
    int at = open + 1;
    if (at == close) {
      throw new PatternException(pattern, open, "the character class is empty");
    }
    if (pattern.charAt(at) == '^') {
      at++;
    }
    while (at < close) {
      at = classMember(at, close);
      if (at < close && pattern.charAt(at) == '-') {
        if (at + 1 >= close) {
          throw new PatternException(pattern, at, "the range has no end");
        }
        at = classMember(at + 1, close);
      }
    }
    return close + 1;
  }

  private int classMember(int at, int close) {
    int rune = pattern.codePointAt(at);
    if (rune == '-') {
      throw new PatternException(pattern, at, "an unescaped '-' in a character class");
    }
    if (rune == '\\') {
      if (at + 1 >= close) {
        throw new PatternException(pattern, at, "a backslash escapes nothing");
      }
      return at + 1 + Character.charCount(pattern.codePointAt(at + 1));
    }
    return at + Character.charCount(rune);
  }
}
