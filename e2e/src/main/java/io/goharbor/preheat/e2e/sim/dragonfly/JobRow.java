package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job in the Manager's database, and what its schedulers do with it meanwhile. */
final class JobRow {
  final long id;
  final Instant created;
  final ObjectNode request;
  final List<RegistrySource.Blob> blobs;
  final List<SimCluster> clusters;
  final Duration takes;

  /** What the schedulers came to; null while the peers are at work. */
  @Nullable ObjectNode outcome;

  /** What was read last into the database. */
  @Nullable ObjectNode recorded;

  String state = "PENDING";
  boolean orphaned;

  /** What another replica has in its cache. */
  @Nullable ObjectNode stale;

  @Nullable Instant staleSince;

  JobRow(
      long id,
      Instant created,
      ObjectNode request,
      List<RegistrySource.Blob> blobs,
      List<SimCluster> clusters,
      Duration takes) {
    this.id = id;
    this.created = created;
    this.request = request;
    this.blobs = blobs;
    this.clusters = clusters;
    this.takes = takes;
  }

  String url() {
    return request.at("/args/url").asText();
  }

  String blobUrl(String digest) {
    return url().replaceFirst("/manifests/[^/]*$", "/blobs/") + digest;
  }

  String authorization() {
    return request.at("/args/headers/Authorization").asText("");
  }
}
