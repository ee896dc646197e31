package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.DedupKey;

/** Work for tests, told apart by one word. */
final class DedupKeys {
  private DedupKeys() {}

  static DedupKey of(String digest) {
    return of("team", digest);
  }

  static DedupKey of(String namespace, String digest) {
    return new DedupKey(
        new DedupKey.Source(new ObjectKey(namespace, "main"), "https://h.example.com", "robot"),
        Operation.PREHEAT,
        "shop/web",
        digest,
        Target.DEFAULT);
  }
}
