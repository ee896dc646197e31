package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;

/**
 * What one event asks of one policy.
 *
 * @param key identity of the event and its artifact, the same in a redelivery
 */
record Wish(PreheatPolicy policy, String key, ArtifactRef artifact) {
  /** Identity of the wish: a policy that was deleted and made anew is another one. */
  String mark() {
    return EventMarks.mark(policy, key);
  }

  /** Bytes of heap that it takes while it waits, roughly: its texts and the objects around them. */
  int bytes() {
    return 300 + key.length() + 3 * artifact.repository().length();
  }
}
