package io.goharbor.preheat.matching;

/** A malformed pattern. */
public final class PatternException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int position;

  PatternException(String pattern, int position, String fault) {
    super("pattern '" + pattern + "': " + fault + " at position " + position);
    this.position = position;
  }

  /** Offset of the fault in the pattern, in characters, from 0. */
  public int position() {
    return position;
  }
}
