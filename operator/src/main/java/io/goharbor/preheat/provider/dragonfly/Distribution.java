package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is read of an answer about the distribution of an image (dragonfly 2.3.0 and later). */
record Distribution(@JsonProperty("peers") @Nullable List<Node> nodes) {
  /** A node's peer; seed peers are not among them. */
  record Node(
      @JsonProperty("hostname") @Nullable String hostname,
      @JsonProperty("ip") @Nullable String ip,
      @JsonProperty("cached_layers") @Nullable List<Layer> layers) {
    Job.Peer peer() {
      return new Job.Peer(hostname == null ? "unknown" : hostname, ip == null ? "" : ip);
    }

    /** Digests of the blobs that it has. */
    Set<String> digests() {
      Set<String> digests = new HashSet<>();
      if (layers != null) {
        layers.forEach(
            layer -> digests.add(new Job.PeerTask(layer.url(), null, null, null).digest()));
      }
      return digests;
    }
  }

  /** A blob, by its URL. */
  record Layer(@JsonProperty("url") @Nullable String url) {}

  List<Node> peers() {
    return nodes == null ? List.of() : nodes;
  }
}
