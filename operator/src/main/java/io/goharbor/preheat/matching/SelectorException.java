package io.goharbor.preheat.matching;

/** A selector that cannot be used; the message names the field. */
public final class SelectorException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  SelectorException(String field, String fault) {
    super(field + ": " + fault);
  }

  /** The message, never null. */
  public String describe() {
    return String.valueOf(getMessage());
  }
}
