package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Submission;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a failed creation of a job means. A Manager reads the manifest while the caller waits and
 * reports every trouble of it, the registry's and its own, as 500 with the raw text; only the words
 * tell them apart.
 */
final class CreateFailures {
  // A code that the Manager's client does not know reads "unknown": Harbor's policy violations do.
  private static final Pattern BLOCKED =
      Pattern.compile("\\bdenied\\b|\\b403\\b|\\b412\\b|(^|: )unknown: ");
  private static final Pattern UNAUTHORIZED = Pattern.compile("unauthorized|\\b401\\b");
  private static final Pattern NO_SUCH_MANIFEST =
      Pattern.compile("(manifest|name) unknown|manifest\\S{0,300} not found|\\b404\\b");
  private static final Pattern UNFIT =
      Pattern.compile("no matching manifest|mediatype in manifest|unsupported manifest");
  // Go puts the request in front of what went wrong with it.
  private static final Pattern REGISTRY_CALL = Pattern.compile("\\b(get|head|post) \"https?://");
  private static final Pattern OWN_STORES =
      Pattern.compile(
          "internal server error|redis|connection pool|dial tcp|bad connection"
              + "|too many connections|context deadline exceeded");

  private CreateFailures() {}

  static Submission of(RemoteCallException e) {
    int status = e.status();
    String words = e.describe();
    if (status >= 200 && status < 300) {
      // It did something, and what it said of it cannot be read.
      return new Submission.Unknown(words);
    }
    return switch (status) {
      case 0, 429 -> Submission.of(e);
      case 301, 302, 303, 307, 308, 401, 403, 405 -> provider(e.reason(), words);
      case 404 ->
          provider(
              e.said().contains("scheduler cluster") ? Reason.INVALID_SPEC : e.reason(),
              e.said().contains("scheduler cluster")
                  ? words + ". Correct spec.dragonfly.schedulerClusterIDs"
                  : words);
      // Something between the Manager and here gave up; the Manager may go on.
      case 408, 502, 504 -> new Submission.Unknown(words);
      case 409 -> order(e.reason(), words);
      case 500 -> ofText(words, e.said().toLowerCase(Locale.ROOT));
      default ->
          status > 500
              ? new Submission.NotNow(e.reason(), words, e.retryAfter().orElse(null), true, true)
              : new Submission.Refused(Reason.REJECTED, words);
    };
  }

  private static Submission ofText(String words, String text) {
    if (text.contains("schedulers not found")) {
      return provider(
          Reason.UNREACHABLE,
          words + ". The scheduler cluster has no active scheduler with the feature preheat");
    }
    if (text.contains("parse access url failed")) {
      return new Submission.Refused(
          Reason.REJECTED,
          words
              + ". Dragonfly takes http and https URLs only: see spec.registryURL of the"
              + " HarborRegistry");
    }
    if (text.contains("ip ") && text.contains("is invalid")) {
      return new Submission.Refused(
          Reason.REJECTED,
          words
              + ". A Manager calls no loopback or link-local address: set spec.registryURL of the"
              + " HarborRegistry to one that it may call");
    }
    if (text.contains("x509") || text.contains("tls: ")) {
      return order(
          Reason.TLS_FAILED,
          words + ". The Manager does not trust the registry: set its job.preheat.tls.caCert");
    }
    if (UNFIT.matcher(text).find()) {
      return new Submission.Refused(Reason.NOT_PREHEATABLE, words);
    }
    if (text.contains("toomanyrequests")) {
      return new Submission.NotNow(Reason.RATE_LIMITED, words, null, false, true);
    }
    // A fresh token that is not taken may be a matter of clocks or replicas: worth another try.
    if (UNAUTHORIZED.matcher(text).find()) {
      return order(Reason.PULL_DENIED, words);
    }
    if (BLOCKED.matcher(text).find()) {
      return new Submission.Refused(Reason.PULL_DENIED, words);
    }
    if (REGISTRY_CALL.matcher(text).find()) {
      return order(Reason.UNREACHABLE, words + ". The Manager cannot reach the registry");
    }
    if (NO_SUCH_MANIFEST.matcher(text).find()) {
      return new Submission.Refused(Reason.ARTIFACT_NOT_FOUND, words);
    }
    return OWN_STORES.matcher(text).find()
        ? provider(Reason.UNREACHABLE, words)
        : order(Reason.UNREACHABLE, words);
  }

  /** Every order would fare the same; waiting for a repair is no failed attempt. */
  private static Submission provider(Reason reason, String words) {
    return new Submission.NotNow(reason, words, null, true, true);
  }

  /** This order's own trouble; counts as an attempt. */
  private static Submission order(Reason reason, String words) {
    return new Submission.NotNow(reason, words, null, false, false);
  }
}
