package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.matching.ImageReference;
import org.jspecify.annotations.Nullable;

/**
 * The artifact that is asked about.
 *
 * @param text as it was typed
 * @param host null: whatever the registry
 * @param repository without the project
 * @param tag null only when there is a digest
 */
record Wanted(
    String text,
    @Nullable String host,
    String project,
    String repository,
    @Nullable String tag,
    @Nullable String digest) {
  /** Stands for a host where none was typed; the name is reserved, so that none has it. */
  private static final String ANY_HOST = "any.invalid";

  /** Reads {@code [host/]project/repository[:tag][@digest]}. */
  static Wanted parse(String text) throws PluginFailure {
    try {
      ImageReference full = ImageReference.parse(text);
      return of(text, full.registry(), full);
    } catch (IllegalArgumentException withoutHost) {
      String first = text.contains("/") ? text.substring(0, text.indexOf('/')) : text;
      boolean isHost = first.contains(".") || first.contains(":") || first.equals("localhost");
      if (isHost || !text.contains("/")) {
        throw usage(withoutHost);
      }
      try {
        return of(text, null, ImageReference.parse(ANY_HOST + "/" + text));
      } catch (IllegalArgumentException e) {
        throw usage(e);
      }
    }
  }

  private static Wanted of(String text, @Nullable String host, ImageReference parsed) {
    return new Wanted(
        text, host, parsed.project(), parsed.repository(), parsed.tag(), parsed.digest());
  }

  private static PluginFailure usage(IllegalArgumentException e) {
    return PluginFailure.usage(DisplayText.orEmpty(e.getMessage()).replace(ANY_HOST + "/", ""));
  }

  /** Repository with its project. */
  String path() {
    return project + "/" + repository;
  }

  /** As tasks and samples name it. */
  String name() {
    return path() + (tag != null ? ":" + tag : "@" + digest);
  }

  /** As an execution names it. */
  ArtifactRef asRef() {
    return new ArtifactRef(path(), tag, digest);
  }

  /** Whether an execution's reference means the same artifact, as far as that can be told. */
  boolean means(ArtifactRef ref) {
    if (!ref.repository().equals(path())) {
      return false;
    }
    return digest != null ? digest.equals(ref.digest()) : tag != null && tag.equals(ref.tag());
  }

  /** Whether an image as in a pod means the same artifact. */
  boolean means(String image) {
    try {
      ImageReference other = ImageReference.parse(image);
      return (host == null || host.equals(other.registry()))
          && means(
              new ArtifactRef(
                  other.project() + "/" + other.repository(), other.tag(), other.digest()));
    } catch (IllegalArgumentException e) {
      // What the operator could not read either.
      return false;
    }
  }
}
