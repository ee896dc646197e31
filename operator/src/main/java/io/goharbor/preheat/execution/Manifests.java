package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.util.Optional;

/** Manifests by digest: what a digest names never changes, so it is fetched once. */
final class Manifests {
  private record Key(ObjectKey registry, String repository, String digest, String pullUrl) {}

  private final Cache<Key, ImageManifest> cache =
      Caffeine.newBuilder()
          .maximumWeight(200_000)
          .weigher((Key key, ImageManifest manifest) -> 1 + manifest.blobs().size())
          .expireAfterAccess(Duration.ofHours(1))
          .build();

  /** A manifest of one platform; empty when Harbor does not have it. */
  Optional<ImageManifest> get(
      ObjectKey registry,
      HarborClient harbor,
      String pullUrl,
      String project,
      String repository,
      String digest)
      throws RemoteCallException {
    Key key = new Key(registry, project + "/" + repository, digest, pullUrl);
    ImageManifest known = cache.getIfPresent(key);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<ImageManifest> fetched = harbor.manifest(project, repository, digest);
    fetched.ifPresent(manifest -> cache.put(key, manifest));
    return fetched;
  }
}
