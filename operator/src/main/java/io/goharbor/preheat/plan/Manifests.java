package io.goharbor.preheat.plan;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Duration;
import java.util.Optional;

/** Manifests and indexes by digest: what a digest names never changes, so it is fetched once. */
public final class Manifests {
  private record Key(ObjectKey registry, String repository, String digest, String pullUrl) {}

  private final Cache<Key, Manifest> cache =
      Caffeine.newBuilder()
          .maximumWeight(200_000)
          .weigher((Key key, Manifest manifest) -> 1 + parts(manifest))
          .expireAfterAccess(Duration.ofHours(1))
          .build();

  private static int parts(Manifest manifest) {
    return switch (manifest) {
      case Manifest.Blobs blobs -> blobs.content().blobs().size();
      case Manifest.Index index -> index.entries().size();
    };
  }

  /** A manifest with blobs; empty when Harbor does not have it. */
  public Optional<ImageManifest> get(
      ObjectKey registry,
      HarborClient harbor,
      String pullUrl,
      String project,
      String repository,
      String digest)
      throws RemoteCallException {
    Optional<Manifest> found = any(registry, harbor, pullUrl, project, repository, digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return found.get() instanceof Manifest.Blobs blobs
        ? Optional.of(blobs.content())
        // An index; the client words why not.
        : harbor.manifest(project, repository, digest);
  }

  /** Whatever the registry has under a digest; empty when it has nothing there. */
  Optional<Manifest> any(
      ObjectKey registry,
      HarborClient harbor,
      String pullUrl,
      String project,
      String repository,
      String digest)
      throws RemoteCallException {
    Key key = new Key(registry, project + "/" + repository, digest, pullUrl);
    Manifest known = cache.getIfPresent(key);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Manifest> fetched = harbor.anyManifest(project, repository, digest);
    fetched.ifPresent(manifest -> cache.put(key, manifest));
    return fetched;
  }
}
