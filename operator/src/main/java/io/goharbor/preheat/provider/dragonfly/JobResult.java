package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Warmth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what the Manager says of a job. The word SUCCESS is not believed: with a single seed peer
 * the Manager drops blobs that failed and still ends SUCCESS, so the blobs that peers report are
 * compared with those of the manifest.
 */
final class JobResult {
  private static final int NAMED_PEERS = 10;

  private JobResult() {}

  /** An observation of one job. */
  static Observation read(JsonNode job, ImageManifest manifest, Target.Scope scope) {
    String state = job.path("state").asText("");
    JsonNode result = job.path("result");
    return switch (state) {
      case "SUCCESS" -> new Observation.Finished(warmth(result, manifest, scope));
      case "FAILURE" -> failure(result);
      // PENDING, RECEIVED, STARTED, RETRY, and whatever a later version may add.
      default -> new Observation.InProgress(0);
    };
  }

  private static Observation failure(JsonNode result) {
    String inner = text(result, "state", "State");
    if (inner.equals("PENDING")) {
      return new Observation.Vanished(
          "the Manager stopped watching the job before it ended; its outcome is unknown");
    }
    List<String> errors = new ArrayList<>();
    for (JsonNode job : array(result, "job_states", "JobStates")) {
      String error = text(job, "error", "Error");
      if (!error.isEmpty() && !errors.contains(error)) {
        errors.add(error);
      }
    }
    return new Observation.Failed(
        Reason.JOB_FAILED,
        errors.isEmpty() ? "the Manager gives no reason" : String.join("; ", errors));
  }

  private static Warmth warmth(JsonNode result, ImageManifest manifest, Target.Scope scope) {
    Map<String, Long> expected = new HashMap<>();
    manifest.blobs().forEach(blob -> expected.put(blob.digest(), blob.size()));
    Map<String, Set<String>> heldByPeer = new LinkedHashMap<>();
    Map<String, String> failures = new LinkedHashMap<>();
    for (JsonNode job : array(result, "job_states", "JobStates")) {
      for (JsonNode cluster : array(job, "results", "Results")) {
        for (JsonNode success : array(cluster, "success_tasks", "SuccessTasks")) {
          String digest = digest(success);
          if (expected.containsKey(digest)) {
            heldByPeer.computeIfAbsent(peer(success), key -> new HashSet<>()).add(digest);
          }
        }
        for (JsonNode failed : array(cluster, "failure_tasks", "FailureTasks")) {
          failures.putIfAbsent(
              peer(failed), failed.path("description").asText("no description").strip());
        }
      }
    }
    long held =
        scope == Target.Scope.SINGLE_SEED_PEER
            ? bytes(union(heldByPeer), expected)
            : meanOverPeers(heldByPeer, failures.keySet(), expected);
    int complete =
        (int) heldByPeer.values().stream().filter(has -> has.size() == expected.size()).count();
    List<String> named =
        failures.entrySet().stream()
            .limit(NAMED_PEERS)
            .map(failure -> failure.getKey() + ": " + shorten(failure.getValue()))
            .toList();
    return new Warmth(
        true,
        held,
        manifest.bytes(),
        scope == Target.Scope.SINGLE_SEED_PEER ? heldByPeer.size() : complete,
        named,
        failures.size());
  }

  /**
   * Mean over the peers, failed ones included: the share of all that was to be held. The Manager
   * takes a host out of the successes as soon as one blob failed on it.
   */
  private static long meanOverPeers(
      Map<String, Set<String>> heldByPeer, Set<String> failed, Map<String, Long> expected) {
    Set<String> peers = new HashSet<>(heldByPeer.keySet());
    peers.addAll(failed);
    if (peers.isEmpty()) {
      return 0;
    }
    long sum = 0;
    for (String peer : peers) {
      sum += bytes(heldByPeer.getOrDefault(peer, Set.of()), expected);
    }
    return sum / peers.size();
  }

  private static Set<String> union(Map<String, Set<String>> heldByPeer) {
    Set<String> all = new HashSet<>();
    heldByPeer.values().forEach(all::addAll);
    return all;
  }

  private static long bytes(Set<String> digests, Map<String, Long> expected) {
    return digests.stream().mapToLong(digest -> expected.getOrDefault(digest, 0L)).sum();
  }

  private static String digest(JsonNode task) {
    String url = task.path("url").asText("");
    int slash = url.lastIndexOf('/');
    String last = slash < 0 ? url : url.substring(slash + 1);
    int query = last.indexOf('?');
    return query < 0 ? last : last.substring(0, query);
  }

  private static String peer(JsonNode task) {
    String host = task.path("hostname").asText("unknown");
    String ip = task.path("ip").asText("");
    return ip.isEmpty() ? host : host + " (" + ip + ")";
  }

  private static String shorten(String text) {
    return text.length() <= 120 ? text : text.substring(0, 119) + "…";
  }

  /** Managers up to 2.1.54 wrote Go's field names; arrays may be null. */
  private static Iterable<JsonNode> array(JsonNode node, String name, String goName) {
    JsonNode value = node.has(name) ? node.path(name) : node.path(goName);
    return value.isArray() ? value : List.of();
  }

  private static String text(JsonNode node, String name, String goName) {
    return node.path(name).asText(node.path(goName).asText(""));
  }
}
