package io.goharbor.preheat.http;

import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The one place where answers and broken connections become classified failures. */
final class Failures {
  private static final int LONGEST_URL = 200;

  private Failures() {}

  static RemoteCallException ofStatus(RemoteSystem system, Request request, Reply reply) {
    int status = reply.status();
    FailureClass failureClass;
    Reason reason;
    if (status == 401) {
      failureClass = FailureClass.PERMANENT;
      reason = Reason.UNAUTHORIZED;
    } else if (status == 403) {
      failureClass = FailureClass.PERMANENT;
      reason = Reason.FORBIDDEN;
    } else if (status == 429) {
      failureClass = FailureClass.WAIT;
      reason = Reason.RATE_LIMITED;
    } else if (status == 408 || status >= 500) {
      failureClass =
          reply.headers().get("Retry-After") != null ? FailureClass.WAIT : FailureClass.RETRY;
      reason = Reason.UNREACHABLE;
    } else if (status == 412) {
      // Harbor: the project's content trust or vulnerability gate blocks the pull.
      failureClass = FailureClass.PERMANENT;
      reason = Reason.PULL_DENIED;
    } else {
      failureClass = FailureClass.PERMANENT;
      reason = Reason.UNEXPECTED_ANSWER;
    }
    String said =
        status >= 300 && status < 400
            ? redirect(system, request, reply)
            : Excerpt.shortened(hide(Excerpt.shown(reply), system, request));
    return new RemoteCallException(
        failureClass,
        reason,
        status,
        system.name()
            + " answered "
            + status
            + " to "
            + request.method()
            + " "
            + request.url().encodedPath()
            + (said.isEmpty() ? "" : ": " + said),
        retryAfter(reply.headers().get("Retry-After")),
        true,
        null,
        Excerpt.said(reply));
  }

  /** Redirects are not followed: the credential is for the host that the spec names. */
  private static String redirect(RemoteSystem system, Request request, Reply reply) {
    String location = reply.headers().get("Location");
    // Before it is read as a URL, which changes characters of what it may quote.
    HttpUrl to = location == null ? null : request.url().resolve(hide(location, system, request));
    return to == null
        ? ""
        // Without the query: a sign-in page gets tokens there.
        : "it redirects to "
            + DisplayText.of(
                to.newBuilder().username("").password("").query(null).build().toString(),
                LONGEST_URL)
            + ", and redirects are not followed; set the URL to where the API itself answers";
  }

  static RemoteCallException ofIo(RemoteSystem system, Request request, IOException e) {
    String host = request.url().host() + ":" + request.url().port();
    return switch (e) {
      // A handshake that breaks off says nothing about trust: a proxy or server that starts.
      case SSLException cut
          when cut.getCause() instanceof EOFException
              || cut.getCause() instanceof SocketException ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": " + host + " broke off the TLS connection",
              true,
              cut);
      case SSLException tls ->
          failure(
              FailureClass.PERMANENT,
              Reason.TLS_FAILED,
              system.name() + ": TLS to " + host + " failed: " + Excerpt.shortened(message(tls)),
              false,
              tls);
      case UnknownHostException unknown ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": the host name " + request.url().host() + " is not known",
              false,
              unknown);
      case ConnectException refused ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": " + host + " cannot be connected to",
              false,
              refused);
      case NoRouteToHostException refused ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": there is no route to " + host,
              false,
              refused);
      case SocketTimeoutException slow
          when message(slow).toLowerCase(Locale.ROOT).contains("connect") ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": " + host + " did not take the connection in time",
              false,
              slow);
      // Of a read, or of the call as a whole: whichever comes first is a matter of milliseconds.
      case InterruptedIOException slow ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": no answer from " + host + " in time",
              true,
              slow);
      default ->
          failure(
              FailureClass.RETRY,
              Reason.UNREACHABLE,
              system.name() + ": no answer from " + host + ": " + Excerpt.shortened(message(e)),
              true,
              e);
    };
  }

  private static RemoteCallException failure(
      FailureClass failureClass,
      Reason reason,
      String message,
      boolean mayHaveArrived,
      Throwable cause) {
    return new RemoteCallException(failureClass, reason, 0, message, null, mayHaveArrived, cause);
  }

  private static String message(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Takes out what the request brought in confidence; servers and proxies may quote it. */
  private static String hide(String text, RemoteSystem system, Request request) {
    String hidden = text;
    HiddenText body = request.tag(HiddenText.class);
    if (body != null) {
      hidden = without(hidden, body.value());
    }
    String authorization = request.header("Authorization");
    if (authorization != null) {
      hidden = without(hidden, authorization);
    }
    Credential credential = system.settings().credential();
    if (credential.header().isPresent()) {
      hidden = without(hidden, credential.header().get().value());
    }
    return credential instanceof Credential.Basic basic
        ? without(hidden, basic.password())
        : hidden;
  }

  private static String without(String text, String secret) {
    if (secret.isBlank()) {
      return text;
    }
    // The scheme of an Authorization header is no secret, and may be cut off.
    String bare = secret.substring(secret.indexOf(' ') + 1);
    return (bare.isBlank() ? text : text.replace(bare, "***")).replace(secret, "***");
  }

  private static @Nullable Duration retryAfter(@Nullable String header) {
    if (header == null || !header.matches("[0-9]{1,6}")) {
      return null;
    }
    return Duration.ofSeconds(Long.parseLong(header));
  }
}
