package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import java.util.Optional;

/** Whether a schedule can be used. */
public final class ScheduleCheck {
  private ScheduleCheck() {}

  /** What is wrong with a schedule, naming its field. */
  public static Optional<String> problem(Schedule schedule) {
    try {
      new CronSchedule(schedule);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
