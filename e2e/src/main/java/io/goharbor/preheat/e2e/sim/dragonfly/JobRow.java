package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
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

  /** The replica that took it, and that watches it. */
  final int replica;

  /** What the schedulers came to; null while the peers are at work. */
  @Nullable ObjectNode outcome;

  /** What was read last into the database. */
  @Nullable ObjectNode recorded;

  String state = "PENDING";
  boolean orphaned;

  JobRow(
      long id,
      Instant created,
      ObjectNode request,
      List<RegistrySource.Blob> blobs,
      List<SimCluster> clusters,
      Duration takes,
      int replica) {
    this.id = id;
    this.created = created;
    this.request = request;
    this.blobs = blobs;
    this.clusters = clusters;
    this.takes = takes;
    this.replica = replica;
  }

  String type() {
    return request.path("type").asText();
  }

  JsonNode args() {
    return request.path("args");
  }

  String url() {
    return args().path("url").asText();
  }

  /** URL of a blob: one of those that were given, or one beside the manifest. */
  String blobUrl(String digest) {
    for (JsonNode url : args().path("urls")) {
      if (url.asText().endsWith("/" + digest)) {
        return url.asText();
      }
    }
    return url().replaceFirst("/(manifests|blobs)/[^/]*$", "/blobs/") + digest;
  }

  /** The id under which peers keep a blob of this job. */
  String taskId(String digest) {
    return args().path("enable_task_id_based_blob_digest").asBoolean(false)
        ? TaskKey.ofDigest(digest)
        : TaskKey.ofUrl(blobUrl(digest), args());
  }

  String authorization() {
    return args().at("/headers/Authorization").asText("");
  }
}
