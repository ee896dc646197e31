package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.provider.Warmth;

/** The answer to a task that wants to start. */
public sealed interface Admission {
  /** It has a slot as long as its execution states that it is in flight. */
  record Granted() implements Admission {}

  /** Not now. */
  record Wait(Reason reason, String message) implements Admission {}

  /** Another task did the same work while this one waited; its result counts. */
  record AlreadyDone(Warmth warmth) implements Admission {}
}
