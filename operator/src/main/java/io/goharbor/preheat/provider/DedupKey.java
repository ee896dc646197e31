package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.kube.ObjectKey;
import org.jspecify.annotations.Nullable;

/**
 * What two tasks must have in common to be one job. The same digest from two registries is two
 * jobs: that one of them could be pulled says nothing about the other. So is the same digest in two
 * repositories of one registry, because a pull needs rights to the repository, and peers may name
 * what they hold by its URL.
 *
 * @param source where it is pulled from, and as whom
 * @param repository project and repository
 * @param digest of the manifest of one platform
 */
public record DedupKey(
    Source source, Operation operation, String repository, String digest, Target target) {

  /**
   * Where something is pulled from. A HarborRegistry belongs to one namespace, so work of two
   * namespaces is never one job.
   *
   * @param registry the HarborRegistry
   * @param url from which peers pull; null: not known any more
   * @param credentials name of the Secret; null: anonymously
   */
  public record Source(ObjectKey registry, @Nullable String url, @Nullable String credentials) {
    /** A registry as it is set up. */
    public static Source of(ObjectKey registry, HarborRegistrySpec spec) {
      return new Source(
          registry,
          spec.pullUrl(),
          spec.credentialsSecretRef() == null ? null : spec.credentialsSecretRef().name());
    }

    /** A registry that was deleted: equal only to itself. */
    public static Source gone(ObjectKey registry) {
      return new Source(registry, null, null);
    }
  }
}
