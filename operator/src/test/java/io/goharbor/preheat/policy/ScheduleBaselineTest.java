package io.goharbor.preheat.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.policy.CronSchedule.Due;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A schedule that is added or changed does not start what it would have started before. */
class ScheduleBaselineTest {
  private static final Instant CREATED = Instant.parse("2026-11-01T09:30:00Z");
  private static final Instant NOW = Instant.parse("2026-11-30T12:10:00Z");
  private static final String DAILY = "0 0 * * *";

  @Test
  void one_that_is_added_to_an_old_policy_waits_for_its_first_time() {
    PreheatPolicy policy = policy(4, DAILY, "{\"observedGeneration\": 3}");
    assertThat(due(policy)).isEqualTo(new Due.NotYet());
    assertThat(inForce(policy)).isEqualTo(NOW);
  }

  @Test
  void one_that_is_changed_waits_for_its_next_time() {
    PreheatPolicy policy =
        policy(
            2,
            "0 6 * * *",
            """
            lastScheduleTime: "2026-11-30T00:00:00Z"
            schedule: {cron: "0 0 * * *", since: "2026-11-01T09:30:00Z"}
            """);
    assertThat(due(policy)).isEqualTo(new Due.NotYet());
  }

  @Test
  void another_time_zone_is_a_change() {
    PreheatPolicy policy =
        policy(
            2,
            DAILY + "', timeZone: 'Asia/Tokyo",
            """
            lastScheduleTime: "2026-11-29T00:00:00Z"
            schedule: {cron: "0 0 * * *", since: "2026-11-01T09:30:00Z"}
            """);
    assertThat(due(policy)).isEqualTo(new Due.NotYet());
  }

  @Test
  void a_time_missed_while_the_operator_was_down_is_due() {
    Instant midnight = Instant.parse("2026-11-30T00:00:00Z");
    assertThat(
            due(
                policy(
                    7,
                    DAILY,
                    """
                    lastScheduleTime: "2026-11-27T00:00:00Z"
                    schedule: {cron: "0 0 * * *", since: "2026-11-01T09:30:00Z"}
                    """)))
        .isEqualTo(new Due.Start(midnight));
    assertThat(due(policy(1, DAILY, null))).isEqualTo(new Due.Start(midnight));
  }

  @Test
  void a_status_of_before_tells_that_the_schedule_was_in_force() {
    PreheatPolicy policy = policy(5, DAILY, "nextScheduleTime: \"2026-11-30T00:00:00Z\"");
    assertThat(inForce(policy)).isEqualTo(CREATED);
  }

  @Test
  void one_changed_while_the_operator_was_down_counts_as_new() {
    assertThat(due(policy(2, DAILY, null))).isEqualTo(new Due.NotYet());
  }

  private static Due due(PreheatPolicy policy) {
    return new CronSchedule(requireNonNull(requireNonNull(policy.getSpec().triggers()).schedule()))
        .due(ScheduleBaseline.last(policy, NOW), NOW);
  }

  private static Instant inForce(PreheatPolicy policy) {
    return ScheduleBaseline.inForce(policy, NOW).orElseThrow().since();
  }

  private static PreheatPolicy policy(long generation, String cron, @Nullable String status) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName("nightly")
            .withGeneration(generation)
            .withCreationTimestamp(CREATED.toString())
            .build());
    policy.setSpec(
        Serialization.unmarshal(
            "harborRef: {name: main}\ntriggers: {schedule: {cron: '" + cron + "'}}",
            PreheatPolicySpec.class));
    if (status != null) {
      policy.setStatus(Serialization.unmarshal(status, PreheatPolicyStatus.class));
    }
    return policy;
  }
}
