package io.goharbor.preheat.registry;

import java.time.Instant;
import java.time.InstantSource;

/** How many pages may be asked for, and until when. */
final class Allowance {
  private final Instant until;
  private final InstantSource clock;
  private int pages;

  Allowance(int pages, Instant until, InstantSource clock) {
    this.pages = pages;
    this.until = until;
    this.clock = clock;
  }

  boolean spent() {
    return pages <= 0 || clock.instant().isAfter(until);
  }

  void use() {
    pages--;
  }
}
