package io.goharbor.preheat.kube;

/** A Secret, a ConfigMap or a key that is not there, or not of the form that is needed. */
public final class SecretMissingException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The message names the object and the key, never a value. */
  public SecretMissingException(String message) {
    super(message);
  }

  /** The message, never null. */
  public String describe() {
    return String.valueOf(getMessage());
  }
}
