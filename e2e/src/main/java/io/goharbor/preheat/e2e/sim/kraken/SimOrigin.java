package io.goharbor.preheat.e2e.sim.kraken;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One origin: a cache of blobs that it fetches from the registry and hands to their owners. */
final class SimOrigin {
  private record Remembered(Answer answer, Instant until) {}

  private static final String DIGEST = "sha256:[0-9a-f]{64}";

  private final int index;
  private final KrakenCluster cluster;
  private final InstantSource clock;
  private final SimServer server;
  private final Map<String, RegistryBackend.Fetched> cache = new ConcurrentHashMap<>();
  private final Set<String> pending = ConcurrentHashMap.newKeySet();
  private final Map<String, Remembered> errors = new ConcurrentHashMap<>();

  SimOrigin(int index, KrakenCluster cluster, InstantSource clock) {
    this.index = index;
    this.cluster = cluster;
    this.clock = clock;
    this.server =
        KrakenCluster.server("kraken-origin-" + index, clock, cluster.setup())
            .route("GET", "/health", ask -> Answer.text(200, "OK\n"))
            .route("GET", "/readiness", ask -> Answer.text(200, "OK\n"))
            .route("GET", "/blobs/{digest}/locations", checked(this::locations))
            .route("HEAD", "/internal/namespace/{ns}/blobs/{digest}", checked(this::stat))
            .route(
                "GET", "/internal/namespace/{ns}/blobs/{digest}/metainfo", checked(this::metainfo))
            .route("DELETE", "/internal/blobs/{digest}", checked(this::delete));
    if (cluster.setup().version().prefetch()) {
      server.route("POST", "/namespace/{ns}/blobs/{digest}/prefetch", checked(this::prefetch));
    }
  }

  SimServer server() {
    return server;
  }

  boolean holds(String digest) {
    return cache.containsKey(digest);
  }

  Set<String> cached() {
    return Set.copyOf(cache.keySet());
  }

  /** The content of a blob that is held and short. */
  Optional<byte[]> content(String digest) {
    RegistryBackend.Fetched held = cache.get(digest);
    return held == null ? Optional.empty() : Optional.ofNullable(held.content());
  }

  boolean evict(String digest) {
    return cache.remove(digest) != null;
  }

  /** Takes what another origin hands on; when it cannot, Kraken only logs that. */
  void take(String digest, RegistryBackend.Fetched blob) {
    if (server.running() && !cluster.replicationBroken(index)) {
      cache.put(digest, blob);
    }
  }

  private SimServer.Handler checked(SimServer.Handler handler) {
    return ask -> {
      Answer barred = KrakenCluster.barred(ask, cluster.setup());
      if (barred != null) {
        return barred;
      }
      String digest = ask.decoded("digest");
      return digest.matches(DIGEST)
          ? handler.handle(ask)
          : Answer.text(400, "parse digest: invalid digest: " + digest);
    };
  }

  private Answer locations(Ask ask) {
    return Answer.status(200)
        .with("Origin-Locations", String.join(",", cluster.locations(ask.decoded("digest"))));
  }

  private Answer stat(Ask ask) throws IOException {
    String digest = ask.decoded("digest");
    RegistryBackend.Fetched held = cache.get(digest);
    if (held != null) {
      return Answer.status(200).with("Content-Length", Long.toString(held.size()));
    }
    if (ask.query("local").orElse("false").equals("true")) {
      return Answer.status(404);
    }
    Answer missing = missing(ask.decoded("ns"), digest);
    return missing == null ? Answer.status(200) : missing;
  }

  private Answer metainfo(Ask ask) {
    return holds(ask.decoded("digest"))
        ? Answer.json(200, Map.of("Info", Map.of("Name", ask.decoded("digest"))))
        : fetch(ask.decoded("ns"), ask.decoded("digest"));
  }

  private Answer prefetch(Ask ask) {
    return holds(ask.decoded("digest"))
        ? Answer.status(200)
        : fetch(ask.decoded("ns"), ask.decoded("digest"));
  }

  private Answer delete(Ask ask) {
    return Answer.status(evict(ask.decoded("digest")) ? 202 : 404);
  }

  /**
   * Starts to fetch a blob: 202, or what hinders it. The registry is asked first, every time; then
   * one download of a digest runs at a time, and its error is remembered for a while.
   */
  Answer fetch(String namespace, String digest) {
    if (cluster.busy()) {
      return Answer.status(503);
    }
    Answer missing = missing(namespace, digest);
    if (missing != null) {
      return missing;
    }
    Remembered error = errors.get(digest);
    if (error != null && clock.instant().isBefore(error.until())) {
      return error.answer();
    }
    if (!cluster.lying() && pending.add(digest)) {
      if (holds(digest)) {
        // A download ended while the registry was asked.
        pending.remove(digest);
      } else {
        cluster.begun(digest);
        cluster.inBackground(() -> download(namespace, digest));
      }
    }
    return Answer.status(202);
  }

  private @Nullable Answer missing(String namespace, String digest) {
    try {
      cluster.backend().stat(namespace, digest);
      return null;
    } catch (RegistryBackend.NotFound e) {
      return Answer.status(404);
    } catch (IOException e) {
      return Answer.text(500, "stat: head blob: " + e.getMessage());
    }
  }

  private void download(String namespace, String digest) {
    try {
      String fault = cluster.downloadFault(digest);
      if (fault != null) {
        throw new IOException(fault);
      }
      RegistryBackend.Fetched blob = cluster.backend().get(namespace, digest);
      cluster.takeTimeFor(blob.size());
      errors.remove(digest);
      cache.put(digest, blob);
      cluster.replicate(index, digest, blob);
    } catch (RegistryBackend.NotFound e) {
      remember(digest, Answer.status(404));
    } catch (IOException e) {
      remember(digest, Answer.text(500, "download: " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      pending.remove(digest);
    }
  }

  private void remember(String digest, Answer answer) {
    errors.put(digest, new Remembered(answer, clock.instant().plus(cluster.setup().errorMemory())));
  }
}
