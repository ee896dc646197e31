package io.goharbor.preheat.provider.kraken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import io.goharbor.preheat.http.UrlPath;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Kraken's origin cluster: who owns a blob, who holds it, and have it fetched. One method a call.
 * Facts are from Kraken's origin/blobserver.
 *
 * <p>Owners are called under the addresses that the cluster names, with the scheme of {@code
 * kraken.originURL}; with TLS their certificates must hold those names. The provider's credential
 * is sent to the configured URL only, never to an address that an answer named.
 */
final class KrakenOrigins {
  /** An origin's answer to a request to fetch a blob. */
  enum Fetch {
    /** It holds the blob. */
    HELD,
    /** It fetches the blob, or is about to. */
    UNDER_WAY,
    /** This version has no such call; prefetch came in October 2025. */
    NOT_OFFERED
  }

  /** An origin with all its workers busy waits 5 s before it says so. */
  private static final AnswerLimit CALL = AnswerLimit.RECEIPT.within(Duration.ofSeconds(30));

  // A piece hash of 20 bytes for each 4 MiB: enough for blobs of terabytes. None of it is kept.
  private static final AnswerLimit METAINFO =
      new AnswerLimit("metainfo", 16 * 1024 * 1024, 0, 0, CALL.total());

  /** Owners of a blob; Kraken has three, and calls every one of them. */
  private static final int MOST_OWNERS = 64;

  private static final BlobName NO_BLOB = new BlobName("x", "sha256:" + "0".repeat(64));

  private final HttpClients clients;
  private final String name;
  private final ConnectionSettings settings;
  private final RemoteSystem entry;
  private final RemoteSystem probes;
  // Origins in pods come and go, each with an address of its own.
  private final Cache<String, RemoteSystem> byAddress =
      Caffeine.newBuilder().maximumSize(256).build();

  KrakenOrigins(
      HttpClients clients, String name, ConnectionSettings settings, Duration probeTimeout) {
    this.clients = clients;
    this.name = name;
    this.settings = settings;
    this.entry = clients.open(name, settings);
    this.probes = clients.open(name, settings.withReadTimeout(probeTimeout));
  }

  /** Whether the origin and the backends that it must have are ready. */
  void readiness() throws RemoteCallException {
    Reply reply = probes.exchange(get(probes.url("readiness").build()), probing());
    if (!reply.successful()) {
      throw KrakenFailures.of(name, "GET /readiness", reply);
    }
  }

  /**
   * Whether this version has the prefetch call: a blob that cannot exist is asked for. Any answer
   * but "no such path" shows that the call is there.
   */
  boolean offersPrefetch() throws RemoteCallException {
    Reply reply = probes.exchange(prefetchRequest(probes, NO_BLOB), probing());
    if (reply.status() == 401 || reply.status() == 403) {
      throw KrakenFailures.of(name, "POST /namespace/…/prefetch", reply);
    }
    return !noSuchPath(reply);
  }

  /**
   * Addresses (host:port) of the healthy origins that own a blob; at least one.
   *
   * @throws RemoteCallException also when one of them is anything else
   */
  List<String> locations(String digest) throws RemoteCallException {
    Reply reply = entry.exchange(get(entry.url("blobs", digest, "locations").build()), CALL);
    if (!reply.successful() && reply.status() != 404) {
      throw KrakenFailures.of(name, "GET /blobs/" + digest + "/locations", reply);
    }
    String header = reply.headers().get("Origin-Locations");
    List<String> addresses =
        header == null
            ? List.of()
            : Stream.of(header.split(",", -1))
                .map(String::strip)
                .filter(address -> !address.isEmpty())
                .distinct()
                .toList();
    if (addresses.size() > MOST_OWNERS) {
      throw KrakenFailures.permanent(
          Reason.UNEXPECTED_ANSWER,
          reply,
          name
              + " named "
              + addresses.size()
              + " origins for "
              + digest
              + ", of which at most "
              + MOST_OWNERS
              + " are asked; check max_replica in the configuration of the origins");
    }
    if (addresses.isEmpty()) {
      throw KrakenFailures.failure(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          reply,
          name + " named no origin for " + digest + ": kraken.originURL is not an origin's URL");
    }
    for (String address : addresses) {
      if (!Grammar.HOST_PORT.accepts(address)) {
        throw noAddress(address);
      }
    }
    return addresses;
  }

  private RemoteCallException noAddress(String text) {
    return new RemoteCallException(
        FailureClass.RETRY,
        Reason.UNEXPECTED_ANSWER,
        0,
        name
            + " named "
            + Grammar.shown(text)
            + " as an origin, which is not host:port; nothing is sent there",
        null,
        false,
        null);
  }

