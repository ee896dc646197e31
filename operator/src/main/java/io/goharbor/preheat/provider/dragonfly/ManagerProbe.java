package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Health;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks a Manager whether it can be used: its process, then the token and the database behind it,
 * then the configured clusters. All at once, so that the answer comes within one time-out.
 */
final class ManagerProbe {
  private final DragonflyManager manager;
  private final List<Integer> clusters;

  ManagerProbe(DragonflyManager manager, List<Integer> clusters) {
    this.manager = manager;
    this.clusters = clusters;
  }

  /** What is wrong, if anything is. */
  Optional<Health.Unusable> trouble() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<Health.Unusable>> process = threads.submit(call(manager::healthy));
      Future<Optional<Health.Unusable>> jobs = threads.submit(call(manager::mayUseJobs));
      Future<Optional<Health.Unusable>> known = threads.submit(this::checkClusters);
      return join(process).or(() -> join(jobs)).or(() -> join(known));
    }
  }

  /** A call to the Manager without a result. */
  private interface Check {
    void run() throws RemoteCallException;
  }

  private static Callable<Optional<Health.Unusable>> call(Check check) {
    return () -> {
      try {
        check.run();
        return Optional.empty();
      } catch (RemoteCallException e) {
        return Optional.of(unusable(e));
      }
    };
  }

  private Optional<Health.Unusable> checkClusters() {
    if (clusters.isEmpty()) {
      return Optional.empty();
    }
    Set<Long> known;
    try {
      known = manager.schedulerClusters();
    } catch (RemoteCallException e) {
      // Without the scope "cluster" a token can still create jobs; unknown clusters then show as
      // jobs that are put off for ever.
      return e.status() == 403 ? Optional.empty() : Optional.of(unusable(e));
    }
    return clusters.stream()
        .filter(cluster -> !known.contains(cluster.longValue()))
        .findFirst()
        .map(cluster ->
            new Health.Unusable(
                Reason.INVALID_SPEC,
                "spec.dragonfly.schedulerClusterIDs: the Manager has no scheduler cluster "
                    + cluster
                    + ", it has "
                    + new TreeSet<>(known),
                true));
  }

  /**
   * Whether a probe failed as it does where there is no Open API: Dragonfly 1 answers 404, a
   * Manager before 2.1 redirects to its console.
   */
  static boolean saysNoOpenApi(Health.Unusable health) {
    return health.reason() == Reason.UNEXPECTED_ANSWER;
  }

  private static Health.Unusable unusable(RemoteCallException e) {
    return new Health.Unusable(e.reason(), e.describe(), e.status() != 0);
  }

  private static Optional<Health.Unusable> join(Future<Optional<Health.Unusable>> running) {
    try {
      return running.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(
          new Health.Unusable(Reason.UNREACHABLE, "the probe was interrupted", false));
    }
  }
}
