package io.goharbor.preheat.provider.kraken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which blobs the origins were asked to fetch, or were seen to hold, a moment ago: images that of
 * one registry that share a layer have it asked for once. Kraken keeps blobs by digest alone, so
 * where one that is held came from does not matter. What was only asked for in the name of one
 * registry is asked for again in that of another: the first may name what cannot be fetched.
 *
 * <p>This only saves requests. Every image still has all its blobs looked at, and what turns out to
 * be missing is asked for again. Bounded; what is forgotten is asked for once more.
 */
final class AskedBlobs {
  /**
   * A blob.
   *
   * @param registry in whose name it was asked for
   * @param by the job that asks on behalf of all of that registry
   * @param held whether all owners held it then
   */
  private record Asked(String registry, String by, Instant at, boolean held) {}

  // Longer than the pause between two looks, which renew it.
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** A job that has not asked for so long has ended: another one takes over. */
  private static final Duration LEFT = Duration.ofSeconds(10);

  private final InstantSource clock;
  private final Cache<String, Asked> byDigest =
      Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(FRESH).build();

  AskedBlobs(InstantSource clock) {
    this.clock = clock;
  }

  /** For an image that is sent: whether it is to ask, because no one did a moment ago. */
  boolean claim(String digest, String registry, String job) {
    Asked mine = new Asked(registry, job, clock.instant(), false);
    Asked now =
        byDigest
            .asMap()
            .compute(
                digest,
                (key, before) ->
                    before == null
                            || stale(before)
                            || (!before.held() && !before.registry().equals(registry))
                        ? mine
                        : before);
    return mine.equals(now);
  }

  /**
   * For a look that found a blob missing: whether one of these jobs is to ask again. Only one job
   * of a registry keeps asking; that is also how the end of a failed download is heard of.
   *
   * @param registryByJob the registry of each job
   */
  boolean mayAskAgain(String digest, Map<String, String> registryByJob) {
    Instant at = clock.instant();
    Map.Entry<String, String> first = registryByJob.entrySet().iterator().next();
    Asked mine = new Asked(first.getValue(), first.getKey(), at, false);
    Asked now =
        byDigest
            .asMap()
            .compute(
                digest,
                (key, before) ->
                    before == null
                            // Seen then and gone now: it was evicted.
                            || before.held()
                            || registryByJob.containsKey(before.by())
                            || !registryByJob.containsValue(before.registry())
                            || !before.at().plus(LEFT).isAfter(at)
                        ? mine
                        : before);
    return mine.equals(now);
  }

  /** All owners hold it. */
  void held(String digest, String registry, String job) {
    byDigest.put(digest, new Asked(registry, job, clock.instant(), true));
  }

  /** Nothing is known of it any more. */
  void forget(String digest) {
    byDigest.invalidate(digest);
  }

  /** A job ended: what it still asked for is up to others. */
  void leave(String digest, String job) {
    byDigest
        .asMap()
        .computeIfPresent(digest, (key, before) -> mustStay(before, job) ? before : null);
  }

  void clear() {
    byDigest.invalidateAll();
  }

  private static boolean mustStay(@Nullable Asked asked, String job) {
    return asked != null && (asked.held() || !asked.by().equals(job));
  }

  // The cache forgets by its own clock; this one can be set in tests.
  private boolean stale(Asked asked) {
    return !asked.at().plus(FRESH).isAfter(clock.instant());
  }
}
