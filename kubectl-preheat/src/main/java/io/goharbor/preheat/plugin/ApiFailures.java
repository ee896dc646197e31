package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong at the API server, as a sentence with the remedy. */
final class ApiFailures {
  private final String server;
  private final String user;

  /**
   * Speaks of a connection.
   *
   * @param server URL of the API server
   * @param user the user as the kubeconfig names it
   */
  ApiFailures(String server, String user) {
    this.server = server;
    this.user = user;
  }

  /** The failure to report; the client's own words are left out where they help no one. */
  PluginFailure of(KubernetesClientException failure) {
    int code = failure.getCode();
    if (code <= 0) {
      return unreached(failure);
    }
    return switch (code) {
      case 401 ->
          new PluginFailure(
              ExitCode.NOT_SIGNED_IN,
              "the API server "
                  + server
                  + " does not take the credentials of "
                  + user
                  + "; sign in again");
      case 403 ->
          new PluginFailure(
              ExitCode.FORBIDDEN, "not permitted: " + words(failure) + "; ask for a role with it");
      case 404 -> notFound(failure);
      case 400, 409, 422 -> new PluginFailure(ExitCode.FAILED, "refused: " + words(failure));
      case 429, 503, 504 ->
          new PluginFailure(
              ExitCode.FAILED,
              "the API server " + server + " is too busy (" + code + "); try again");
      default ->
          new PluginFailure(
              ExitCode.FAILED,
              "the API server " + server + " answered " + code + ": " + words(failure));
    };
  }

  private PluginFailure notFound(KubernetesClientException failure) {
    Status status = failure.getStatus();
    // Without details it is the kind that the server does not know, not an object.
    boolean noSuchKind =
        status == null || status.getDetails() == null || status.getDetails().getName() == null;
    return noSuchKind
        ? new PluginFailure(
            ExitCode.NOTHING,
            "the cluster at "
                + server
                + " does not have the kinds of preheat.goharbor.io: install"
                + " the operator's chart, or choose another --context")
        : PluginFailure.nothing(words(failure));
  }

  private PluginFailure unreached(KubernetesClientException failure) {
    Throwable cause = failure;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      cause = at;
      if (at instanceof UnknownHostException) {
        return failed("the name of the API server " + server + " cannot be resolved");
      }
      if (at instanceof ConnectException || at instanceof NoRouteToHostException) {
        return failed(
            "the API server "
                + server
                + " cannot be reached: is the cluster running, and --context right?");
      }
      if (at instanceof SSLException) {
        return failed(
            "no secure connection to the API server "
                + server
                + ": "
                + at.getMessage()
                + "; look at certificate-authority in the kubeconfig");
      }
      if (at instanceof SocketTimeoutException || at instanceof TimeoutException) {
        return failed(
            "the API server " + server + " did not answer in time; see --request-timeout");
      }
    }
    return failed("no answer from the API server " + server + ": " + message(cause));
  }

  private static PluginFailure failed(String sentence) {
    return new PluginFailure(ExitCode.FAILED, sentence);
  }

  private static String words(KubernetesClientException failure) {
    Status status = failure.getStatus();
    return status == null || status.getMessage() == null
        ? message(failure)
        : status.getMessage().strip();
  }

  private static String message(@Nullable Throwable failure) {
    return failure == null || failure.getMessage() == null
        ? "no reason is given"
        : failure.getMessage().lines().findFirst().orElse("").strip();
  }
}
