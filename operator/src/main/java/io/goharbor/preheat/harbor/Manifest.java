package io.goharbor.preheat.harbor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the registry has under a digest. */
public sealed interface Manifest {
  /** Digest of the artifact that this one is attached to; null: it stands for itself. */
  @Nullable String subject();

  /**
   * A manifest with blobs: an image of one platform, a model, a chart.
   *
   * @param nydus whether its last layer is the bootstrap of a Nydus image, by which Harbor knows
   *     one too
   */
  record Blobs(ImageManifest content, @Nullable String subject, boolean nydus)
      implements Manifest {}

  /**
   * An index of manifests.
   *
   * @param entries in the order of the index
   */
  record Index(String digest, @Nullable String subject, List<Entry> entries) implements Manifest {}

  /**
   * An entry of an index.
   *
   * @param platform os/arch or os/arch/variant; null when the index does not say
   */
  record Entry(String digest, EntryKind kind, String mediaType, @Nullable String platform) {}

  /** What an entry is, as far as the index tells. */
  enum EntryKind {
    /** A manifest with blobs. */
    MANIFEST,
    /** A manifest with the same content as another of its platform, in the Nydus format. */
    NYDUS,
    /** A further index. */
    INDEX,
    /** A build attestation, which goes by the platform unknown/unknown. */
    ATTESTATION,
    /** No manifest at all: build caches list their layers in an index. */
    OTHER
  }
}
