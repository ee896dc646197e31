package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import okhttp3.Request;

/** kraken-proxy's own server: health and registry notifications. */
final class KrakenProxy {
  private static final int MAX_ANSWER = 64 * 1024;

  private final RemoteSystem calls;
  private final RemoteSystem probes;
  private final InstantSource clock;

  KrakenProxy(RemoteSystem calls, RemoteSystem probes, InstantSource clock) {
    this.calls = calls;
    this.probes = probes;
    this.clock = clock;
  }

  void health() throws RemoteCallException {
    probes.send(new Request.Builder().url(probes.url("health").build()).build());
  }

  /**
   * Tells the proxy of a manifest. Its 200 means only that the body could be read. One event a
   * POST: versions up to 0.1.6 handled the last of several only, several times.
   */
  void notify(String id, String namespace, ImageManifest manifest) throws RemoteCallException {
    Map<String, Object> event =
        Map.of(
            "id",
            id,
            "timestamp",
            clock.instant().toString(),
            "action",
            "push",
            "target",
            Map.of(
                "mediaType",
                manifest.mediaType(),
                "digest",
                manifest.digest(),
                "repository",
                namespace,
                "url",
                manifest.manifestUrl(),
                "tag",
                ""));
    Request request =
        new Request.Builder()
            .url(calls.url("registry/notifications").build())
            .post(RemoteSystem.jsonBody(Map.of("events", List.of(event))))
            .build();
    Reply reply = calls.exchange(request, MAX_ANSWER);
    if (reply.status() == 404) {
      throw misconfigured(
          404,
          "spec.kraken.proxyURL: no /registry/notifications there; it must be the kraken-proxy's"
              + " server.listener (opened in its configuration), not its nginx port");
    }
    if (reply.status() == 403) {
      throw misconfigured(
          403,
          "Kraken wants a client certificate for POST; set spec.tls.clientCertificateSecretRef");
    }
    if (!reply.successful()) {
      throw new RemoteCallException(
          reply.status() == 429 ? FailureClass.WAIT : FailureClass.RETRY,
          reply.status() == 429 ? Reason.RATE_LIMITED : Reason.UNREACHABLE,
          reply.status(),
          calls.name() + " answered " + reply.status() + " to a notification",
          null,
          true,
          null);
    }
  }

  private static RemoteCallException misconfigured(int status, String message) {
    return new RemoteCallException(
        FailureClass.PERMANENT, Reason.FORBIDDEN, status, message, null, false, null);
  }
}
