package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Drives Dragonfly: one job for each manifest and scheduler cluster, by digest. The order's id goes
 * into the job's {@code bio}, the only field in which a Manager keeps a key of ours.
 */
final class DragonflyDriver implements P2PDriver {
  /**
   * Ages at which a job is looked at. A Manager copies a job's state into its database 0, 30, 90,
   * 210, 450 and 750 s after its creation and then every 300 s (dragonfly v2.4.0 and later,
   * manager/service/job.go); a look in between shows nothing new. Each look comes a second after a
   * step. The short ages before cost four small requests and serve faster Managers.
   */
  private static final long[] LOOK_AT_MILLIS = {
    500, 1_500, 4_000, 10_000, 31_000, 91_000, 211_000, 451_000, 751_000
  };

  private static final Duration LAST_STEP = Duration.ofMinutes(5);

  private final DragonflyManager manager;
  private final List<Integer> clusters;

  DragonflyDriver(DragonflyManager manager, List<Integer> clusters) {
    this.manager = manager;
    this.clusters = clusters;
  }

  @Override
  public Health probe() {
    try {
      manager.healthy();
      Set<Long> known = manager.schedulerClusters();
      for (Integer cluster : clusters) {
        if (!known.contains(cluster.longValue())) {
          return new Health.Unusable(
              Reason.INVALID_SPEC,
              "spec.dragonfly.schedulerClusterIDs: the Manager has no scheduler cluster "
                  + cluster
                  + ", it has "
                  + known.stream().sorted().toList(),
              true);
        }
      }
    } catch (RemoteCallException e) {
      // A token without the scope "cluster" can still create jobs.
      boolean scopeOnly = e.status() == 403 && e.describe().contains("cluster");
      if (!scopeOnly) {
        return new Health.Unusable(e.reason(), explain(e), e.status() != 0);
      }
    }
    return new Health.Usable(null, EnumSet.allOf(Capability.class));
  }

  private static String explain(RemoteCallException e) {
    return switch (e.status()) {
      case 401 -> e.describe() + ". spec.auth must hold a personal access token with the scope job";
      case 403 -> e.describe() + ". Give the personal access token the scope job";
      default -> e.describe();
    };
  }

  @Override
  public Submission submit(PreheatOrder order) {
    return send(order, new LinkedHashMap<>());
  }

  @Override
  public Submission resume(PreheatOrder order) {
    Map<String, String> known = new LinkedHashMap<>();
    try {
      for (JsonNode job : manager.jobsOf(order.id())) {
        known.putIfAbsent(job.path("bio").asText(), job.path("id").asText());
      }
    } catch (RemoteCallException e) {
      return new Submission.NotNow(e.reason(), e.describe(), null, e.status() == 0, true);
    }
    return send(order, known);
  }

  private Submission send(PreheatOrder order, Map<String, String> known) {
    List<String> ids = new ArrayList<>();
    for (Optional<Integer> cluster : targets()) {
      String bio = bio(order, cluster);
      String id = known.get(bio);
      if (id == null) {
        Map<String, Object> body;
        try {
          body = body(order, bio, cluster, order.pullAuthority().mint());
        } catch (RemoteCallException e) {
          return ids.isEmpty() ? ofHarbor(e) : new Submission.Unknown(e.describe());
        }
        try {
          id = manager.createJob(body).path("id").asText("");
        } catch (RemoteCallException e) {
          Submission failed = ofCreate(e);
          // A job of another cluster exists already: what is missing is sent by resume.
          return ids.isEmpty() || failed instanceof Submission.Refused
              ? failed
              : new Submission.Unknown(e.describe());
        }
        if (id.isEmpty()) {
          return new Submission.Unknown("the Manager answered without a job id");
        }
      }
      ids.add(id);
    }
    return new Submission.Accepted(String.join(",", ids));
  }

  private List<Optional<Integer>> targets() {
    return clusters.isEmpty()
        ? List.of(Optional.empty())
        : clusters.stream().map(Optional::of).toList();
  }

  private static String bio(PreheatOrder order, Optional<Integer> cluster) {
    return order.id() + cluster.map(id -> "/" + id).orElse("");
  }

