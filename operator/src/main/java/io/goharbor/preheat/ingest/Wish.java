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
  String id() {
    return policy.getMetadata().getUid() + " " + key;
  }
}
