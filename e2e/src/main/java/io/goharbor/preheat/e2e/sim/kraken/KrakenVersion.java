package io.goharbor.preheat.e2e.sim.kraken;

/** Versions of Kraken that answer differently, oldest first. */
public enum KrakenVersion {
  /** May 2020: several events in one notification become so many copies of the last. */
  V0_1_4,
  /** September 2025: no prefetch, Docker manifests only. */
  V0_1_9,
  /** October 2025: origins can prefetch. */
  OCTOBER_2025,
  /** June 2026: the proxy reads OCI manifests too. */
  JUNE_2026;

  boolean readsLastEventOnly() {
    return this == V0_1_4;
  }

  boolean prefetch() {
    return compareTo(OCTOBER_2025) >= 0;
  }

  boolean ociManifests() {
    return compareTo(JUNE_2026) >= 0;
  }
}
