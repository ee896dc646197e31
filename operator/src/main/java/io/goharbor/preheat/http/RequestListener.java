package io.goharbor.preheat.http;

import java.time.Duration;
import okhttp3.Request;

/**
 * Hears of every request to outside systems that were opened in somebody's name. It is called on
 * the thread of the request: it must be quick, and not throw.
 */
@FunctionalInterface
public interface RequestListener {
  /** Hears nothing. */
  RequestListener NONE = (subject, request, outcome, took) -> {};

  /**
   * In whose name a system was opened.
   *
   * @param kind such as {@code registry}
   * @param name as namespace/name
   */
  record Subject(String kind, String name) {
    /** Its namespace. */
    public String namespace() {
      return name.substring(0, Math.max(0, name.indexOf('/')));
    }
  }

  /** How a request ended, in classes that call for different deeds. */
  enum Outcome {
    /** 2xx. */
    OK,
    /** 404 or 410: often an answer like any other. */
    NOT_FOUND,
    /** 401 or 403. */
    DENIED,
    /** Any other 3xx or 4xx. */
    REFUSED,
    /** 429. */
    BUSY,
    /** 5xx. */
    ERROR,
    /** No answer: the connection, TLS or a time-out failed. */
    UNREACHABLE;

    /** The class of an HTTP status. */
    public static Outcome of(int status) {
      return switch (status) {
        case 401, 403 -> DENIED;
        case 404, 410 -> NOT_FOUND;
        case 429 -> BUSY;
        default -> status >= 500 ? ERROR : status >= 300 || status < 200 ? REFUSED : OK;
      };
    }
  }

  /** A request ended. */
  void ended(Subject subject, Request request, Outcome outcome, Duration took);
}
