package io.goharbor.preheat.e2e.sim.kraken;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The kraken-proxy's own server, which makes origins fetch what registry events name, one event
 * after the other; and its nginx port, which forwards only health and hands the rest to the
 * registry.
 */
final class SimProxy implements AutoCloseable {
  private static final Pattern DOCKER =
      Pattern.compile(
          "^application/vnd\\.docker\\.distribution\\.manifest\\.v\\d\\+(json|prettyjws)");
  private static final Pattern OCI =
      Pattern.compile("^application/vnd\\.oci\\.image\\.manifest\\.v1\\+json");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TRIES = 4;
  private static final int LONGEST_WAIT_MILLIS = 60_000;

  private final KrakenCluster cluster;
  private final SimServer server;
  private final SimServer nginx;
  private final List<String> errors = new CopyOnWriteArrayList<>();

  SimProxy(KrakenCluster cluster, InstantSource clock) {
    this.cluster = cluster;
    this.server =
        KrakenCluster.server("kraken-proxy", clock, cluster.setup())
            .route("GET", "/health", ask -> Answer.text(200, "OK\n"))
            .route("POST", "/registry/notifications", this::notified);
    this.nginx =
        new SimServer("kraken-proxy-nginx", clock, cluster.setup().tls(), 0)
            .route("GET", "/health", ask -> Answer.text(200, "OK\n"))
            .fallback(ask ->
                Answer.text(404, "404 page not found\n")
                    .with("Docker-Distribution-Api-Version", "registry/2.0"));
  }

  SimServer server() {
    return server;
  }

  SimServer nginx() {
    return nginx;
  }

  /** What Kraken would write to its log; no caller ever sees it. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  @Override
  public void close() {
    server.close();
    nginx.close();
  }

  private Answer notified(Ask ask) throws InterruptedException {
    Answer barred = KrakenCluster.barred(ask, cluster.setup());
    if (barred != null) {
      return barred;
    }
    List<NotificationDecoder.Event> events;
    try {
      events = NotificationDecoder.decode(JSON.readTree(ask.body()));
    } catch (JsonProcessingException e) {
      return undecodable(NotificationDecoder.syntax(e));
    } catch (NotificationDecoder.Undecodable e) {
      return undecodable(e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    // The handler runs into a nil pointer, before it looks at anything else.
    if (events.stream().anyMatch(event -> event.target() == null)) {
      return Answer.none();
    }
    if (cluster.setup().version().readsLastEventOnly() && !events.isEmpty()) {
      // It takes the address of the loop's variable.
      events = Collections.nCopies(events.size(), events.getLast());
    }
    for (NotificationDecoder.Event event : events) {
      NotificationDecoder.Target target = event.target();
      if (target != null && event.action().equals("push") && isManifest(target.mediaType())) {
        preheat(target.repository(), target.digest());
      }
    }
    return Answer.status(200);
  }

  private static Answer undecodable(NotificationDecoder.Undecodable e) {
    return Answer.text(500, "decode body: " + e.getMessage());
  }

  private boolean isManifest(String mediaType) {
    return DOCKER.matcher(mediaType).find()
        || (cluster.setup().version().ociManifests() && OCI.matcher(mediaType).find());
  }

  private void preheat(String repository, String digest) throws InterruptedException {
    if (cluster.lying()) {
      return;
    }
    if (!digest.matches("sha256:[0-9a-f]{64}")) {
      errors.add("handle preheat: Error parse digest: " + digest);
      return;
    }
    byte[] manifest = manifest(repository, digest);
    if (manifest == null) {
      return;
    }
    try {
      JsonNode body = JSON.readTree(manifest);
      if (!cluster.setup().version().ociManifests()
          && !DOCKER.matcher(body.path("mediaType").asText("")).find()) {
        errors.add("handle preheat: parse manifest: unsupported media type");
        return;
      }
      trigger(repository, body.path("config"));
      body.path("layers").forEach(layer -> trigger(repository, layer));
      // Of an index the children are fetched, and nothing of what they name.
      body.path("manifests").forEach(child -> trigger(repository, child));
    } catch (IOException e) {
      errors.add("handle preheat: parse manifest: " + e.getMessage());
    }
  }

  private void trigger(String repository, JsonNode descriptor) {
    String digest = descriptor.path("digest").asText("");
    if (digest.isEmpty()) {
      return;
    }
    SimOrigin owner = cluster.owner(digest);
    cluster.inBackground(() -> {
      if (!owner.holds(digest)) {
        Answer answer = owner.fetch(repository, digest);
        if (answer.status() != 202) {
          errors.add("notify origin cache: " + digest + " " + answer.status());
        }
      }
    });
  }

  /** The manifest by way of an origin, waited for; null when it cannot be had. */
  private byte @Nullable [] manifest(String repository, String digest) throws InterruptedException {
    SimOrigin owner = cluster.owner(digest);
    int notFound = 0;
    for (int waited = 0; waited < LONGEST_WAIT_MILLIS; waited += 5) {
      if (owner.holds(digest)) {
        return owner.content(digest).orElse(null);
      }
      Answer answer = owner.fetch(repository, digest);
      if (answer.status() == 404 && ++notFound == TRIES) {
        errors.add("handle preheat: manifest not found");
        return null;
      }
      if (answer.status() != 404 && answer.status() != 202) {
        errors.add("handle preheat: download manifest: " + answer.status());
        return null;
      }
      Thread.sleep(5);
    }
    errors.add("handle preheat: download manifest: timeout");
    return null;
  }
}
