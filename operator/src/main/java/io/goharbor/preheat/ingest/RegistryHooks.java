package io.goharbor.preheat.ingest;

import io.goharbor.preheat.kube.ObjectKey;
import java.util.Optional;

/** What the webhook server needs to know of registries. */
@FunctionalInterface
public interface RegistryHooks {
  /**
   * The value of the Authorization header that a registry's Harbor must send; empty when there is
   * no such registry, when it has no webhook, or when its Secret is missing.
   */
  Optional<String> expectedAuthorization(ObjectKey registry);
}
