package io.goharbor.preheat.api;

/**
 * Text that came from outside, made fit for a status, an Event, a log line or a terminal. Control
 * and format characters can forge lines, colour or reorder what follows, or hide in a name; and the
 * API server refuses a status that holds some of them, since it reads server-side apply as YAML
 * ("control characters are not allowed").
 */
public final class DisplayText {
  /** Stands for characters that are not shown. */
  private static final char REPLACEMENT = '\uFFFD';

  private DisplayText() {}

  /**
   * The text without control characters, format characters (as those that turn the direction),
   * separators of lines and paragraphs, unpaired surrogates and the two that are no characters.
   * Breaks and tabs become a space, a run of others becomes one U+FFFD. The same object when there
   * are none.
   */
  public static String of(String text) {
    int bad = 0;
    while (bad < text.length() && plain(text.charAt(bad))) {
      bad++;
    }
    return bad == text.length() ? text : cleaned(text, bad);
  }

  /**
   * The same, shortened at a code point.
   *
   * @param most UTF-16 units that the result may have, at least 1
   */
  public static String of(String text, int most) {
    // A long text is cut before it is scanned, so that what is dropped costs nothing.
    String clean = of(text.length() <= 4L * most ? text : text.substring(0, 4 * most));
    if (clean.length() <= most) {
      return clean;
    }
    int end = most - 1;
    if (end > 0 && Character.isHighSurrogate(clean.charAt(end - 1))) {
      end--;
    }
    return clean.substring(0, end) + "…";
  }

  /** Whether a UTF-16 unit is left as it is; both halves of a pair are. */
  public static boolean isShown(char unit) {
    return plain(unit) || Character.isSurrogate(unit) || instead(unit) == 0;
  }

  private static boolean plain(char c) {
    return c >= ' ' && c <= '~';
  }

  private static String cleaned(String text, int start) {
    StringBuilder clean = new StringBuilder(text.length()).append(text, 0, start);
    char last = 0;
    for (int i = start; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      char instead = instead(point);
      if (instead == 0) {
        clean.appendCodePoint(point);
      } else if (instead != last) {
        clean.append(instead);
      }
      last = instead;
    }
    return text.contentEquals(clean) ? text : clean.toString();
  }

  /** What takes the place of a code point; 0: it stays. */
  private static char instead(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL ->
          (point >= '\t' && point <= '\r') || point == 0x85 ? ' ' : REPLACEMENT;
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
      case Character.FORMAT, Character.SURROGATE -> REPLACEMENT;
      default -> point == 0xFFFE || point == 0xFFFF ? REPLACEMENT : 0;
    };
  }
}
