package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Kraken's origin cluster: who owns a blob, who holds it, and have it fetched. */
final class KrakenOrigins {
  /** An origin's answer to a request to fetch a blob. */
  enum Prefetch {
    /** It holds the blob. */
    HELD,
    /** It fetches the blob, or will. */
    UNDER_WAY,
    /** This version has no such call (before October 2025). */
    NOT_OFFERED
  }

  private static final int MAX_ANSWER = 64 * 1024;

  private final HttpClients clients;
  private final String name;
  private final ConnectionSettings settings;
  private final RemoteSystem entry;
  private final ConcurrentHashMap<String, RemoteSystem> byAddress = new ConcurrentHashMap<>();

  KrakenOrigins(HttpClients clients, String name, ConnectionSettings settings) {
    this.clients = clients;
    this.name = name;
    this.settings = settings;
    this.entry = clients.open(name, settings);
  }

  void readiness() throws RemoteCallException {
    entry.send(new Request.Builder().url(entry.url("readiness").build()).build());
  }

  /** Addresses (host:port) of the origins that the ring makes owners of a blob. */
  List<String> locations(String digest) throws RemoteCallException {
    Reply reply =
        entry.send(
            new Request.Builder().url(entry.url("blobs/" + digest + "/locations").build()).build());
    String header = reply.headers().get("Origin-Locations");
    if (header == null || header.isBlank()) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          reply.status(),
          name + " named no origin for " + digest + "; is spec.kraken.originURL an origin?",
          null,
          false,
          null);
    }
    return Stream.of(header.split(",", -1)).map(String::strip).toList();
  }

  /** Whether one origin holds a blob itself. Without {@code local} the backend would answer. */
  boolean holds(String address, String namespace, String digest) throws RemoteCallException {
    RemoteSystem origin = at(address);
    Reply reply =
        origin.exchange(
            new Request.Builder()
                .url(
                    origin
                        .url("internal/namespace/" + escape(namespace) + "/blobs/" + digest)
                        .addQueryParameter("local", "true")
                        .build())
                .head()
                .build(),
            MAX_ANSWER);
    if (reply.status() == 404) {
      return false;
    }
    if (!reply.successful()) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNREACHABLE,
          reply.status(),
          name + " at " + address + " answered " + reply.status(),
          null,
          false,
          null);
    }
    return true;
  }

  /**
   * Makes the origins fetch a blob; may be repeated.
   *
   * @throws RemoteCallException permanent when the source registry does not have the blob or does
   *     not show it to Kraken's own account
   */
  Prefetch prefetch(String namespace, String digest) throws RemoteCallException {
    Reply reply =
        entry.exchange(
            new Request.Builder()
                .url(
                    entry
                        .url("namespace/" + escape(namespace) + "/blobs/" + digest + "/prefetch")
                        .build())
                .post(RequestBody.create(new byte[0]))
                .build(),
            MAX_ANSWER);
    return switch (reply.status()) {
      case 200 -> Prefetch.HELD;
      case 202 -> Prefetch.UNDER_WAY;
      case 405 -> Prefetch.NOT_OFFERED;
      case 404 -> {
        // chi's own text means that the route is not there.
        if (reply.text().strip().equals("404 page not found")) {
          yield Prefetch.NOT_OFFERED;
        }
        throw new RemoteCallException(
            FailureClass.PERMANENT,
            Reason.PULL_DENIED,
            404,
            "Kraken's origin cannot find "
                + namespace
                + "@"
                + digest
                + " in its backend: check namespaceTemplate and the account in the origin's own"
                + " configuration",
            null,
            false,
            null);
      }
      case 403 ->
          throw new RemoteCallException(
              FailureClass.PERMANENT,
              Reason.FORBIDDEN,
              403,
              "Kraken wants a client certificate for POST; set spec.tls.clientCertificateSecretRef",
              null,
              false,
              null);
      case 503 ->
          throw new RemoteCallException(
              FailureClass.WAIT,
              Reason.RATE_LIMITED,
              503,
              name + " has no free worker",
              null,
              false,
              null);
      default ->
          throw new RemoteCallException(
              FailureClass.RETRY,
              Reason.JOB_FAILED,
              reply.status(),
              name + " answered " + reply.status() + " to prefetch: " + shorten(reply.text()),
              null,
              false,
              null);
    };
  }

  private RemoteSystem at(String address) {
    return byAddress.computeIfAbsent(
        address,
        key -> clients.open(name, settings.withBaseUrl(entry.base().scheme() + "://" + key)));
  }

  private static String escape(String namespace) {
    return URLEncoder.encode(namespace, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String shorten(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= 200 ? line : line.substring(0, 199) + "…";
  }
}
