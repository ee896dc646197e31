package io.goharbor.preheat.provider;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.goharbor.preheat.api.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a lane may send: what the last probe said, what the last calls showed (a circuit
 * breaker), and how many places are open after an outage (doubling with each success, so that work
 * resumes gently).
 */
final class LaneHealth {
  private static final int FIRST_RAMP = 2;

  private final InstantSource clock;
  private final CircuitBreaker breaker;
  private @Nullable Health lastProbe;
  private @Nullable Instant troubleSince;
  private String trouble = "";
  private Reason troubleReason = Reason.UNREACHABLE;
  private int ramp = Integer.MAX_VALUE;

  LaneHealth(String name, InstantSource clock) {
    this.clock = clock;
    this.breaker =
        CircuitBreaker.of(
            name,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(10)
                .minimumNumberOfCalls(3)
                .failureRateThreshold(50)
                .waitIntervalFunctionInOpenState(
                    IntervalFunction.ofExponentialRandomBackoff(
                        Duration.ofSeconds(5), 2.0, 0.3, Duration.ofMinutes(2)))
                .permittedNumberOfCallsInHalfOpenState(FIRST_RAMP)
                .build());
  }

  synchronized void probed(Health health) {
    lastProbe = health;
    switch (health) {
      case Health.Usable usable -> {
        if (breaker.getState() == CircuitBreaker.State.OPEN) {
          breaker.transitionToHalfOpenState();
        }
        if (breaker.getState() == CircuitBreaker.State.CLOSED) {
          troubleSince = null;
        }
      }
      case Health.Unusable unusable -> trouble(unusable.reason(), unusable.message());
    }
  }

  /** Whether it was asked yet. */
  synchronized boolean probed() {
    return lastProbe != null;
  }

  /** A call to the provider went well. */
  synchronized void success() {
    breaker.onSuccess(0, TimeUnit.MILLISECONDS);
    if (ramp < Integer.MAX_VALUE / 2) {
      ramp *= 2;
    }
    if (breaker.getState() == CircuitBreaker.State.CLOSED) {
      troubleSince = null;
    }
  }

  /** A call failed because of the provider as a whole. */
  synchronized void failure(Reason reason, String message) {
    breaker.onError(0, TimeUnit.MILLISECONDS, new IllegalStateException(message));
    trouble(reason, message);
  }

  private void trouble(Reason reason, String message) {
    if (troubleSince == null) {
      troubleSince = clock.instant();
    }
    troubleReason = reason;
    trouble = message;
    ramp = FIRST_RAMP;
  }

  /** Places that may be used beside the configured limit. */
  synchronized int openPlaces(int limit) {
    return breaker.getState() == CircuitBreaker.State.HALF_OPEN
        ? Math.min(limit, FIRST_RAMP)
        : Math.min(limit, ramp);
  }

  /** Whether failed calls hold everything back. */
  boolean circuitOpen() {
    return breaker.getState() == CircuitBreaker.State.OPEN;
  }

  /** Whether a call may be made at this moment; takes the breaker's permission. */
  boolean permitsCall() {
    return breaker.tryAcquirePermission();
  }

  /** Why nothing may be sent, if so. */
  synchronized Optional<Admission.Wait> held() {
    if (lastProbe == null) {
      return Optional.of(
          new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "the provider was not probed yet"));
    }
    boolean open = breaker.getState() == CircuitBreaker.State.OPEN;
    if (lastProbe instanceof Health.Unusable || open) {
      String since =
          troubleSince == null ? "" : " since " + troubleSince.truncatedTo(ChronoUnit.SECONDS);
      String how = troubleReason == Reason.UNREACHABLE ? "unreachable" : "unusable";
      return Optional.of(
          new Admission.Wait(Reason.WAITING_FOR_PROVIDER, how + since + ": " + trouble));
    }
    return Optional.empty();
  }

  synchronized Optional<Set<Capability>> capabilities() {
    return lastProbe == null ? Optional.empty() : lastProbe.known();
  }
}