  /** Whether an origin holds a blob itself. */
  boolean holds(String address, BlobName blob) throws RemoteCallException {
    RemoteSystem origin = at(address);
    Reply reply =
        origin.exchange(
            new Request.Builder()
                .url(
                    origin
                        .url(path(UrlPath.of("internal", "namespace"), blob))
                        // Without it the backend registry is asked, whose yes proves nothing.
                        .addQueryParameter("local", "true")
                        .build())
                .head()
                .build(),
            CALL);
    if (reply.status() == 404) {
      return false;
    }
    if (!reply.successful()) {
      throw KrakenFailures.of(origin.name(), "HEAD of " + blob, reply);
    }
    return true;
  }

  /** Has an origin fetch a blob and hand it to the other owners; may be repeated. */
  Fetch prefetch(String address, BlobName blob) throws RemoteCallException {
    RemoteSystem origin = at(address);
    return fetched(origin, blob, "prefetch", origin.exchange(prefetchRequest(origin, blob), CALL));
  }

  /** The same for versions without prefetch: who is asked for metainfo fetches the blob first. */
  Fetch metainfo(String address, BlobName blob) throws RemoteCallException {
    RemoteSystem origin = at(address);
    HttpUrl url =
        origin.url(path(UrlPath.of("internal", "namespace"), blob).and("metainfo")).build();
    Reply reply = origin.exchange(get(url), METAINFO);
    Fetch answer = fetched(origin, blob, "metainfo", reply);
    if (answer == Fetch.NOT_OFFERED) {
      throw KrakenFailures.permanent(
          Reason.UNEXPECTED_ANSWER,
          reply,
          origin.name() + " has no metainfo of blobs: kraken.originURL is not an origin's URL");
    }
    return answer;
  }

  /**
   * Takes a blob out of an origin's cache, also one that Kraken has not written back yet.
   *
   * @return false when it was not there
   */
  boolean delete(String address, String digest) throws RemoteCallException {
    RemoteSystem origin = at(address);
    Reply reply =
        origin.exchange(
            new Request.Builder()
                .url(origin.url("internal", "blobs", digest).build())
                .delete()
                .build(),
            CALL);
    if (noSuchPath(reply)) {
      throw KrakenFailures.permanent(
          Reason.UNEXPECTED_ANSWER,
          reply,
          origin.name() + " does not delete blobs: kraken.originURL is not an origin's URL");
    }
    if (!reply.successful() && reply.status() != 404) {
      throw KrakenFailures.of(origin.name(), "DELETE of " + digest, reply);
    }
    return reply.successful();
  }

  private AnswerLimit probing() {
    return AnswerLimit.PROBE.within(probes.settings().readTimeout());
  }

  private static Fetch fetched(RemoteSystem origin, BlobName blob, String call, Reply reply)
      throws RemoteCallException {
    if (noSuchPath(reply)) {
      return Fetch.NOT_OFFERED;
    }
    return switch (reply.status()) {
      case 200 -> Fetch.HELD;
      case 202 -> Fetch.UNDER_WAY;
      case 404 ->
          throw KrakenFailures.permanent(
              Reason.PULL_DENIED,
              reply,
              origin.name()
                  + " cannot find "
                  + blob
                  + " in its backend registry: check kraken.namespaceTemplate, and "
                  + KrakenFailures.ACCOUNT.substring("check ".length()));
      // Failed downloads are remembered for 15 s.
      case 500 -> throw KrakenFailures.ofFetch(origin.name(), blob, reply);
      default -> throw KrakenFailures.of(origin.name(), call + " of " + blob, reply);
    };
  }

  /** The router's own words; a handler's 404 has no text. */
  private static boolean noSuchPath(Reply reply) {
    return reply.status() == 405
        || (reply.status() == 404 && reply.text().strip().equals("404 page not found"));
  }

  private RemoteSystem at(String address) throws RemoteCallException {
    if (address.equals(entry.base().host() + ":" + entry.base().port())) {
      return entry;
    }
    RemoteSystem known = byAddress.getIfPresent(address);
    if (known != null) {
      return known;
    }
    HttpUrl url = HttpUrl.parse(entry.base().scheme() + "://" + address);
    if (url == null) {
      throw noAddress(address);
    }
    RemoteSystem opened =
        clients.open(
            name + " at " + address,
            new ConnectionSettings(
                url.toString(),
                new Credential.None(),
                settings.tls(),
                settings.requestsPerSecond(),
                settings.connectTimeout(),
                settings.readTimeout()));
    byAddress.put(address, opened);
    return opened;
  }

  private static Request prefetchRequest(RemoteSystem origin, BlobName blob) {
    return new Request.Builder()
        .url(origin.url(path(UrlPath.of("namespace"), blob).and("prefetch")).build())
        .post(RequestBody.create(new byte[0]))
        .build();
  }

  private static Request get(HttpUrl url) {
    return new Request.Builder().url(url).build();
  }

  private static UrlPath path(UrlPath above, BlobName blob) {
    return above.andName(blob.namespace()).and("blobs", blob.digest());
  }
}
