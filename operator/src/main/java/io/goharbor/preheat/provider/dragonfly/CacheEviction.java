package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.PreheatOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Has peers delete the blobs of an artifact, under both kinds of ids, and then asks them whether
 * any is left: a scheduler deletes only where it remembers to have put something, and says SUCCESS
 * also when a restart made it forget (dragonfly {@code scheduler/job/job.go}).
 */
final class CacheEviction {
  private static final int NAMED = 5;

  private final TaskJobs jobs;

  CacheEviction(TaskJobs jobs) {
    this.jobs = jobs;
  }

  Eviction evict(PreheatOrder order, List<Optional<Integer>> clusters) {
    int copies = 0;
    long left = 0;
    StringBuilder where = new StringBuilder();
    try {
      for (Optional<Integer> cluster : clusters) {
        Map<String, JobRequest.Task> tasks = tasks(order);
        Map<String, Job> deleted = jobs.run("delete_task", order, cluster, tasks);
        copies +=
            deleted.values().stream()
                .flatMap(TaskJobs::results)
                .mapToInt(result -> result.successes().size())
                .sum();
        Map<String, List<Job.CachingPeer>> held = jobs.peers(order, cluster, tasks);
        if (held.size() < tasks.size()) {
          return new Eviction.NoAnswer(
              Reason.UNREACHABLE, "the Manager had not recorded what the peers still hold");
        }
        for (Map.Entry<String, List<Job.CachingPeer>> blob : held.entrySet()) {
          for (Job.CachingPeer peer : blob.getValue()) {
            if (left++ < NAMED) {
              where.append(where.isEmpty() ? "" : ", ").append(peer.peer());
            }
          }
        }
      }
    } catch (TaskJobs.NotOfferedException e) {
      return new Eviction.NotOffered(
          "this Manager takes no jobs that delete from the peers' caches: " + e.getMessage());
    } catch (RemoteCallException e) {
      return new Eviction.NoAnswer(e.reason(), e.describe());
    }
    return left == 0
        ? new Eviction.Evicted(copies)
        : new Eviction.Incomplete(
            copies,
            left
                + " copies of blobs are left, on "
                + where
                + "; a scheduler deletes only what it remembers from before its own restart");
  }

  private static Map<String, JobRequest.Task> tasks(PreheatOrder order) {
    Map<String, JobRequest.Task> tasks = new LinkedHashMap<>();
    for (ImageManifest.Blob blob : order.manifest().blobs()) {
      for (TaskIds.Scheme scheme : TaskIds.Scheme.values()) {
        tasks.put(scheme + " " + blob.digest(), TaskJobs.task(order, blob.digest(), scheme));
      }
    }
    return tasks;
  }
}
