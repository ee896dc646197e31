package io.goharbor.preheat.provider;

import java.time.Instant;

/**
 * A job that a provider works on.
 *
 * @param jobId the driver's own name of it, as {@link Submission.Accepted} gave it
 * @param submitted when it was sent
 */
public record RunningJob(String jobId, PreheatOrder order, Instant submitted) {}
