package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The kraken-proxy's own server: health and registry notifications. Facts are from Kraken's
 * proxy/proxyserver at version 0.1.4 and later.
 */
final class KrakenProxy {
  private static final String CALL = "POST /registry/notifications";

  private final RemoteSystem calls;
  private final RemoteSystem probes;
  private final InstantSource clock;

  // What the handler looks at, at June 2026; all else is passed over with 200.
  private static final Pattern HEEDED =
      Pattern.compile(
          "application/vnd\\.docker\\.distribution\\.manifest\\.v\\d\\+(json|prettyjws)"
              + "|application/vnd\\.oci\\.image\\.manifest\\.v1\\+json");

  KrakenProxy(RemoteSystem calls, RemoteSystem probes, InstantSource clock) {
    this.calls = calls;
    this.probes = probes;
    this.clock = clock;
  }

  /** Whether any version does something with a notification of such a manifest. */
  static boolean heeds(String mediaType) {
    return HEEDED.matcher(mediaType).matches();
  }

  /** Whether it runs; nginx answers this too, so it does not show that the URL is right. */
  void health() throws RemoteCallException {
    var _ =
        probes.send(
            new Request.Builder().url(probes.url("health").build()).build(), probing(probes));
  }

  /**
   * Whether notifications can be sent: a list of no events does nothing, but nginx's port has no
   * such path, and with TLS on it wants a client certificate.
   */
  void takesNotifications() throws RemoteCallException {
    Reply reply = post(probes, List.of(), probing(probes));
    if (reply.status() >= 400 && reply.status() < 500 && reply.status() != 429) {
      throw refused(probes, reply);
    }
  }

  /**
   * Tells the proxy of a manifest. Its 200 means only that the body could be read. One event a
   * POST: versions 0.1.4 to 0.1.6 took several for so many copies of the last.
   *
   * @param tag for people, or null
   */
  void announce(String id, String namespace, ImageManifest manifest, @Nullable String tag)
      throws RemoteCallException {
    Map<String, Object> target =
        Map.of(
            "mediaType", manifest.mediaType(),
            "digest", manifest.digest(),
            "repository", namespace,
            "url", manifest.manifestUrl(),
            "tag", tag == null ? "" : tag);
    Map<String, Object> event =
        Map.of(
            "id", id, "timestamp", clock.instant().toString(), "action", "push", "target", target);
    Reply reply =
        post(
            calls,
            List.of(event),
            AnswerLimit.RECEIPT.taking(
                calls.settings().readTimeout().plus(Duration.ofSeconds(30))));
    if (!reply.successful()) {
      throw refused(calls, reply);
    }
  }

  private static AnswerLimit probing(RemoteSystem probes) {
    return AnswerLimit.PROBE.within(probes.settings().readTimeout());
  }

  private static Reply post(
      RemoteSystem system, List<Map<String, Object>> events, AnswerLimit limit)
      throws RemoteCallException {
    return system.exchange(
        new Request.Builder()
            .url(system.url("registry", "notifications").build())
            .post(RemoteSystem.jsonBody(Map.of("events", events)))
            .build(),
        limit);
  }

  private static RemoteCallException refused(RemoteSystem system, Reply reply) {
    if (reply.status() == 404 || reply.status() == 405) {
      boolean registry = reply.headers().get("Docker-Distribution-Api-Version") != null;
      return KrakenFailures.permanent(
          Reason.UNEXPECTED_ANSWER,
          reply,
          system.name()
              + " answered "
              + reply.status()
              + " to "
              + CALL
              + (registry
                  ? ": kraken.proxyURL is the proxy's nginx port, behind which is the registry"
                  : ": kraken.proxyURL is not a kraken-proxy's server")
              + "; set it to the server.listener of kraken-proxy, opened as a TCP port in the"
              + " proxy's own configuration");
    }
    if (reply.status() == 500 && reply.text().startsWith("decode body")) {
      return KrakenFailures.permanent(
          Reason.REJECTED,
          reply,
          system.name() + " could not read a notification" + KrakenFailures.words(reply));
    }
    return KrakenFailures.of(system.name(), CALL, reply);
  }
}
