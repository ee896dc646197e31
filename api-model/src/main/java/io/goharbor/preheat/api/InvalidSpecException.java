package io.goharbor.preheat.api;

/**
 * A text does not have the form of what it names; the message gives its place and how to write it.
 */
public final class InvalidSpecException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** The message names the field and the cure. */
  public InvalidSpecException(String message) {
    super(message);
  }

  /** The message, never null. */
  public String describe() {
    return String.valueOf(getMessage());
  }
}
