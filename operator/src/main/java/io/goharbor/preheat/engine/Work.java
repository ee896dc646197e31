package io.goharbor.preheat.engine;

import io.goharbor.preheat.provider.DedupKey;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a task wants of its provider. Values only: what may change meanwhile, such as credentials,
 * is looked up when it is needed.
 *
 * @param dedupKey two tasks of an equal one are one job
 * @param platform os/arch of the manifest when it is one of an index, or null
 * @param timeLimit how long the provider may take
 * @param started when this attempt was stored; the epoch before the first
 */
public record Work(
    TaskKey key,
    DedupKey dedupKey,
    @Nullable String platform,
    Duration timeLimit,
    Instant started) {

  /**
   * A task that has a slot.
   *
   * @param jobId the driver's name of its job; null: it has none yet, or no one knows
   */
  public record InFlight(Work work, @Nullable String jobId) {}
}
