package io.goharbor.preheat.engine;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a provider can be used: what the last probe said, what the last calls showed (a circuit
 * breaker), and how many tasks may start at once after trouble (doubling with each success, so work
 * resumes gently).
 */
final class ProviderHealth {
  private static final int FIRST_RAMP = 2;

  private final InstantSource clock;
  private final CircuitBreaker breaker;
  private @Nullable Health lastProbe;
  private @Nullable Instant troubleSince;
  private String trouble = "";
  private Reason troubleReason = Reason.UNREACHABLE;
  private int ramp = Integer.MAX_VALUE;

  ProviderHealth(String name, InstantSource clock) {
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

  /**
   * Makes a call to the provider, and takes from its outcome how the provider is.
   *
   * @return empty: no call may be made at this moment
   */
  Optional<Submission> call(Supplier<Submission> call) {
    if (!breaker.tryAcquirePermission()) {
      return Optional.empty();
    }
    Submission outcome = null;
    try {
      outcome = call.get();
      return Optional.of(outcome);
    } finally {
      called(outcome);
    }
  }

  private synchronized void called(@Nullable Submission outcome) {
    switch (outcome) {
      case null -> breaker.releasePermission();
      case Submission.NotNow notNow when notNow.providerFault() -> {
        breaker.onError(0, TimeUnit.MILLISECONDS, new IllegalStateException(notNow.message()));
        trouble(notNow.reason(), notNow.message());
      }
      default -> {
        breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        if (ramp < Integer.MAX_VALUE / 2) {
          ramp *= 2;
        }
        if (breaker.getState() == CircuitBreaker.State.CLOSED) {
          troubleSince = null;
        }
      }
    }
  }

  private void trouble(Reason reason, String message) {
    if (troubleSince == null) {
      troubleSince = clock.instant();
    }
    troubleReason = reason;
    trouble = message;
    ramp = FIRST_RAMP;
  }

  /**
   * How many tasks may be without a job at the same time: few after trouble, and twice as many with
   * each that gets one. Jobs that run already do not count, so long ones keep no one waiting.
   */
  synchronized int startsAtOnce() {
    return breaker.getState() == CircuitBreaker.State.HALF_OPEN ? FIRST_RAMP : ramp;
  }

  /** Whether failed calls hold everything back. */
  boolean circuitOpen() {
    return breaker.getState() == CircuitBreaker.State.OPEN;
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
