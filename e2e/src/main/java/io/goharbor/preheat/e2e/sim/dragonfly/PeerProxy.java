package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.time.InstantSource;

/**
 * The proxy of a seed peer, through which container runtimes pull: it keeps a blob under the id of
 * its digest or of its URL, as its configuration says, and names that id in the answer.
 */
final class PeerProxy {
  private final SimServer server;
  private final RegistrySource registry;
  private final SimCluster cluster;
  private volatile boolean byDigest;

  PeerProxy(InstantSource clock, RegistrySource registry, SimCluster cluster) {
    this.registry = registry;
    this.cluster = cluster;
    this.server =
        new SimServer("dragonfly-proxy", clock)
            .route("GET", "/v2/{repository+}/blobs/{digest}", this::pull)
            .start();
  }

  SimServer server() {
    return server;
  }

  void byDigest(boolean is) {
    byDigest = is;
  }

  /** The id that a pull of a blob asks for. */
  String id(String blobUrl) {
    return byDigest
        ? TaskKey.ofDigest(TaskKey.digest(blobUrl))
        : TaskKey.ofUrl(blobUrl, JsonNodeFactory.instance.objectNode());
  }

  private Answer pull(Ask ask) {
    String upstream = ask.header("X-Dragonfly-Registry").orElse("");
    if (upstream.isEmpty()) {
      return Answer.status(404);
    }
    String url = upstream + ask.rawPath();
    String digest = ask.variable("digest");
    SimPeer peer = cluster.peers(true).getFirst();
    String id = id(url);
    boolean warm = cluster.hasTask(peer.host(), id);
    byte[] body;
    try {
      body = registry.blob(url, ask.header("Authorization").orElse(""));
    } catch (IOException e) {
      return Answer.text(401, String.valueOf(e.getMessage()));
    }
    cluster.hold(peer, id, digest);
    return new Answer(200, java.util.Map.of("Content-Type", "application/octet-stream"), body)
        .with("X-Dragonfly-Task-ID", id)
        .with("X-Dragonfly-Task-Download-Finished", Boolean.toString(warm));
  }
}
