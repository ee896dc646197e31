package io.goharbor.preheat.http;

import java.time.Duration;

/** A point in time by which something must have ended, whatever it consists of. */
public final class Deadline {
  private final long at;

  private Deadline(long at) {
    this.at = at;
  }

  /** So much from now. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** What is left; zero when it has passed. */
  public Duration left() {
    return Duration.ofNanos(leftNanos());
  }

  long leftNanos() {
    return Math.max(0, at - System.nanoTime());
  }
}
