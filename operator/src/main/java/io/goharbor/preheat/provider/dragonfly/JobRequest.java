package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is posted to create a job.
 *
 * @param schedulerClusterIds null: the Manager takes every cluster with an active scheduler
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobRequest(
    @JsonProperty("type") String type,
    @JsonProperty("bio") String bio,
    @JsonProperty("args") Args args,
    @JsonProperty("scheduler_cluster_ids") @Nullable List<Integer> schedulerClusterIds) {
  /** The arguments of any kind of job; null ones are not sent. */
  interface Args {}

  /**
   * The arguments of a preheat. No platform: the URL names the manifest of one platform by digest,
   * and a Manager takes it as it is.
   *
   * @param urls blobs, in place of a manifest's URL
   * @param pieceLength in bytes
   * @param timeout in nanoseconds, being a Go duration
   * @param byBlobDigest whether the peers are to keep blobs under their digests; Managers up to
   *     2.5.1 do not know it and pass it over
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Preheat(
      @JsonProperty("type") String type,
      @JsonProperty("url") @Nullable String url,
      @JsonProperty("urls") @Nullable List<String> urls,
      @JsonProperty("scope") String scope,
      @JsonProperty("count") @Nullable Integer count,
      @JsonProperty("percentage") @Nullable Integer percentage,
      @JsonProperty("ips") @Nullable List<String> ips,
      @JsonProperty("concurrent_task_count") @Nullable Integer concurrentTasks,
      @JsonProperty("concurrent_peer_count") @Nullable Integer concurrentPeers,
      @JsonProperty("piece_length") @Nullable Long pieceLength,
      @JsonProperty("application") @Nullable String application,
      @JsonProperty("tag") @Nullable String tag,
      @JsonProperty("filtered_query_params") @Nullable String filteredQueryParams,
      @JsonProperty("timeout") long timeout,
      @JsonProperty("enable_task_id_based_blob_digest") boolean byBlobDigest,
      @JsonProperty("headers") @Nullable Map<String, String> headers)
      implements Args {
    @Override
    public String toString() {
      return "Preheat[url=" + url + ", urls=" + urls + ", scope=" + scope + "]";
    }
  }

  /** A task of the peers, by its id or by the URL of which they make one. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Task(
      @JsonProperty("task_id") @Nullable String taskId,
      @JsonProperty("url") @Nullable String url,
      @JsonProperty("piece_length") @Nullable Long pieceLength,
      @JsonProperty("application") @Nullable String application,
      @JsonProperty("tag") @Nullable String tag,
      @JsonProperty("filtered_query_params") @Nullable String filteredQueryParams,
      @JsonProperty("timeout") long timeout)
      implements Args {}

  /** An image, by the URL of its manifest. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Image(
      @JsonProperty("url") String url,
      @JsonProperty("headers") @Nullable Map<String, String> headers)
      implements Args {
    @Override
    public String toString() {
      return "Image[url=" + url + "]";
    }
  }

  /** A preheat of an order's manifest, or of what is left of it. */
  static JobRequest preheat(
      PreheatOrder order,
      Optional<Integer> cluster,
      Remainder.@Nullable Part rest,
      boolean byBlobDigest,
      PullAuthorization authorization) {
    Target target = order.target();
    Dialect dialect = Dialect.of(target);
    Set<String> blobs = rest == null ? Set.of() : rest.blobs();
    boolean some = !blobs.isEmpty();
    List<String> addresses = rest == null ? List.of() : rest.addresses();
    boolean narrowed = !addresses.isEmpty();
    return new JobRequest(
        "preheat",
        new Bio(Bio.key(order, cluster), rest == null ? 0 : rest.warmPeers()).toString(),
        new Preheat(
            some ? "file" : "image",
            some ? null : order.manifest().manifestUrl(),
            some ? blobs.stream().sorted().map(order.manifest()::blobUrl).toList() : null,
            switch (target.effectiveScope()) {
              case SINGLE_SEED_PEER -> "single_seed_peer";
              case ALL_SEED_PEERS -> "all_seed_peers";
              case ALL_PEERS -> "all_peers";
            },
            narrowed ? null : target.count(),
            narrowed ? null : target.percentage(),
            narrowed ? addresses : target.ips(),
            target.dragonfly() == null ? null : target.dragonfly().concurrentTasks(),
            target.dragonfly() == null ? null : target.dragonfly().concurrentPeers(),
            dialect.pieceLength(),
            dialect.application(),
            dialect.tag(),
            dialect.filteredQueryParams(),
            order.timeLimit().toNanos(),
            byBlobDigest,
            authorization.header().map(value -> Map.of("Authorization", value)).orElse(null)),
        cluster.map(List::of).orElse(null));
  }

  /** A question about all blobs of an order's manifest. */
  static JobRequest distribution(
      PreheatOrder order, Optional<Integer> cluster, PullAuthorization authorization) {
    return new JobRequest(
        "get_image_distribution",
        "get_image_distribution for " + order.id(),
        new Image(
            order.manifest().manifestUrl(),
            authorization.header().map(value -> Map.of("Authorization", value)).orElse(null)),
        cluster.map(List::of).orElse(null));
  }

  /** A question, or an order to delete, about one task of the peers. */
  static JobRequest task(String type, String bio, Task task, Optional<Integer> cluster) {
    return new JobRequest(type, bio, task, cluster.map(List::of).orElse(null));
  }
}
