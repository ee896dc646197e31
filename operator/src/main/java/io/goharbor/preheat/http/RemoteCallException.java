package io.goharbor.preheat.http;

import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call to an outside system that failed, classified. The message is meant for people and never
 * holds a secret.
 */
public final class RemoteCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final FailureClass failureClass;
  private final Reason reason;
  private final int status;
  private final @Nullable Duration retryAfter;
  private final boolean mayHaveArrived;
  private final String said;

  /**
   * A failure.
   *
   * @param status HTTP status, or 0 when there was no answer
   * @param retryAfter what the server asked for, or null
   * @param mayHaveArrived whether the server may have acted on the request nevertheless
   */
  public RemoteCallException(
      FailureClass failureClass,
      Reason reason,
      int status,
      String message,
      @Nullable Duration retryAfter,
      boolean mayHaveArrived,
      @Nullable Throwable cause) {
    this(failureClass, reason, status, message, retryAfter, mayHaveArrived, cause, "");
  }

  /**
   * A failure.
   *
   * @param said the server's own words, to judge by; the message holds of them what may be shown
   */
  public RemoteCallException(
      FailureClass failureClass,
      Reason reason,
      int status,
      String message,
      @Nullable Duration retryAfter,
      boolean mayHaveArrived,
      @Nullable Throwable cause,
      String said) {
    super(message, cause);
    this.failureClass = failureClass;
    this.reason = reason;
    this.status = status;
    this.retryAfter = retryAfter;
    this.mayHaveArrived = mayHaveArrived;
    this.said = said;
  }

  /**
   * The server's own words, to find out what the failure means; never to be shown. Where it said
   * nothing, the message.
   */
  public String said() {
    return said.isEmpty() ? describe() : said;
  }

  /** What follows. */
  public FailureClass failureClass() {
    return failureClass;
  }

  /** The reason for conditions and tasks. */
  public Reason reason() {
    return reason;
  }

  /** The HTTP status, or 0 when there was no answer. */
  public int status() {
    return status;
  }

  /** How long the server asked to wait. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Whether the server may have acted on the request although no answer came. */
  public boolean mayHaveArrived() {
    return mayHaveArrived;
  }

  /** The message, never null. */
  public String describe() {
    String message = getMessage();
    return message == null ? reason.meaning() : message;
  }
}
