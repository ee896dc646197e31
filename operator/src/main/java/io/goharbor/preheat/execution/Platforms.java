package io.goharbor.preheat.execution;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which manifests of an index are wanted. */
final class Platforms {
  private Platforms() {}

  /**
   * Whether a manifest is wanted. {@code linux/arm64} also takes {@code linux/arm64/v8}. A manifest
   * without platform is an attestation or the like, and nobody pulls it to run it.
   *
   * @param wanted empty: all platforms
   */
  static boolean wanted(List<String> wanted, @Nullable String platform) {
    if (platform == null) {
      return false;
    }
    return wanted.isEmpty()
        || wanted.stream()
            .anyMatch(want -> platform.equals(want) || platform.startsWith(want + "/"));
  }
}
