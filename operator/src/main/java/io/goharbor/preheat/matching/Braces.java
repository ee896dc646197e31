package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.List;

/** The alternatives of a brace in a pattern, and what stands behind it. */
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
