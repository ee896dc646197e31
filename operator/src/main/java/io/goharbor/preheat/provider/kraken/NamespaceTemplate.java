package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.harbor.ImageManifest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Kraken's namespace of an image, from {@code spec.kraken.namespaceTemplate}.
 *
 * @param text may hold {@code {project}} and {@code {repository}}, each any number of times
 */
record NamespaceTemplate(String text) {
  String of(ImageManifest manifest) {
    // Braces cannot occur in Harbor's names, so what one step puts in the next leaves alone.
    return text.replace("{project}", manifest.project())
        .replace("{repository}", manifest.repository());
  }

  /** The manifest first, then what it names; each once. */
  List<BlobName> blobs(ImageManifest manifest) {
    String namespace = of(manifest);
    Set<BlobName> all = new LinkedHashSet<>();
    all.add(new BlobName(namespace, manifest.digest()));
    manifest.blobs().forEach(blob -> all.add(new BlobName(namespace, blob.digest())));
    return List.copyOf(all);
  }
}
