package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The Manager's jobs. What the peers do becomes visible in the database only at the ages at which
 * the Manager copies it there, whatever they have done meanwhile.
 */
final class JobTable {
  /** Ages at which a real Manager (2.4.0 and later) writes a job's state, in seconds. */
  private static final long[] STEPS = {0, 30, 90, 210, 450, 750};

  private static final long LAST_STEP = 3750;
  private static final long LATE_PAUSE = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InstantSource clock;
  private final Preheater preheater;
  private final Map<Long, JobRow> rows = new ConcurrentSkipListMap<>();
  private volatile double timeScale = 1;
  private volatile boolean atOnce;
  private volatile Duration staleness = Duration.ZERO;
  private long lastId;

  JobTable(InstantSource clock, Preheater preheater) {
    this.clock = clock;
    this.preheater = preheater;
  }

  void timeScale(double scale) {
    timeScale = scale;
  }

  void atOnce(boolean is) {
    atOnce = is;
  }

  void staleness(Duration age) {
    staleness = age;
  }

  synchronized JobRow add(
      ObjectNode request,
      List<RegistrySource.Blob> blobs,
      List<SimCluster> clusters,
      Duration takes) {
    JobRow job = new JobRow(++lastId, clock.instant(), request, blobs, clusters, scaled(takes));
    rows.put(job.id, job);
    return job;
  }

  Optional<JobRow> find(long id) {
    return Optional.ofNullable(rows.get(id));
  }

  /** All rows, the oldest first. */
  List<JobRow> all() {
    return List.copyOf(rows.values());
  }

  void remove(long id) {
    rows.remove(id);
  }

  void clear() {
    rows.clear();
  }

  /** Forgets what was being watched. */
  void orphan() {
    for (JobRow job : rows.values()) {
      synchronized (job) {
        settle(job);
        job.orphaned |= job.state.equals("PENDING");
      }
    }
  }

  /** Lets time pass for all jobs. */
  void settleAll() {
    for (JobRow job : rows.values()) {
      synchronized (job) {
        settle(job);
      }
    }
  }

  private void settle(JobRow job) {
    Duration age = Duration.between(job.created, clock.instant());
    if (job.outcome == null && (atOnce || age.compareTo(job.takes) >= 0)) {
      job.outcome = preheater.run(job);
    }
    if (!job.state.equals("PENDING") || job.orphaned) {
      return;
    }
    ObjectNode outcome = job.outcome;
    boolean read = atOnce || lastStep(age).compareTo(job.takes) >= 0;
    if (outcome != null && read) {
      job.recorded = outcome;
      job.state = outcome.path("state").asText();
    } else if (age.compareTo(scaled(Duration.ofSeconds(LAST_STEP))) >= 0) {
      // The Manager gives up, and leaves what it had read last.
      job.recorded = Preheater.underWay(job);
      job.state = "FAILURE";
    }
  }

  private Duration lastStep(Duration age) {
    Duration last = Duration.ZERO;
    for (long step : STEPS) {
      if (scaled(Duration.ofSeconds(step)).compareTo(age) <= 0) {
        last = scaled(Duration.ofSeconds(step));
      }
    }
    for (long step = STEPS[STEPS.length - 1]; step <= LAST_STEP; step += LATE_PAUSE) {
      if (scaled(Duration.ofSeconds(step)).compareTo(age) <= 0) {
        last = scaled(Duration.ofSeconds(step));
      }
    }
    return last;
  }

  /**
   * A job with all that it was given, secrets included, as the real one answers; perhaps as another
   * replica remembers it.
   *
   * @param whole with its scheduler clusters, which a list does not have
   */
  ObjectNode describe(JobRow job, boolean whole) {
    synchronized (job) {
      settle(job);
      Instant now = clock.instant();
      ObjectNode stale = job.stale;
      Instant since = job.staleSince;
      if (stale != null && since != null && since.plus(scaled(staleness)).isAfter(now)) {
        return stale;
      }
      ObjectNode json = row(job);
      if (whole) {
        job.clusters.forEach(cluster ->
            json.withArray("scheduler_clusters")
                .addObject()
                .put("id", cluster.id())
                .put("name", "cluster-" + cluster.id()));
      }
      job.stale = json;
      job.staleSince = now;
      return json;
    }
  }

  private ObjectNode row(JobRow job) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", job.id)
            .put("created_at", job.created.toString())
            .put("updated_at", clock.instant().toString())
            .put("is_del", 0)
            .put("task_id", "group_" + job.id)
            .put("bio", job.request.path("bio").asText(""))
            .put("type", "preheat")
            .put("state", job.state)
            .put("user_id", 0);
    ObjectNode args = job.request.path("args").deepCopy();
    if (!args.has("scope")) {
      args.put("scope", "single_seed_peer");
    }
    if (!args.has("timeout")) {
      args.put("timeout", Duration.ofMinutes(60).toNanos());
    }
    json.set("args", args.put("concurrent_task_count", 8).put("concurrent_peer_count", 500));
    ObjectNode result = job.recorded;
    if (result != null) {
      json.set("result", result);
    } else if (clock.instant().isAfter(job.created)) {
      json.set("result", Preheater.underWay(job));
    } else {
      json.putNull("result");
    }
    return json;
  }

  private Duration scaled(Duration time) {
    return Duration.ofNanos((long) (time.toNanos() * timeScale));
  }
}
