package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Jobs about one task of the peers. get_task asks every host for what is on its disk; delete_task
 * deletes only where the scheduler remembers the task, and is content when it remembers nothing.
 */
final class TaskWork {
  private TaskWork() {}

  static ObjectNode run(JobRow job) {
    boolean delete = job.type().equals("delete_task");
    ObjectNode result = Preheater.group(job).put("state", "SUCCESS");
    for (SimCluster cluster : job.clusters) {
      ObjectNode row =
          Preheater.task(result, job, cluster)
              .put("state", "SUCCESS")
              .putArray("results")
              .addObject()
              .put("scheduler_cluster_id", cluster.id());
      ArrayNode peers = row.arrayNode();
      for (SimPeer peer : cluster.peers()) {
        if (delete
            ? cluster.deleteTask(peer.host(), id(job))
            : cluster.hasTask(peer.host(), id(job))) {
          ObjectNode entry =
              peers
                  .addObject()
                  .put("hostname", peer.host())
                  .put("ip", peer.ip())
                  .put("host_type", peer.seed() ? "super" : "normal");
          if (!delete) {
            entry
                .put("id", peer.host() + "-" + job.id)
                .put("created_at", job.created.toString())
                .put("updated_at", job.created.toString())
                .put("IsFinished", true);
          }
        }
      }
      Preheater.put(row, delete ? "success_tasks" : "peers", peers);
      if (delete) {
        row.putNull("failure_tasks");
      }
    }
    return result;
  }

  private static String id(JobRow job) {
    String id = job.args().path("task_id").asText("");
    return id.isEmpty() ? TaskKey.ofUrl(job.url(), job.args()) : id;
  }
}
