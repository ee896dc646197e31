package io.goharbor.preheat.provider.kraken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which blobs the origins were asked to fetch, or were seen to hold, a moment ago: images that
 * share a layer have it asked for once. Kraken keeps blobs by digest alone, so the namespace under
 * which one was asked for does not matter.
 *
 * <p>This only saves requests. Every image still has all its blobs looked at, and what turns out to
 * be missing is asked for again. Bounded; what is forgotten is asked for once more.
 */
final class AskedBlobs {
  /**
   * A blob.
   *
   * @param by the job that asks on behalf of all
   * @param held whether all owners held it then
   */
  private record Asked(String by, Instant at, boolean held) {}

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

  /** For an image that is sent: whether it is to ask, because nobody did a moment ago. */
  boolean claim(String digest, String job) {
    Asked mine = new Asked(job, clock.instant(), false);
    Asked now =
        byDigest
            .asMap()
            .compute(digest, (key, before) -> before == null || stale(before) ? mine : before);
    return mine.equals(now);
  }

  /**
   * For a look that found a blob missing: whether one of these jobs is to ask again. Only one job
   * keeps asking; that is also how the end of a failed download is heard of.
   */
  boolean mayAskAgain(String digest, Collection<String> jobs) {
    Instant at = clock.instant();
    Asked mine = new Asked(jobs.iterator().next(), at, false);
    Asked now =
        byDigest
            .asMap()
            .compute(
                digest,
                (key, before) ->
                    before == null
                            // Seen then and gone now: it was evicted.
                            || before.held()
                            || jobs.contains(before.by())
                            || !before.at().plus(LEFT).isAfter(at)
                        ? mine
                        : before);
    return mine.equals(now);
  }

  /** All owners hold it. */
  void held(String digest, String job) {
    byDigest.put(digest, new Asked(job, clock.instant(), true));
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
