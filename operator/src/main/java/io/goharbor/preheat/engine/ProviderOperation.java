package io.goharbor.preheat.engine;

/** What a driver does with an order. */
public enum ProviderOperation {
  /** Make the peers fetch it. */
  SUBMIT,
  /** The same after a submission of unknown outcome. */
  ADOPT,
  /** Ask the peers what they hold. */
  VERIFY,
  /** Take it out of the peers' caches. */
  EVICT
}
