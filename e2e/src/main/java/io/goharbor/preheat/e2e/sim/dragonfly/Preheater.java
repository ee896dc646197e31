package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/** The schedulers and peers: lets peers fetch a job's blobs and writes the result as they do. */
final class Preheater {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RegistrySource registry;
  private volatile BiPredicate<String, String> blobFails = (host, blob) -> false;
  private volatile boolean lying;

  Preheater(RegistrySource registry) {
    this.registry = registry;
  }

  void blobFails(BiPredicate<String, String> fails) {
    blobFails = fails;
  }

  void lying(boolean is) {
    lying = is;
  }

  /** What is in the database of a job that has not ended. */
  static ObjectNode underWay(JobRow job) {
    ObjectNode result = group(job).put("state", "PENDING");
    for (SimCluster cluster : job.clusters) {
      task(result, job, cluster).put("state", "STARTED").putNull("results");
    }
    return result;
  }

  /** Lets the peers of all clusters do their work. */
  ObjectNode run(JobRow job) {
    return switch (job.type()) {
      case "get_task", "delete_task" -> TaskWork.run(job);
      default -> preheat(job);
    };
  }

  /** The result of a job whose blobs all seed peers hold. */
  ObjectNode held(JobRow job, List<String> digests) {
    ObjectNode result = group(job).put("state", "SUCCESS");
    for (SimCluster cluster : job.clusters) {
      ClusterRun run = new ClusterRun(job, cluster, Map.of());
      for (SimPeer peer : cluster.peers(true)) {
        digests.forEach(digest -> run.successes.add(run.entry(peer, digest)));
      }
      ObjectNode row =
          task(result, job, cluster)
              .put("state", "SUCCESS")
              .putArray("results")
              .addObject()
              .put("scheduler_cluster_id", cluster.id());
      put(row, "success_tasks", run.successes);
      put(row, "failure_tasks", run.failures);
    }
    return result;
  }

  private ObjectNode preheat(JobRow job) {
    Map<String, String> refusals = new HashMap<>();
    for (RegistrySource.Blob blob : job.blobs) {
      registry
          .refuses(job.blobUrl(blob.digest()), job.authorization())
          .ifPresent(why -> refusals.put(blob.digest(), why));
    }
    ObjectNode result = group(job);
    boolean failed = false;
    for (SimCluster cluster : job.clusters) {
      ObjectNode task = task(result, job, cluster);
      ClusterRun run = new ClusterRun(job, cluster, refusals);
      Optional<String> error = run.start();
      failed |= error.isPresent();
      task.put("state", error.isPresent() ? "FAILURE" : "SUCCESS").put("error", error.orElse(""));
      ObjectNode row =
          task.putArray("results").addObject().put("scheduler_cluster_id", cluster.id());
      put(row, "success_tasks", run.successes);
      put(row, "failure_tasks", run.failures);
    }
    return result.put("state", failed ? "FAILURE" : "SUCCESS");
  }

  static ObjectNode group(JobRow job) {
    return JSON.createObjectNode()
        .put("group_uuid", "group_" + job.id)
        .put("created_at", job.created.toString())
        .put("updated_at", job.created.toString());
  }

  static ObjectNode task(ObjectNode result, JobRow job, SimCluster cluster) {
    return result
        .withArray("job_states")
        .addObject()
        .put("task_uuid", "task_" + job.id + "_" + cluster.id())
        .put("task_name", job.type())
        .put("error", "")
        .put("created_at", job.created.toString())
        .put("ttl", 0);
  }

  static void put(ObjectNode row, String name, ArrayNode tasks) {
    if (tasks.isEmpty()) {
      row.putNull(name);
    } else {
      row.set(name, tasks);
    }
  }

  /** One cluster's share of a job. */
  private final class ClusterRun {
    final ArrayNode successes = JSON.createArrayNode();
    final ArrayNode failures = JSON.createArrayNode();
    private final JobRow job;
    private final SimCluster cluster;
    private final Map<String, String> refusals;

