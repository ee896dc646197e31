package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequeuePolicyTest {
  private final Random random = new Random(1);

  @Test
  void policies_at_rest_are_looked_at_hours_later_and_not_all_at_once() {
    Set<Duration> looks = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      looks.add(RequeuePolicy.after(null, false, false, false, false, random));
    }
    assertThat(looks)
        .hasSizeGreaterThan(500)
        .allSatisfy(look -> assertThat(look).isBetween(Duration.ofHours(9), Duration.ofHours(11)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {
        "INVALID_SPEC",
        "REGISTRY_NOT_FOUND",
        "REGISTRY_NOT_READY",
        "PROVIDER_NOT_FOUND",
        "NOT_SUPPORTED",
        "SUSPENDED"
      })
  void what_an_event_will_tell_is_not_polled_for(Reason trouble) {
    assertThat(RequeuePolicy.after(trouble, false, false, false, false, random))
        .isGreaterThan(Duration.ofHours(8));
  }

  @Test
  void labels_of_a_namespace_are_looked_at_again_soon() {
    assertThat(RequeuePolicy.after(Reason.PROVIDER_NOT_ALLOWED, false, false, true, false, random))
        .isEqualTo(RequeuePolicy.FOR_LABELS);
    assertThat(RequeuePolicy.after(null, false, false, true, false, random))
        .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(11));
    assertThat(RequeuePolicy.after(Reason.PROVIDER_NOT_ALLOWED, false, false, false, false, random))
        .as("only a change of the provider's spec can help")
        .isGreaterThan(Duration.ofHours(8));
  }

  @Test
  void what_is_under_way_is_looked_at_soon() {
    assertThat(RequeuePolicy.after(null, true, false, true, false, random))
        .isEqualTo(RequeuePolicy.WHILE_BUSY);
    assertThat(RequeuePolicy.after(null, false, true, false, false, random))
        .isEqualTo(RequeuePolicy.WHILE_BUSY);
  }
}
