package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.provider.PreheatOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is posted to create a job.
 *
 * @param bio the only field in which a Manager keeps a key of ours
 * @param schedulerClusterIds null: the Manager takes every cluster with an active scheduler
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobRequest(
    @JsonProperty("type") String type,
    @JsonProperty("bio") String bio,
    @JsonProperty("args") Args args,
    @JsonProperty("scheduler_cluster_ids") @Nullable List<Integer> schedulerClusterIds) {

  /**
   * The arguments of a preheat. No platform: the URL names the manifest of one platform by digest,
   * and a Manager takes it as it is.
   *
   * @param timeout in nanoseconds, being a Go duration
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Args(
      @JsonProperty("type") String type,
      @JsonProperty("url") String url,
      @JsonProperty("scope") String scope,
      @JsonProperty("count") @Nullable Integer count,
      @JsonProperty("percentage") @Nullable Integer percentage,
      @JsonProperty("ips") @Nullable List<String> ips,
      @JsonProperty("timeout") long timeout,
      @JsonProperty("headers") @Nullable Map<String, String> headers) {
    @Override
    public String toString() {
      return "Args[url=" + url + ", scope=" + scope + "]";
    }
  }

  /** A preheat of an order's manifest in one scheduler cluster, or wherever the Manager likes. */
  static JobRequest preheat(
      PreheatOrder order, Optional<Integer> cluster, PullAuthorization authorization) {
    Target target = order.target();
    return new JobRequest(
        "preheat",
        bio(order, cluster),
        new Args(
            "image",
            order.manifest().manifestUrl(),
            switch (target.effectiveScope()) {
              case SINGLE_SEED_PEER -> "single_seed_peer";
              case ALL_SEED_PEERS -> "all_seed_peers";
              case ALL_PEERS -> "all_peers";
            },
            target.count(),
            target.percentage(),
            target.ips(),
            order.timeLimit().toNanos(),
            authorization.header().map(value -> Map.of("Authorization", value)).orElse(null)),
        cluster.map(List::of).orElse(null));
  }

  /** The key under which the job is found again. */
  static String bio(PreheatOrder order, Optional<Integer> cluster) {
    return order.id() + cluster.map(id -> "/" + id).orElse("");
  }
}
