package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.Reply;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Kraken's answers mean; its errors are plain text. */
final class KrakenFailures {
  /** What to look at when the registry does not let Kraken in. */
  static final String ACCOUNT =
      "check that the account in the origin's own configuration may pull the project (Kraken takes"
          + " no credentials from the operator)";

  private static final Pattern DENIED =
      Pattern.compile("\\b40[13]\\b|unauthorized|forbidden|denied", Pattern.CASE_INSENSITIVE);
  private static final Pattern SLOW =
      Pattern.compile("timeout|deadline exceeded", Pattern.CASE_INSENSITIVE);

  private KrakenFailures() {}

  /** The meaning of an answer that is the same for every call. */
  static RemoteCallException of(String who, String call, Reply reply) {
    String answered = who + " answered " + reply.status() + " to " + call + words(reply);
    return switch (reply.status()) {
      // With TLS on, nginx lets only GET and HEAD pass without a verified client certificate.
      case 403 ->
          permanent(
              Reason.TLS_FAILED,
              reply,
              answered
                  + "; Kraken wants a client certificate for this call: set"
                  + " tls.clientCertificateSecretRef");
      case 401 -> permanent(Reason.UNAUTHORIZED, reply, answered);
      case 429, 503 ->
          failure(
              FailureClass.WAIT,
              Reason.RATE_LIMITED,
              reply,
              answered + "; it has no free worker or is not ready");
      case 408, 502, 504 -> failure(FailureClass.RETRY, Reason.UNREACHABLE, reply, answered);
      case 400 -> permanent(Reason.REJECTED, reply, answered);
      default ->
          reply.status() >= 500
              ? failure(FailureClass.RETRY, Reason.UNREACHABLE, reply, answered)
              : permanent(Reason.UNEXPECTED_ANSWER, reply, answered);
    };
  }

  /** An origin's 500 to a request to fetch: what its registry or an earlier download said. */
  static RemoteCallException ofFetch(String who, BlobName blob, Reply reply) {
    String said = who + " cannot fetch " + blob + words(reply);
    if (DENIED.matcher(reply.text()).find()) {
      return failure(FailureClass.RETRY, Reason.PULL_DENIED, reply, said + "; " + ACCOUNT);
    }
    String hint =
        reply.text().contains("size limit")
            ? "; raise size_limit in the origin's configuration"
            : SLOW.matcher(reply.text()).find()
                ? "; if the layer is large, raise timeout of the registry backend in the origin's"
                    + " configuration (60s unless set)"
                : "";
    return failure(FailureClass.RETRY, Reason.JOB_FAILED, reply, said + hint);
  }

  /** A failure that stays until a person changes something. */
  static RemoteCallException permanent(Reason reason, Reply reply, String message) {
    return failure(FailureClass.PERMANENT, reason, reply, message);
  }

  static RemoteCallException failure(
      FailureClass failureClass, Reason reason, Reply reply, String message) {
    return new RemoteCallException(
        failureClass, reason, reply.status(), message, retryAfter(reply), true, null);
  }

  /** The server's own words, ready to be appended; empty when it said nothing. */
  static String words(Reply reply) {
    String shown = reply.shown();
    return shown.isEmpty() ? "" : ": " + shown;
  }

  private static @Nullable Duration retryAfter(Reply reply) {
    String header = reply.headers().get("Retry-After");
    return header != null && header.matches("[0-9]{1,6}")
        ? Duration.ofSeconds(Long.parseLong(header))
        : null;
  }
}
