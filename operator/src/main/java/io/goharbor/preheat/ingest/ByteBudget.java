package io.goharbor.preheat.ingest;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of heap that may be taken at the same time, counted roughly. */
final class ByteBudget {
  private final long all;
  private final AtomicLong taken = new AtomicLong();

  ByteBudget(long all) {
    this.all = all;
  }

  /** Takes some, or says at once that they are not there. */
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= all) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Whether so many can never be taken. */
  boolean neverHolds(long bytes) {
    return bytes > all;
  }

  long taken() {
    return taken.get();
  }
}
