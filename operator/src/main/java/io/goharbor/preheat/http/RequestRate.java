package io.goharbor.preheat.http;

import java.util.concurrent.TimeUnit;

/**
 * Lets so many requests a second through, and up to a tenth of a second's at once. Who waits goes
 * in the order of coming; who would have to wait for too long takes no turn from the others.
 */
final class RequestRate {
  private final long interval;
  private final long burst;
  private long next;

  RequestRate(int perSecond) {
    this.interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burst = interval * Math.max(0, perSecond / 10 - 1);
    this.next = System.nanoTime() - burst;
  }

  /** Waits for a turn; false when there is none before the deadline. */
  boolean await(Deadline deadline) throws InterruptedException {
    long wait = reserve(deadline);
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
    return wait >= 0;
  }

  private synchronized long reserve(Deadline deadline) {
    long now = System.nanoTime();
    long turn = Math.max(next, now - burst);
    long wait = Math.max(0, turn - now);
    if (wait > deadline.leftNanos()) {
      return -1;
    }
    next = turn + interval;
    return wait;
  }
}
