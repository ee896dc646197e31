package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.goharbor.preheat.runtime.OperatorConfig.Election;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may write what into the Lease. The rules are those of client-go's leader election, which
 * other operators follow too.
 *
 * @param me what this replica is called
 */
record LeaseClaim(String me, Election times) {

  /** Whether a replica wrote it: who frees a Lease writes when, too. */
  static boolean isWritten(@Nullable LeaseSpec spec) {
    return spec != null && spec.getRenewTime() != null;
  }

  /** Whether the spec of a Lease names this replica as its holder. */
  boolean isMine(@Nullable LeaseSpec spec) {
    return spec != null && me.equals(spec.getHolderIdentity());
  }

  /**
   * What this replica writes to hold the Lease; empty: another holds it. The times in the Lease are
   * of another clock, so only how long it did not change counts.
   *
   * @param spec of the Lease as it is stored; null: it has none
   * @param unchanged how long this replica has seen it as it is
   */
  Optional<LeaseSpec> next(@Nullable LeaseSpec spec, Duration unchanged, Instant now) {
    ZonedDateTime time = now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    if (spec == null || isBlank(spec.getHolderIdentity())) {
      return Optional.of(taken(spec, time));
    }
    if (isMine(spec)) {
      return Optional.of(
          new LeaseSpecBuilder(taken(spec, time))
              .withAcquireTime(spec.getAcquireTime() == null ? time : spec.getAcquireTime())
              .withLeaseTransitions(transitions(spec))
              .build());
    }
    return unchanged.compareTo(lasts(spec)) >= 0
        ? Optional.of(taken(spec, time))
        : Optional.empty();
  }

  /** What is written by one that goes: the Lease is free at once. */
  LeaseSpec released(LeaseSpec held, Instant now) {
    return new LeaseSpecBuilder(held)
        .withHolderIdentity("")
        .withLeaseDurationSeconds(1)
        .withRenewTime(now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC))
        .build();
  }

  private LeaseSpec taken(@Nullable LeaseSpec before, ZonedDateTime now) {
    return new LeaseSpecBuilder()
        .withHolderIdentity(me)
        .withLeaseDurationSeconds(Math.toIntExact(times.leaseDuration().toSeconds()))
        .withAcquireTime(now)
        .withRenewTime(now)
        .withLeaseTransitions(before == null ? 0 : transitions(before) + 1)
        .build();
  }

  private Duration lasts(LeaseSpec spec) {
    Integer seconds = spec.getLeaseDurationSeconds();
    return seconds == null || seconds <= 0 ? times.leaseDuration() : Duration.ofSeconds(seconds);
  }

  private static int transitions(LeaseSpec spec) {
    return spec.getLeaseTransitions() == null ? 0 : spec.getLeaseTransitions();
  }

  private static boolean isBlank(@Nullable String holder) {
    return holder == null || holder.isBlank();
  }
}
