package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.Manifest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of one entry of an index. */
public sealed interface EntryChoice {
  /**
   * It is preheated.
   *
   * @param accessory null: it is the artifact itself
   */
  record Take(@Nullable AccessoryKind accessory) implements EntryChoice {}

  /** It is an index itself: its entries are checked. */
  record Descend() implements EntryChoice {}

  /** It is left out. */
  record Leave(Reason reason, String message) implements EntryChoice {}

  /**
   * Chooses.
   *
   * @param platforms empty: all
   */
  static EntryChoice of(
      Manifest.Entry entry, List<String> platforms, Set<AccessoryKind> accessories) {
    switch (entry.kind()) {
      case ATTESTATION -> {
        return new Leave(Reason.NOT_RUNNABLE, entry.digest() + " is a build attestation");
      }
      case OTHER -> {
        return new Leave(
            Reason.NOT_RUNNABLE,
            entry.digest() + " is no manifest: its media type is " + entry.mediaType());
      }
      case MANIFEST, NYDUS, INDEX -> {
        if (!Platforms.wanted(platforms, entry.platform())) {
          return new Leave(
              Reason.PLATFORM_NOT_SELECTED,
              entry.platform() + ", platforms takes " + String.join(", ", platforms));
        }
      }
    }
    return switch (entry.kind()) {
      case INDEX -> new Descend();
      case NYDUS ->
          accessories.contains(AccessoryKind.NYDUS)
              ? new Take(AccessoryKind.NYDUS)
              : new Leave(
                  Reason.ACCESSORY_NOT_SELECTED,
                  entry.digest()
                      + " is a copy in the Nydus format"
                      + (entry.platform() == null ? "" : " for " + entry.platform())
                      + "; set accessories: [Nydus] to preheat it too");
      default -> new Take(null);
    };
  }
}
