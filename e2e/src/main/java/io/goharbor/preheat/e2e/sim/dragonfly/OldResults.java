package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Results as earlier versions wrote them. */
final class OldResults {
  private static final ObjectMapper JSON = new ObjectMapper();

  private OldResults() {}

  /** The result of today's version in the form of another. */
  static ObjectNode as(ManagerVersion version, ObjectNode result) {
    if (version.goNames()) {
      return goNames(result);
    }
    return version.blobByBlob() ? blobByBlob(result) : result;
  }

  private static ObjectNode goNames(ObjectNode result) {
    ObjectNode old =
        JSON.createObjectNode()
            .put("GroupUUID", result.path("group_uuid").asText())
            .put("State", result.path("state").asText());
    ArrayNode states = old.putArray("JobStates");
    for (JsonNode task : result.path("job_states")) {
      states
          .addObject()
          .put("TaskUUID", task.path("task_uuid").asText())
          .put("TaskName", task.path("task_name").asText())
          .put("State", task.path("state").asText())
          .put("Error", task.path("error").asText())
          .putArray("Results");
    }
    return old;
  }

  /** One task for each blob and cluster. */
  private static ObjectNode blobByBlob(ObjectNode result) {
    ObjectNode old = result.deepCopy();
    ArrayNode states = old.putArray("job_states");
    for (JsonNode task : result.path("job_states")) {
      JsonNode row = task.at("/results/0");
      Map<String, ObjectNode> byUrl = new LinkedHashMap<>();
      for (String kind : new String[] {"success_tasks", "failure_tasks"}) {
        for (JsonNode entry : row.path(kind)) {
          byUrl
              .computeIfAbsent(entry.path("url").asText(), url -> blob(task, row))
              .withArray("/results/0/" + kind)
              .add(entry);
        }
      }
      if (byUrl.isEmpty()) {
        states.add(task);
      }
      byUrl.values().forEach(states::add);
    }
    return old;
  }

  private static ObjectNode blob(JsonNode task, JsonNode row) {
    ObjectNode blob = task.deepCopy();
    blob.putArray("results")
        .addObject()
        .set("scheduler_cluster_id", row.path("scheduler_cluster_id"));
    return blob;
  }
}
