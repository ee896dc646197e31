package io.goharbor.preheat.kube;

import io.goharbor.preheat.api.Reason;

/**
 * A Secret, a ConfigMap or a key that is not there, not of the form that is needed, or not for the
 * operator to read.
 */
public final class SecretMissingException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** One that is not there. The message names the object and the key, never a value. */
  public SecretMissingException(String message) {
    this(Reason.SECRET_NOT_FOUND, message);
  }

  /** For the given reason. The message names the object and the key, never a value. */
  public SecretMissingException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** The reason for a condition. */
  public Reason reason() {
    return reason;
  }

  /** The message, never null. */
  public String describe() {
    return String.valueOf(getMessage());
  }
}
