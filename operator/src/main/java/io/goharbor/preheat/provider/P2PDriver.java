package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Target;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * One P2P system, as the operator drives it. Expected failures are values; an exception that
 * escapes is a fault of the driver. All methods may block and are called from virtual threads, at
 * the same time. A driver keeps nothing that it could not lose: after a restart the operator asks
 * it about jobs that an earlier one sent.
 */
public interface P2PDriver extends AutoCloseable {
  /** Asks whether the system can be used, and for what. Must answer within the probe's time-out. */
  Health probe();

  /**
   * What of a target this provider will not do though it has the capabilities, as a sentence that
   * names the field; must not block.
   */
  default Optional<String> objection(Target target) {
    return Optional.empty();
  }

  /**
   * Makes the system fetch one manifest's blobs. The order's id has been stored before the call, so
   * that {@link #adopt} can find what a crash left behind.
   */
  Submission submit(PreheatOrder order);

  /**
   * Like {@link #submit} after a submission of unknown outcome: takes up the job that the system
   * already has under the order's id, and sends only what is missing.
   */
  Submission adopt(PreheatOrder order);

  /**
   * Looks at jobs, in as few requests as the system allows.
   *
   * @return an observation for each job id that was given
   */
  Map<String, Observation> observe(Collection<RunningJob> jobs);

  /**
   * When a job can have changed next: the age (since its submission) at which to look, given the
   * age at which it was last looked at. Systems record progress at times of their own, and a look
   * in between costs a request and shows nothing.
   *
   * @param lastLook age of the job at the last look; {@link Duration#ZERO} before the first
   */
  Duration nextLook(Duration lastLook);

  /**
   * Asks the peers themselves what they hold of an order's manifest, whatever became of any job.
   * May take minutes where a system answers through jobs of its own.
   */
  VerificationResult verify(PreheatOrder order);

  /** Stops a job that no one wants any more, as far as the system can. */
  Cancellation cancel(RunningJob job);

  /** Takes an order's manifest and blobs out of the caches of its target, as far as possible. */
  Eviction evict(PreheatOrder order);

  @Override
  void close();
}
