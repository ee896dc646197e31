package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a job. Of its arguments, which hold credentials, only harmless ones are: the rest
 * never comes into memory as values. Managers up to 2.1.54 wrote Go's field names; any array may be
 * null.
 */
record Job(
    @JsonProperty("id") long id,
    @JsonProperty("bio") @Nullable String bio,
    @JsonProperty("created_at") @Nullable String createdAt,
    @JsonProperty("state") @Nullable String state,
    @JsonProperty("args") @Nullable Args args,
    @JsonProperty("result") @Nullable Result result) {

  /**
   * What is read of the arguments, which a Manager repeats with all that it understood.
   *
   * @param urls blobs of a job that fetches only some
   * @param byBlobDigest null: the Manager does not know the argument (up to 2.5.1)
   */
  record Args(
      @JsonProperty("urls") @Nullable List<String> urls,
      @JsonProperty("enable_task_id_based_blob_digest") @Nullable Boolean byBlobDigest) {}

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
          @Nullable List<PeerTask> failureTasks,
      @JsonProperty("peers") @Nullable List<CachingPeer> cachingPeers) {
    List<CachingPeer> peers() {
      return cachingPeers == null ? List.of() : cachingPeers;
    }

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
      return url == null ? "" : digestOf(url);
    }

    private static String digestOf(String url) {
      int end = url.indexOf('?');
      return url.substring(
          url.lastIndexOf('/', end < 0 ? url.length() : end) + 1, end < 0 ? url.length() : end);
    }

    Peer peer() {
      return new Peer(hostname == null ? "unknown" : hostname, ip == null ? "" : ip);
    }
  }

  /**
   * A peer that has a task in its cache.
   *
   * @param finished null: a Manager up to 2.3.4, whose schedulers name only peers that finished
   */
  record CachingPeer(
      @JsonProperty("hostname") @Nullable String hostname,
      @JsonProperty("ip") @Nullable String ip,
      @JsonProperty("host_type") @Nullable String hostType,
      @JsonProperty("IsFinished") @JsonAlias("is_finished") @Nullable Boolean finished) {
    boolean hasAll() {
      return finished == null || finished;
    }

    /** A seed peer is called super, or strong or weak by older versions. */
    boolean seed() {
      return hostType != null && !hostType.equals("normal");
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

  /** Whether it has ended, in whatever way, as far as the Manager's record goes. */
  boolean ended() {
    return "SUCCESS".equals(state) || "FAILURE".equals(state);
  }

  /** Digests of the blobs that it was to fetch, when these are not the whole manifest's. */
  Optional<Set<String>> only() {
    return args == null || args.urls() == null || args.urls().isEmpty()
        ? Optional.empty()
        : Optional.of(args.urls().stream().map(PeerTask::digestOf).collect(Collectors.toSet()));
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
