package io.goharbor.preheat.provider.kraken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Origins that said they have no free worker: each is left alone for a while, longer every time,
 * and not by all at the same moment.
 */
final class Pressure {
  private record Busy(int times, Instant until) {}

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final InstantSource clock;
  private final RandomGenerator random;
  private final Cache<String, Busy> byAddress =
      Caffeine.newBuilder().maximumSize(1000).expireAfterWrite(Duration.ofMinutes(5)).build();

  Pressure(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** How long an origin is to be left alone; zero: it may be asked. */
  Duration pause(String address) {
    Busy busy = byAddress.getIfPresent(address);
    if (busy == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), busy.until());
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * An origin has no free worker.
   *
   * @param wish the pause that it asked for, or null
   * @return the pause that it gets
   */
  Duration busy(String address, @Nullable Duration wish) {
    Instant now = clock.instant();
    Busy after =
        byAddress
            .asMap()
            .compute(
                address,
                (key, before) -> {
                  // Calls that were under way together count once.
                  if (before != null && before.until().isAfter(now)) {
                    return before;
                  }
                  int times = before == null ? 0 : before.times() + 1;
                  return new Busy(times, now.plus(wish == null ? jitter(times) : wish));
                });
    return Duration.between(now, after.until());
  }

  /** An origin took work. */
  void free(String address) {
    byAddress.invalidate(address);
  }

  private Duration jitter(int times) {
    long millis = Math.min(FIRST.toMillis() << Math.min(times, 10), LONGEST.toMillis());
    return Duration.ofMillis((long) (millis * (0.75 + 0.5 * random.nextDouble())));
  }
}
