package io.goharbor.preheat.provider.dragonfly;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The ages at which a job is worth a look. A Manager copies a job's state from Redis into its
 * database 0, 30, 90, 210, 450 and 750 s after its creation and then every 300 s (dragonfly 2.4.0
 * to 2.5.1, {@code manager/service/job.go}: 16 attempts, 30 s doubling up to 300 s); a look in
 * between shows nothing new. Each look comes a second after a step, and a second one once the 30 s
 * are over for which another replica may answer from its cache ({@code
 * manager/database/cacher.go}). The few ages before the first step cost little and serve Managers
 * that record sooner.
 */
final class PollSchedule {
  private static final long[] EARLY = {1, 2, 5, 10};
  private static final long[] STEPS = {30, 90, 210, 450, 750};
  private static final long LAST_PAUSE = 300;
  private static final long AFTER_STEP = 1;
  private static final long AFTER_CACHE = 32;
  private static final List<Long> LISTED = listed();

  private PollSchedule() {}

  private static List<Long> listed() {
    List<Long> ages = new ArrayList<>();
    for (long age : EARLY) {
      ages.add(age);
    }
    for (long step : STEPS) {
      ages.add(step + AFTER_STEP);
      ages.add(step + AFTER_CACHE);
    }
    return List.copyOf(ages);
  }

  /**
   * The first age after a look's that is worth the next one.
   *
   * @param busy leave out those before the Manager's first record
   */
  static Duration after(Duration look, boolean busy) {
    return after(busy && look.toSeconds() < STEPS[0] ? Duration.ofSeconds(STEPS[0]) : look);
  }

  /** The first age after a look's that is worth the next one. */
  static Duration after(Duration look) {
    for (long age : LISTED) {
      if (look.compareTo(Duration.ofSeconds(age)) < 0) {
        return Duration.ofSeconds(age);
      }
    }
    long lastStep = STEPS[STEPS.length - 1];
    long step = lastStep + (look.toSeconds() - lastStep) / LAST_PAUSE * LAST_PAUSE;
    for (long age : new long[] {step + AFTER_STEP, step + AFTER_CACHE}) {
      if (look.compareTo(Duration.ofSeconds(age)) < 0) {
        return Duration.ofSeconds(age);
      }
    }
    return Duration.ofSeconds(step + LAST_PAUSE + AFTER_STEP);
  }
}
