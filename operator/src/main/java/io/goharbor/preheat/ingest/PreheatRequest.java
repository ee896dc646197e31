package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one event asks of one policy.
 *
 * @param key identity of the event and its artifact, the same in a redelivery
 * @param occurred when the event happened, by Harbor's clock; null when Harbor did not tell
 */
record PreheatRequest(
    PreheatPolicy policy, String key, ArtifactRef artifact, @Nullable Instant occurred) {
  /** Identity of the wish: a policy that was deleted and made again is another one. */
  String mark() {
    return EventFingerprints.mark(policy, key);
  }

  /** Bytes of heap that it takes while it waits, roughly: its texts and the objects around them. */
  int bytes() {
    return 300 + key.length() + 3 * artifact.repository().length();
  }
}
