package io.goharbor.preheat.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/** How many pages may be asked for, and until when; none once the registry is being deleted. */
final class RequestBudget {
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final Instant until;
  private final InstantSource clock;
  private final BooleanSupplier deleted;
  private int pages;

  RequestBudget(int pages, Instant until, InstantSource clock, BooleanSupplier deleted) {
    this.pages = pages;
    this.until = until;
    this.clock = clock;
    this.deleted = deleted;
  }

  boolean spent() {
    return pages <= 0 || clock.instant().isAfter(until) || deleted.getAsBoolean();
  }

  /** Whether even what cannot be interrupted should have ended. */
  boolean overdue() {
    return clock.instant().isAfter(until.plus(GRACE));
  }

  void use() {
    pages--;
  }
}
