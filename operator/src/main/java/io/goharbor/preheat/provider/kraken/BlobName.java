package io.goharbor.preheat.provider.kraken;

/**
 * A blob as Kraken names it.
 *
 * @param namespace chooses the backend registry; for a registry backend it is the repository
 * @param digest sha256 in its long form; the manifest itself is a blob too
 */
record BlobName(String namespace, String digest) {
  @Override
  public String toString() {
    return namespace + "@" + digest;
  }
}
