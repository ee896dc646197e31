package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.harbor.ImageManifest;

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
}
