package io.goharbor.preheat.server;

import java.util.Locale;

/** Why a connection was closed before its time. */
public enum Dropped {
  /** A request, an answer or a pause took too long. */
  LATE,
  /** All connections were taken, and this one had waited longest. */
  FULL,
  /** Its address had too many that had not shown who they are. */
  ADDRESS;

  /** As a label of a metric. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
