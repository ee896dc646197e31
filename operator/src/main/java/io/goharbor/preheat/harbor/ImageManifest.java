package io.goharbor.preheat.harbor;

import io.goharbor.preheat.http.UrlPath;
import java.util.List;

/**
 * A manifest of one platform, with the blobs that it needs.
 *
 * @param registryUrl base URL from which P2P clients pull, without a trailing slash
 * @param repository without the project; may hold slashes
 * @param digest of the manifest itself
 * @param blobs config and layers, each digest once
 */
public record ImageManifest(
    String registryUrl,
    String project,
    String repository,
    String digest,
    String mediaType,
    List<Blob> blobs) {

  /** A blob of a manifest. */
  public record Blob(String digest, long size) {}

  /** Project and repository, as registries write them. */
  public String fullRepository() {
    return project + "/" + repository;
  }

  /** Where P2P clients get the manifest. */
  public String manifestUrl() {
    return url("manifests", digest);
  }

  /** Where P2P clients get a blob. */
  public String blobUrl(String blobDigest) {
    return url("blobs", blobDigest);
  }

  private String url(String kind, String reference) {
    return registryUrl + "/" + UrlPath.of("v2").andParts(fullRepository()).and(kind, reference);
  }

  /** Bytes of all blobs. */
  public long bytes() {
    return blobs.stream().mapToLong(Blob::size).sum();
  }
}
