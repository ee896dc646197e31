package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

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

  private record Step(Instant at, long age, JobRow job) {}

  private final InstantSource clock;
  private final Preheater preheater;
  private final IntConsumer writtenBy;
  private final ConcurrentNavigableMap<Long, JobRow> rows = new ConcurrentSkipListMap<>();
  private final PriorityQueue<Step> steps = new PriorityQueue<>(Comparator.comparing(Step::at));
  private volatile double timeScale = 1;
  private volatile boolean atOnce;
  private volatile ManagerVersion version = ManagerVersion.V2_5;
  private long lastId;

  /**
   * An empty table.
   *
   * @param writtenBy told the replica whenever something is written
   */
  JobTable(InstantSource clock, Preheater preheater, IntConsumer writtenBy) {
    this.clock = clock;
    this.preheater = preheater;
    this.writtenBy = writtenBy;
  }

  void timeScale(double scale) {
    timeScale = scale;
  }

  void atOnce(boolean is) {
    atOnce = is;
  }

  void version(ManagerVersion is) {
    version = is;
  }

  /** A stretch of the Manager's time in that of the clock. */
  Duration scaled(Duration time) {
    return Duration.ofNanos((long) (time.toNanos() * timeScale));
  }

  synchronized JobRow add(
      ObjectNode request,
      List<RegistrySource.Blob> blobs,
      List<SimCluster> clusters,
      Duration takes,
      int replica) {
    JobRow job =
        new JobRow(++lastId, clock.instant(), request, blobs, clusters, scaled(takes), replica);
    rows.put(job.id, job);
    steps.add(new Step(job.created, 0, job));
    writtenBy.accept(replica);
    return job;
  }

  Optional<JobRow> find(long id) {
    advance();
    return Optional.ofNullable(rows.get(id));
  }

  /** All rows, the newest first. */
  Stream<JobRow> newest() {
    advance();
    return rows.descendingMap().values().stream();
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
    advance();
    for (JobRow job : rows.values()) {
      job.orphaned |= job.state.equals("PENDING");
    }
  }

  /** Lets time pass: the peers do what they have had time for, the Manager its copying. */
  synchronized void advance() {
    Instant now = clock.instant();
    while (!steps.isEmpty() && (atOnce || !steps.peek().at().isAfter(now))) {
      Step step = steps.remove();
      JobRow job = step.job();
      if (job.orphaned || !job.state.equals("PENDING")) {
        continue;
      }
      boolean done = atOnce || !job.created.plus(job.takes).isAfter(step.at());
      if (done) {
        job.recorded = outcome(job);
        job.state = job.recorded.path("state").asText(job.recorded.path("State").asText());
      } else if (step.age() >= LAST_STEP) {
        // The Manager gives up, and leaves what it had read last.
        job.recorded = Preheater.underWay(job);
        job.state = "FAILURE";
      } else {
        long next = next(step.age());
        steps.add(new Step(job.created.plus(scaled(Duration.ofSeconds(next))), next, job));
      }
      writtenBy.accept(job.replica);
    }
  }

  /** Lets the peers of all jobs do what they have had time for, watched or not. */
  synchronized void settleAll() {
    advance();
    Instant now = clock.instant();
    for (JobRow job : rows.values()) {
      if (atOnce || !job.created.plus(job.takes).isAfter(now)) {
        outcome(job);
      }
    }
  }

  private ObjectNode outcome(JobRow job) {
    ObjectNode known = job.outcome;
    if (known == null) {
      known = OldResults.as(version, preheater.run(job));
      job.outcome = known;
    }
    return known;
  }

  private static long next(long age) {
    for (long step : STEPS) {
      if (step > age) {
        return step;
      }
    }
    return age + LATE_PAUSE;
  }

  /**
   * A job with all that it was given, secrets included, as the real one answers.
   *
   * @param whole with its scheduler clusters, which a list does not have
   */
  synchronized ObjectNode describe(JobRow job, boolean whole) {
    ObjectNode json = row(job);
    if (whole) {
      job.clusters.forEach(cluster ->
          json.withArray("scheduler_clusters")
              .addObject()
              .put("id", cluster.id())
              .put("name", "cluster-" + cluster.id()));
    }
    return json;
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
            .put("type", job.type())
            .put("state", job.state)
            .put("user_id", 0);
    json.set("args", arguments(job));
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

  private static ObjectNode arguments(JobRow job) {
    ObjectNode args = (ObjectNode) job.args().deepCopy();
    if (job.type().equals("preheat")) {
      if (!args.has("scope")) {
        args.put("scope", "single_seed_peer");
      }
      if (!args.has("concurrent_task_count")) {
        args.put("concurrent_task_count", 8);
      }
      if (!args.has("concurrent_peer_count")) {
        args.put("concurrent_peer_count", 500);
      }
    }
    if (!args.has("timeout")) {
      args.put("timeout", Duration.ofMinutes(60).toNanos());
    }
    return args;
  }
}
