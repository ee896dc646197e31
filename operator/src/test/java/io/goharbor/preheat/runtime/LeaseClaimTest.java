package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.goharbor.preheat.runtime.OperatorConfig.Election;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaseClaimTest {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00.123456789Z");
  private static final Election TIMES =
      new Election(
          true,
          "preheat",
          "default",
          Duration.ofSeconds(15),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2));

  private final LeaseClaim claim = new LeaseClaim("me", TIMES);

  @Test
  void what_nobody_holds_is_taken_at_once() {
    assertThat(claim.next(null, Duration.ZERO, NOW))
        .hasValueSatisfying(spec -> {
          assertThat(spec.getHolderIdentity()).isEqualTo("me");
          assertThat(spec.getLeaseDurationSeconds()).isEqualTo(15);
          assertThat(spec.getLeaseTransitions()).isZero();
          assertThat(spec.getRenewTime().toInstant())
              .isEqualTo("2026-05-01T12:00:00.123456Z")
              .isEqualTo(spec.getAcquireTime().toInstant());
        });
    assertThat(claim.next(new LeaseSpec(), Duration.ZERO, NOW)).isPresent();
    assertThat(claim.next(held("").build(), Duration.ZERO, NOW)).isPresent();
    assertThat(claim.next(held(" ").build(), Duration.ZERO, NOW)).isPresent();
  }

  @Test
  void another_holder_counts_for_as_long_as_its_own_duration_after_the_last_change() {
    LeaseSpec other = held("other").withLeaseDurationSeconds(20).build();
    assertThat(claim.next(other, Duration.ofMillis(19_999), NOW)).isEmpty();
    assertThat(claim.next(other, Duration.ofSeconds(20), NOW))
        .hasValueSatisfying(spec -> {
          assertThat(spec.getHolderIdentity()).isEqualTo("me");
          assertThat(spec.getLeaseTransitions()).isEqualTo(5);
        });
  }

  @Test
  void the_clock_of_another_does_not_matter() {
    LeaseSpec ahead =
        held("other").withRenewTime(NOW.plusSeconds(600).atZone(ZoneOffset.UTC)).build();
    LeaseSpec behind =
        held("other").withRenewTime(NOW.minusSeconds(600).atZone(ZoneOffset.UTC)).build();
    assertThat(claim.next(ahead, Duration.ofSeconds(15), NOW)).isPresent();
    assertThat(claim.next(behind, Duration.ofSeconds(14), NOW)).isEmpty();
  }

  @Test
  void a_duration_that_makes_no_sense_is_read_as_the_configured_one() {
    for (Integer seconds : new Integer[] {null, 0, -5}) {
      LeaseSpec other = held("other").withLeaseDurationSeconds(seconds).build();
      assertThat(claim.next(other, Duration.ofSeconds(14), NOW)).isEmpty();
      assertThat(claim.next(other, Duration.ofSeconds(15), NOW)).isPresent();
    }
  }

  @Test
  void to_renew_changes_the_time_of_renewal_alone() {
    LeaseSpec mine = claim.next(held("other").build(), Duration.ofHours(1), NOW).orElseThrow();
    Optional<LeaseSpec> renewed = claim.next(mine, Duration.ZERO, NOW.plusSeconds(2));
    assertThat(claim.isMine(mine)).isTrue();
    assertThat(renewed)
        .hasValue(
            new LeaseSpecBuilder(mine).withRenewTime(mine.getRenewTime().plusSeconds(2)).build());
  }

  @Test
  void what_is_released_is_free_for_everybody() {
    LeaseSpec mine = claim.next(null, Duration.ZERO, NOW).orElseThrow();
    LeaseSpec released = claim.released(mine, NOW);
    assertThat(claim.isMine(released)).isFalse();
    assertThat(new LeaseClaim("other", TIMES).next(released, Duration.ZERO, NOW)).isPresent();
  }

  private static LeaseSpecBuilder held(String holder) {
    return new LeaseSpecBuilder()
        .withHolderIdentity(holder)
        .withLeaseDurationSeconds(15)
        .withRenewTime(NOW.atZone(ZoneOffset.UTC))
        .withLeaseTransitions(4);
  }
}
