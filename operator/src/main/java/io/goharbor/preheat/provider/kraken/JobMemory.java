package io.goharbor.preheat.provider.kraken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What earlier looks at a job have shown, so that a look asks only for what is missing. Bounded;
 * what is forgotten is asked for again.
 */
final class JobMemory {
  /**
   * What is known of one job.
   *
   * @param held owners of each blob that all of them hold, by digest
   * @param partly digests of blobs that some owners held at the last look
   * @param fresh digests in {@code held} that the present look has shown
   */
  record Known(Map<String, Integer> held, Set<String> partly, Set<String> fresh) {}

  // Jobs are checked every few seconds; one that is not any more has ended elsewhere.
  private final Cache<String, Known> jobs =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterAccess(Duration.ofMinutes(2)).build();

  Known of(String jobId) {
    return jobs.get(
        jobId,
        id ->
            new Known(
                new ConcurrentHashMap<>(),
                ConcurrentHashMap.newKeySet(),
                ConcurrentHashMap.newKeySet()));
  }

  void forget(String jobId) {
    jobs.invalidate(jobId);
  }

  void clear() {
    jobs.invalidateAll();
  }
}
