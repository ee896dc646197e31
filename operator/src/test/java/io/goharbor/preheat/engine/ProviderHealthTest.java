package io.goharbor.preheat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What probes and calls say of a provider. */
class ProviderHealthTest {
  private static final Submission SENT = new Submission.Accepted("job");
  private static final Submission AWAY =
      new Submission.NotNow(Reason.UNREACHABLE, "502", null, true, true);
  private static final Health UNUSABLE =
      new Health.Unusable(Reason.UNREACHABLE, "connection refused", false);

  private final TestTasks clock = new TestTasks();
  private final ProviderHealth health = new ProviderHealth("eu", clock);

  @Test
  void before_the_first_probe_nothing_is_known() {
    assertThat(health.probed()).isFalse();
    assertThat(health.capabilities()).isEmpty();
    assertThat(health.held())
        .contains(
            new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "the provider was not probed yet"));

    good();

    assertThat(health.probed()).isTrue();
    assertThat(health.capabilities()).contains(Set.of(Capability.SINGLE_SEED_PEER));
    assertThat(health.held()).isEmpty();
    assertThat(health.startsAtOnce()).as("no outage, no ramp").isGreaterThan(1000);
  }

  @Test
  void a_probe_that_fails_holds_everything_and_says_since_when() {
    good();
    health.probed(UNUSABLE);
    clock.later(Duration.ofMinutes(1));
    health.probed(new Health.Unusable(Reason.UNAUTHORIZED, "401", true));
    assertThat(health.held().orElseThrow().message())
        .isEqualTo("unusable since 2026-11-20T12:00:00Z: 401");
    assertThat(health.capabilities()).isEmpty();

    good();
    assertThat(health.held()).isEmpty();
    clock.later(Duration.ofMinutes(1));
    health.probed(UNUSABLE);
    assertThat(health.held().orElseThrow().message())
        .as("an outage of its own")
        .isEqualTo("unreachable since 2026-11-20T12:02:00Z: connection refused");
  }

  @Test
  void three_failures_open_the_circuit_and_a_good_probe_half_opens_it() {
    open();
    assertThat(health.held().orElseThrow().message())
        .isEqualTo("unreachable since 2026-11-20T12:00:00Z: 502");
    assertThat(health.call(() -> SENT)).as("not even tried").isEmpty();

    good();

    assertThat(health.circuitOpen()).isFalse();
    assertThat(health.held()).isEmpty();
    assertThat(health.startsAtOnce()).isEqualTo(2);
  }

  @Test
  void two_good_calls_close_the_circuit() {
    open();
    good();
    assertThat(health.call(() -> SENT)).contains(SENT);
    assertThat(health.startsAtOnce()).isEqualTo(2);
    assertThat(health.call(() -> SENT)).contains(SENT);
    assertThat(health.startsAtOnce()).as("twice as many with each").isEqualTo(8);
    for (int i = 0; i < 40; i++) {
      assertThat(health.call(() -> SENT)).contains(SENT);
    }
    assertThat(health.startsAtOnce()).isGreaterThan(1000);
  }

  @Test
  void two_failed_calls_open_it_again() {
    open();
    good();
    health.call(() -> AWAY);
    health.call(() -> AWAY);
    assertThat(health.circuitOpen()).isTrue();
    good();
    assertThat(health.circuitOpen()).isFalse();
    assertThat(health.call(() -> SENT)).contains(SENT);
  }

  @Test
  void while_it_is_half_open_no_more_than_two_calls_are_made() {
    open();
    good();
    AtomicInteger third = new AtomicInteger();
    health.call(() -> {
      health.call(() -> {
        assertThat(
                health.call(() -> {
                  third.incrementAndGet();
                  return SENT;
                }))
            .isEmpty();
        return SENT;
      });
      return SENT;
    });
    assertThat(third).hasValue(0);
    assertThat(health.startsAtOnce()).as("closed by the two").isEqualTo(8);
  }

  @Test
  void a_call_that_throws_gives_its_permit_back() {
    open();
    good();
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() ->
              health.call(() -> {
                throw new StackOverflowError();
              }))
          .isInstanceOf(StackOverflowError.class);
    }
    assertThat(health.startsAtOnce()).as("nothing is known of the provider").isEqualTo(2);
    assertThat(health.call(() -> SENT)).contains(SENT);
    assertThat(health.call(() -> SENT)).contains(SENT);
    assertThat(health.startsAtOnce()).isEqualTo(8);
  }

  @Test
  void what_only_an_order_is_refused_for_is_no_trouble_of_the_provider() {
    good();
    for (int i = 0; i < 10; i++) {
      health.call(() -> new Submission.NotNow(Reason.RATE_LIMITED, "429", null, false, true));
      health.call(() -> new Submission.Refused(Reason.REJECTED, "400"));
      health.call(() -> new Submission.Unknown("no answer"));
    }
    assertThat(health.held()).isEmpty();
    assertThat(health.startsAtOnce()).isGreaterThan(1000);
  }

  @Test
  void one_failure_among_good_calls_slows_down_and_holds_nothing() {
    good();
    health.call(() -> SENT);
    health.call(() -> AWAY);
    assertThat(health.held()).isEmpty();
    assertThat(health.startsAtOnce()).isEqualTo(2);
    health.call(() -> SENT);
    assertThat(health.startsAtOnce()).isEqualTo(4);
  }

  private void open() {
    good();
    for (int i = 0; i < 3; i++) {
      assertThat(health.call(() -> AWAY)).contains(AWAY);
    }
    assertThat(health.circuitOpen()).isTrue();
  }

  private void good() {
    health.probed(new Health.Usable(null, EnumSet.of(Capability.SINGLE_SEED_PEER)));
  }
}