    ClusterRun(JobRow job, SimCluster cluster, Map<String, String> refusals) {
      this.job = job;
      this.cluster = cluster;
      this.refusals = refusals;
    }

    /** Works; the error of the task, if it failed as a whole. */
    Optional<String> start() {
      String scope = job.request.at("/args/scope").asText("single_seed_peer");
      return switch (scope) {
        case "all_seed_peers" -> everywhere(true);
        case "all_peers" -> everywhere(false);
        default -> onSeeds();
      };
    }

    private Optional<String> onSeeds() {
      List<SimPeer> seeds = cluster.peers(true);
      if (seeds.isEmpty()) {
        return Optional.of(
            "cluster " + cluster.id() + " scheduler 10.0.3.1 no available seed peer");
      }
      for (RegistrySource.Blob blob : job.blobs) {
        SimPeer peer = seeds.get(Math.floorMod(blob.digest().hashCode(), seeds.size()));
        // A blob that failed is only logged, and the job still ends SUCCESS.
        if (!lying && fetch(peer, blob.digest()).isEmpty()) {
          successes.add(entry(peer, blob.digest()));
        }
      }
      return Optional.empty();
    }

    private Optional<String> everywhere(boolean seeds) {
      List<SimPeer> targets = new ArrayList<>(cluster.peers(seeds));
      JsonNode ips = job.request.at("/args/ips");
      if (targets.isEmpty()) {
        return Optional.of(
            "[preheat]: cluster " + cluster.id() + " scheduler 10.0.3.1 has no available peer");
      }
      if (ips.isArray()) {
        List<String> wanted = new ArrayList<>();
        ips.forEach(ip -> wanted.add(ip.asText()));
        targets.removeIf(peer -> !wanted.contains(peer.ip()));
        if (targets.isEmpty()) {
          return Optional.of("no peer found for ips " + wanted);
        }
      } else {
        targets = targets.subList(0, wanted(targets.size()));
      }
      if (lying) {
        return Optional.empty();
      }
      targets.forEach(this::fetchAll);
      if (!successes.isEmpty()) {
        return Optional.empty();
      }
      JsonNode first = failures.path(0);
      return Optional.of(
          "all peers preheat failed: group_%s task_%s %s %s %s"
              .formatted(
                  job.id,
                  job.id,
                  first.path("ip").asText(),
                  first.path("hostname").asText(),
                  first.path("description").asText()));
    }

    private int wanted(int available) {
      JsonNode count = job.request.at("/args/count");
      JsonNode percentage = job.request.at("/args/percentage");
      if (count.isInt()) {
        return Math.min(available, count.asInt());
      }
      return percentage.isInt() ? Math.max(1, available * percentage.asInt() / 100) : available;
    }

    /** A host that failed one blob is taken out of the successes as a whole. */
    private void fetchAll(SimPeer peer) {
      boolean whole = true;
      for (RegistrySource.Blob blob : job.blobs) {
        Optional<String> why = fetch(peer, blob.digest());
        if (why.isPresent()) {
          whole = false;
          failures.add(
              entry(peer, blob.digest())
                  .put("description", "task " + job.id + " failed: rpc error: " + why.get()));
        }
      }
      if (whole) {
        job.blobs.forEach(blob -> successes.add(entry(peer, blob.digest())));
      }
    }

    /** Why a peer could not fetch a blob, if so. A blob that it holds costs nothing. */
    private Optional<String> fetch(SimPeer peer, String digest) {
      if (blobFails.test(peer.host(), digest)) {
        return Optional.of("code = Internal desc = piece download failed");
      }
      String refusal = refusals.get(digest);
      if (refusal != null && !cluster.hasTask(peer.host(), job.taskId(digest))) {
        return Optional.of("code = Internal desc = " + refusal);
      }
      cluster.hold(peer, job.taskId(digest), digest);
      return Optional.empty();
    }

    private ObjectNode entry(SimPeer peer, String digest) {
      return JSON.createObjectNode()
          .put("url", job.blobUrl(digest))
          .put("hostname", peer.host())
          .put("ip", peer.ip());
    }
  }
}