  private static Map<String, Object> body(
      PreheatOrder order, String bio, Optional<Integer> cluster, PullAuthorization authorization) {
    Map<String, Object> args = new LinkedHashMap<>();
    args.put("type", "image");
    args.put("url", order.manifest().manifestUrl());
    args.put(
        "scope",
        switch (order.target().effectiveScope()) {
          case SINGLE_SEED_PEER -> "single_seed_peer";
          case ALL_SEED_PEERS -> "all_seed_peers";
          case ALL_PEERS -> "all_peers";
        });
    if (order.target().count() != null) {
      args.put("count", order.target().count());
    }
    if (order.target().percentage() != null) {
      args.put("percentage", order.target().percentage());
    }
    if (order.target().ips() != null) {
      args.put("ips", order.target().ips());
    }
    // A Go time.Duration: nanoseconds.
    args.put("timeout", order.timeLimit().toNanos());
    authorization.header().ifPresent(value -> args.put("headers", Map.of("Authorization", value)));
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("type", "preheat");
    job.put("bio", bio);
    job.put("args", args);
    cluster.ifPresent(id -> job.put("scheduler_cluster_ids", List.of(id)));
    return job;
  }

  private static Submission ofHarbor(RemoteCallException e) {
    return e.failureClass() == FailureClass.PERMANENT
        ? new Submission.Refused(Reason.PULL_DENIED, e.describe())
        : new Submission.NotNow(
            e.reason(), e.describe(), e.retryAfter().orElse(null), false, e.status() == 0);
  }

  /**
   * A Manager reads the manifest while it answers, and reports the registry's troubles as 500 with
   * the raw text.
   */
  private static Submission ofCreate(RemoteCallException e) {
    if (e.status() != 500) {
      return Submission.of(e);
    }
    String text = e.describe().toLowerCase(Locale.ROOT);
    if (text.contains("unauthorized") || text.contains("denied") || text.contains("412")) {
      return new Submission.NotNow(Reason.PULL_DENIED, e.describe(), null, false, false);
    }
    if (text.contains("no matching manifest")
        || text.contains("parse access url failed")
        || text.contains("manifest unknown")
        || text.contains("mediatype in manifest")) {
      return new Submission.Refused(Reason.REJECTED, e.describe());
    }
    if (text.contains("candidate schedulers not found")
        || text.contains("active schedulers not found")) {
      return new Submission.NotNow(Reason.UNREACHABLE, e.describe(), null, true, true);
    }
    return new Submission.NotNow(e.reason(), e.describe(), null, false, false);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    Map<String, Observation> seen = new HashMap<>();
    for (RunningJob job : jobs) {
      seen.put(job.jobId(), observe(job));
    }
    return seen;
  }

  private Observation observe(RunningJob running) {
    List<Observation> parts = new ArrayList<>();
    for (String id : running.jobId().split(",", -1)) {
      try {
        parts.add(
            JobResult.read(
                manager.job(id),
                running.order().manifest(),
                running.order().target().effectiveScope()));
      } catch (RemoteCallException e) {
        if (e.status() == 404) {
          parts.add(new Observation.Vanished("the Manager no longer knows job " + id));
        } else {
          return new Observation.NoAnswer(e.reason(), e.describe());
        }
      }
    }
    return combine(parts);
  }

  /** Several clusters are one task: it is as far as the slowest, as warm as the coldest. */
  private static Observation combine(List<Observation> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    Optional<Observation> open =
        parts.stream().filter(part -> part instanceof Observation.InProgress).findFirst();
    Optional<Observation> bad =
        parts.stream()
            .filter(
                part -> part instanceof Observation.Failed || part instanceof Observation.Vanished)
            .findFirst();
    if (bad.isPresent()) {
      return bad.get();
    }
    if (open.isPresent()) {
      return open.get();
    }
    long held = Long.MAX_VALUE;
    long expected = 0;
    int peers = 0;
    int failed = 0;
    List<String> named = new ArrayList<>();
    for (Observation part : parts) {
      if (part instanceof Observation.Finished(Warmth warmth)) {
        held = Math.min(held, warmth.heldBytes());
        expected = warmth.expectedBytes();
        peers += warmth.peers();
        failed += warmth.failedPeerCount();
        named.addAll(warmth.failedPeers());
      }
    }
    return new Observation.Finished(
        new Warmth(true, held, expected, peers, named.stream().limit(10).toList(), failed));
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    for (long step : LOOK_AT_MILLIS) {
      if (step > lastLook.toMillis()) {
        return Duration.ofMillis(step);
      }
    }
    long beyond = lastLook.toMillis() - LOOK_AT_MILLIS[LOOK_AT_MILLIS.length - 1];
    long steps = beyond / LAST_STEP.toMillis() + 1;
    return Duration.ofMillis(
        LOOK_AT_MILLIS[LOOK_AT_MILLIS.length - 1] + steps * LAST_STEP.toMillis());
  }

  @Override
  public void close() {}
}
