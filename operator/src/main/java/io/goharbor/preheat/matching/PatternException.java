package io.goharbor.preheat.matching;

/** A pattern that cannot be used: malformed, or too much of one. */
public final class PatternException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int position;
  private final boolean tooMuch;

  private PatternException(
      String pattern, int position, String fault, String cure, boolean tooMuch) {
    super("pattern '" + pattern + "': " + fault + " at position " + position + cure);
    this.position = position;
    this.tooMuch = tooMuch;
  }

  PatternException(String pattern, int position, String fault) {
    this(pattern, position, fault, "", false);
  }

  /** A pattern beyond the limits, from a position on. */
  static PatternException tooMuch(String pattern, int position, String limit) {
    return new PatternException(
        pattern,
        position,
        limit + ", the first one too many",
        "; split it into several patterns",
        true);
  }

  /** Offset of the fault in the pattern, in characters, from 0. */
  public int position() {
    return position;
  }

  /** Whether the pattern is beyond the limits, which are not Harbor's. */
  public boolean isTooMuch() {
    return tooMuch;
  }
}
