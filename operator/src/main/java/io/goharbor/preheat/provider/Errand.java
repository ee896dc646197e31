package io.goharbor.preheat.provider;

/** What a lane has its driver do with an order. */
public enum Errand {
  /** Make the peers fetch it. */
  SUBMIT,
  /** The same after a submission of unknown outcome. */
  ADOPT,
  /** Ask the peers what they hold. */
  VERIFY,
  /** Take it out of the peers' caches. */
  EVICT
}
