package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.PreheatOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Jobs about single tasks of the peers: what has become of them, and their deletion. A Manager does
 * them as it does preheats, and records their ends at the same ages.
 */
final class TaskJobs {
  /** Which is when the Manager has read a job's end four times. */
  static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  /** This Manager does not know the kind of job. */
  static final class NotOfferedException extends Exception {
    private static final long serialVersionUID = 1;

    NotOfferedException(RemoteCallException cause) {
      super(cause.describe(), cause);
    }
  }

  private final DragonflyManager manager;
  private final InstantSource clock;

  TaskJobs(DragonflyManager manager, InstantSource clock) {
    this.manager = manager;
    this.clock = clock;
  }

  /** How a blob of an order is named to the peers. */
  static JobRequest.Task task(PreheatOrder order, String digest, TaskIds.Scheme scheme) {
    Dialect dialect = Dialect.of(order.target());
    return scheme == TaskIds.Scheme.BLOB_DIGEST
        ? new JobRequest.Task(
            Dialect.idOfDigest(digest), null, null, null, null, null, TIMEOUT.toNanos())
        : new JobRequest.Task(
            null,
            order.manifest().blobUrl(digest),
            dialect.pieceLength(),
            dialect.application(),
            dialect.tag(),
            dialect.filteredQueryParams(),
            TIMEOUT.toNanos());
  }

  /**
   * Peers that answered for each task, by the keys that were given; a key whose job had not ended
   * in time is missing.
   *
   * <p>A job that failed counts as an answer only when it says that there is no such task.
   */
  Map<String, List<Job.CachingPeer>> peers(
      PreheatOrder order, Optional<Integer> cluster, Map<String, JobRequest.Task> tasks)
      throws RemoteCallException, NotOfferedException {
    Map<String, List<Job.CachingPeer>> answers = new HashMap<>();
    run("get_task", order, cluster, tasks)
        .forEach((key, job) -> {
          if (!"FAILURE".equals(job.state()) || saysNotFound(job)) {
            answers.put(key, results(job).flatMap(result -> result.peers().stream()).toList());
          }
        });
    return answers;
  }

  private static boolean saysNotFound(Job job) {
    return job.resultOrNone().tasks().stream()
        .anyMatch(task -> task.error() != null && task.error().contains("not found"));
  }

  static Stream<Job.ClusterResult> results(Job job) {
    return job.resultOrNone().tasks().stream().flatMap(task -> task.clusters().stream());
  }

  /** Creates the jobs and waits for their ends; those that did not come in time are missing. */
  Map<String, Job> run(
      String type,
      PreheatOrder order,
      Optional<Integer> cluster,
      Map<String, JobRequest.Task> tasks)
      throws RemoteCallException, NotOfferedException {
    Map<String, Long> running = new LinkedHashMap<>();
    Instant begun = clock.instant();
    for (Map.Entry<String, JobRequest.Task> task : tasks.entrySet()) {
      String bio = type + " for " + order.id();
      try {
        running.put(
            task.getKey(),
            manager.create(JobRequest.task(type, bio, task.getValue(), cluster)).id());
      } catch (RemoteCallException e) {
        if (e.status() == 422) {
          throw new NotOfferedException(e);
        }
        throw e;
      }
    }
    Map<String, Job> ended = new HashMap<>();
    Duration look = Duration.ZERO;
    while (!running.isEmpty() && look.compareTo(PATIENCE) < 0) {
      look = PollSchedule.after(look);
      pause(Duration.between(clock.instant(), begun.plus(look)));
      List<String> done = new ArrayList<>();
      for (Map.Entry<String, Long> job : running.entrySet()) {
        Job now = manager.job(job.getValue()).rows().getFirst();
        if (now.ended()) {
          ended.put(job.getKey(), now);
          done.add(job.getKey());
        }
      }
      done.forEach(running::remove);
    }
    return ended;
  }

  private static void pause(Duration time) throws RemoteCallException {
    try {
      if (time.isPositive()) {
        Thread.sleep(time);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteCallException(
          io.goharbor.preheat.http.FailureClass.RETRY,
          io.goharbor.preheat.api.Reason.UNREACHABLE,
          0,
          "the wait for the Manager was interrupted",
          null,
          true,
          e);
    }
  }
}
