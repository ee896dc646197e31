package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;

/** A lane's answer to a task that wants to start. */
public sealed interface Admission {
  /** The task holds a place until it is released. */
  record Granted() implements Admission {}

  /** Not now. */
  record Wait(Reason reason, String message) implements Admission {}

  /** Another task did the same work while this one waited; its result counts. */
  record AlreadyDone(Warmth warmth) implements Admission {}
}
