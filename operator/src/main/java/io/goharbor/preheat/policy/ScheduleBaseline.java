package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.api.PreheatPolicyStatus.ScheduleInForce;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Since when a policy has its schedule: times before that were never its own. */
final class ScheduleBaseline {
  private ScheduleBaseline() {}

  /** The schedule of a policy as its status tells it; empty: it has none. */
  static Optional<ScheduleInForce> inForce(PreheatPolicy policy, Instant now) {
    if (policy.getSpec().triggers() == null || policy.getSpec().triggers().schedule() == null) {
      return Optional.empty();
    }
    Schedule schedule = policy.getSpec().triggers().schedule();
    PreheatPolicyStatus status = policy.getStatus();
    ScheduleInForce before = status == null ? null : status.schedule();
    return Optional.of(
        before != null && isSame(before, schedule)
            ? before
            : new ScheduleInForce(
                schedule.cron(),
                schedule.timeZone(),
                before == null && isAsCreated(policy, status)
                    ? Instant.parse(policy.getMetadata().getCreationTimestamp())
                    : now.truncatedTo(ChronoUnit.SECONDS)));
  }

  /** The last time that was acted on, or since when times count. */
  static Instant last(PreheatPolicy policy, Instant now) {
    Instant since = inForce(policy, now).map(ScheduleInForce::since).orElse(now);
    Instant acted = policy.getStatus() == null ? null : policy.getStatus().lastScheduleTime();
    return acted != null && acted.isAfter(since) ? acted : since;
  }

  /** Not changed since it was created; or its schedule was in use before statuses told of it. */
  private static boolean isAsCreated(PreheatPolicy policy, @Nullable PreheatPolicyStatus status) {
    Long generation = policy.getMetadata().getGeneration();
    return status == null
        ? generation == null || generation == 1
        : status.lastScheduleTime() != null || status.nextScheduleTime() != null;
  }

  private static boolean isSame(ScheduleInForce one, Schedule other) {
    return one.cron().equals(other.cron()) && Objects.equals(one.timeZone(), other.timeZone());
  }
}
