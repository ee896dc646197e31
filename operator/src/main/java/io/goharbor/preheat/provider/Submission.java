package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What came of sending an order. */
public sealed interface Submission {
  /**
   * The provider has the job.
   *
   * @param jobId the driver's own name of it; may stand for several jobs of the system
   * @param adopted whether an earlier submission had made it
   */
  record Accepted(String jobId, boolean adopted) implements Submission {
    /** A job that was made just now. */
    public Accepted(String jobId) {
      this(jobId, false);
    }
  }

  /** Nothing more is to come: the call itself did, or found out, all there is. */
  record Concluded(Observation outcome) implements Submission {}

  /** The provider will never take this order as it is. */
  record Refused(Reason reason, String message) implements Submission {}

  /**
   * Not sent, for sure; worth another try.
   *
   * @param retryAfter what the provider asked for, or null
   * @param providerFault whether the provider as a whole is in trouble, so that its queue is to be
   *     held; false when only this order is
   * @param patience whether the provider only asks to wait: then it does not count as an attempt
   */
  record NotNow(
      Reason reason,
      String message,
      @Nullable Duration retryAfter,
      boolean providerFault,
      boolean patience)
      implements Submission {}

  /** No answer: the provider may or may not have the job. {@link P2PDriver#adopt} finds out. */
  record Unknown(String message) implements Submission {}

  /** The usual meaning of a failed call to the provider. */
  static Submission of(RemoteCallException failure) {
    return switch (failure.failureClass()) {
      case WAIT ->
          new NotNow(
              failure.reason(), failure.describe(), failure.retryAfter().orElse(null), false, true);
      case RETRY ->
          failure.mayHaveArrived() && failure.status() == 0
              ? new Unknown(failure.describe())
              : new NotNow(failure.reason(), failure.describe(), null, true, away(failure));
      case PERMANENT ->
          switch (failure.reason()) {
            // A wrong token or certificate is the provider's trouble, not this order's.
            case UNAUTHORIZED, FORBIDDEN, TLS_FAILED ->
                new NotNow(failure.reason(), failure.describe(), null, true, true);
            default -> new Refused(Reason.REJECTED, failure.describe());
          };
    };
  }

  /** No one was there to fail: no connection, or only something before the provider answered. */
  private static boolean away(RemoteCallException failure) {
    return switch (failure.status()) {
      case 0, 502, 503, 504 -> true;
      default -> false;
    };
  }
}
