package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a job. Its arguments, which hold credentials, are not: they never come into
 * memory as values. Managers up to 2.1.54 wrote Go's field names; any array may be null.
 */
record Job(
    @JsonProperty("id") long id,
    @JsonProperty("bio") @Nullable String bio,
    @JsonProperty("created_at") @Nullable String createdAt,
    @JsonProperty("state") @Nullable String state,
    @JsonProperty("result") @Nullable Result result) {

  /** What the schedulers said. */
  record Result(
      @JsonProperty("state") @JsonAlias("State") @Nullable String state,
      @JsonProperty("GroupUUID") @Nullable String goGroup,
      @JsonProperty("job_states") @JsonAlias("JobStates") @Nullable List<TaskState> jobStates) {

    /** A result without anything in it. */
    static final Result NONE = new Result(null, null, null);

    List<TaskState> tasks() {
      return jobStates == null ? List.of() : jobStates;
    }

    /** Written by a version that records no peers at all. */
    boolean withoutPeers() {
      return goGroup != null && tasks().stream().allMatch(task -> task.clusters().isEmpty());
    }
  }

  /** One task of the job: a scheduler cluster's, or up to 2.3.0 one blob's. */
  record TaskState(
      @JsonProperty("error") @JsonAlias("Error") @Nullable String error,
      @JsonProperty("results") @JsonAlias("Results") @Nullable List<ClusterResult> results) {
    List<ClusterResult> clusters() {
      return results == null ? List.of() : results;
    }
  }

  /** The peers of a scheduler cluster. */
  record ClusterResult(
      @JsonProperty("success_tasks") @JsonAlias("SuccessTasks")
          @Nullable List<PeerTask> successTasks,
      @JsonProperty("failure_tasks") @JsonAlias("FailureTasks")
          @Nullable List<PeerTask> failureTasks) {
    List<PeerTask> successes() {
      return successTasks == null ? List.of() : successTasks;
    }

    List<PeerTask> failures() {
      return failureTasks == null ? List.of() : failureTasks;
    }
  }

  /** One blob on one peer. */
  record PeerTask(
      @JsonProperty("url") @JsonAlias("URL") @Nullable String url,
      @JsonProperty("hostname") @JsonAlias("Hostname") @Nullable String hostname,
      @JsonProperty("ip") @JsonAlias("IP") @Nullable String ip,
      @JsonProperty("description") @JsonAlias("Description") @Nullable String description) {

    /** The blob's digest, which its URL ends with; empty when there is no URL. */
    String digest() {
      String path = url == null ? "" : url.replaceFirst("[?#].*$", "");
      return path.substring(path.lastIndexOf('/') + 1);
    }

    Peer peer() {
      return new Peer(hostname == null ? "unknown" : hostname, ip == null ? "" : ip);
    }
  }

  /** A peer, as people know it. */
  record Peer(String hostname, String ip) {
    @Override
    public String toString() {
      return ip.isEmpty() ? hostname : hostname + " (" + ip + ")";
    }
  }

  Result resultOrNone() {
    return result == null ? Result.NONE : result;
  }

  /** When it was created, if that can be read. */
  Optional<Instant> created() {
    try {
      return createdAt == null
          ? Optional.empty()
          : Optional.of(OffsetDateTime.parse(createdAt).toInstant());
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
