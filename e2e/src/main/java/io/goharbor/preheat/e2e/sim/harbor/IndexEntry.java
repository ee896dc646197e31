package io.goharbor.preheat.e2e.sim.harbor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of an index to be pushed.
 *
 * @param platform os/architecture, with a variant or without; null: the index does not say
 * @param layers sizes by name; equal names are the same blob
 * @param nested the entries, when it is an index itself
 */
public record IndexEntry(
    Kind kind, @Nullable String platform, Map<String, Long> layers, List<IndexEntry> nested) {

  /** What an entry is. */
  public enum Kind {
    /** An image. */
    IMAGE,
    /** A Nydus image as nydusify merges it into an index: marked by its artifact type. */
    NYDUS,
    /** A Nydus image as nydusify did before 2.3.5: marked by a feature of the platform. */
    NYDUS_BY_FEATURE,
    /** A build attestation as BuildKit writes it. */
    ATTESTATION,
    /** An index. */
    INDEX,
    /** A layer, as in the index of a build cache. */
    LAYER
  }

  /** An image of a platform. */
  public static IndexEntry image(@Nullable String platform, Map<String, Long> layers) {
    return new IndexEntry(Kind.IMAGE, platform, layers, List.of());
  }

  /** A Nydus image of a platform. */
  public static IndexEntry nydus(Kind kind, String platform, Map<String, Long> layers) {
    return new IndexEntry(kind, platform, layers, List.of());
  }

  /** An attestation about another entry. */
  public static IndexEntry attestation(String about) {
    return new IndexEntry(
        Kind.ATTESTATION, "unknown/unknown", Map.of("attestation of " + about, 900L), List.of());
  }

  /** An index in the index. */
  public static IndexEntry index(@Nullable String platform, IndexEntry... entries) {
    return new IndexEntry(Kind.INDEX, platform, Map.of(), List.of(entries));
  }

  /** A layer. */
  public static IndexEntry layer(String name, long size) {
    return new IndexEntry(Kind.LAYER, null, Map.of(name, size), List.of());
  }

  /** The usual entry of a platform, with layers of its own. */
  static IndexEntry ofPlatform(String platform, Map<String, Long> layers) {
    Map<String, Long> own = new LinkedHashMap<>();
    layers.forEach((name, size) -> own.put(name + " " + platform, size));
    return platform.equals("unknown/unknown")
        ? new IndexEntry(Kind.ATTESTATION, platform, own, List.of())
        : image(platform, own);
  }
}
