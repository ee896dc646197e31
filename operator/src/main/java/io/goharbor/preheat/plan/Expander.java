package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a selected artifact to the manifests that are preheated: itself, or the entries of its
 * index that are wanted, and the copies that are attached to any of them.
 */
public final class Expander {
  private static final HarborArtifact.Detail ACCESSORIES =
      new HarborArtifact.Detail(false, true, false);

  private record Origin(String project, String repository, String name, List<String> tags) {}

  private final Manifests manifests;
  private final Run run;
  private final HarborClient harbor;
  private final PlanBuilder builder;

  /** An expander for one run. */
  Expander(Manifests manifests, Run run, HarborClient harbor, PlanBuilder builder) {
    this.manifests = manifests;
    this.run = run;
    this.harbor = harbor;
    this.builder = builder;
  }

  /**
   * Adds what an artifact comes to.
   *
   * @param tags those by which it was selected
   */
  void expand(HarborArtifact artifact, List<String> tags) throws RemoteCallException {
    String repository = artifact.project() + "/" + artifact.repository();
    String name = repository + (tags.isEmpty() ? "@" + artifact.digest() : ":" + tags.getFirst());
    Origin origin = new Origin(artifact.project(), artifact.repository(), name, tags);
    Optional<Manifest> found = read(origin, artifact.digest(), name);
    if (found.isEmpty()) {
      return;
    }
    String subject = found.get().subject();
    if (subject != null && !run.named() && !run.part()) {
      // Harbor's lists leave it out too: what is attached goes with what it is attached to.
      builder.skip(
          name,
          Reason.ACCESSORY_NOT_SELECTED,
          "it is attached to "
              + subject
              + "; set accessories to preheat Nydus copies with what they belong to");
      return;
    }
    boolean any =
        switch (found.get()) {
          case Manifest.Blobs blobs -> {
            builder.add(blobs.content(), null, null, tags);
            yield true;
          }
          case Manifest.Index index -> entries(origin, index);
        };
    if (any) {
      builder.selected(repository, artifact.digest());
      copies(origin, artifact.nydusCopies(), null);
    }
  }

  private boolean entries(Origin origin, Manifest.Index index) throws RemoteCallException {
    IndexEntries entries = gather(origin, index, null);
    if (entries.tooMany()) {
      left(
          origin.name(),
          Reason.NOT_PREHEATABLE,
          "the index names more than " + IndexEntries.MOST + " manifests");
      return false;
    }
    if (entries.taken().isEmpty()) {
      nothingWanted(origin, entries);
      return false;
    }
    entries.left().forEach(leave -> builder.skip(origin.name(), leave.reason(), leave.message()));
    boolean any = false;
    for (IndexEntries.Part part : entries.taken()) {
      any |= add(origin, part.digest(), part.platform(), part.accessory());
    }
    return any;
  }

  private IndexEntries gather(Origin origin, Manifest.Index index, @Nullable String platform)
      throws RemoteCallException {
    IndexEntries entries =
        new IndexEntries(
            run.platforms(),
            run.accessories(),
            digest -> read(origin, digest, nameOf(origin, digest)));
    entries.gather(index, platform);
    return entries;
  }

  private void nothingWanted(Origin origin, IndexEntries entries) {
    if (run.platforms().isEmpty() || entries.present().isEmpty()) {
      left(
          origin.name(),
          Reason.NOT_PREHEATABLE,
          "the index has no entry that can be preheated"
              + (entries.left().isEmpty() ? "" : ": " + entries.left().getFirst().message()));
      return;
    }
    left(
        origin.name(),
        Reason.PLATFORM_NOT_FOUND,
        "the index has none of the platforms "
            + String.join(", ", run.platforms())
            + "; it has "
            + String.join(", ", entries.present()));
  }

  private boolean add(
      Origin origin, String digest, @Nullable String platform, @Nullable AccessoryKind accessory)
      throws RemoteCallException {
    Optional<Manifest> found = read(origin, digest, nameOf(origin, digest));
    if (found.isEmpty()) {
      return false;
    }
    if (!(found.get() instanceof Manifest.Blobs blobs)) {
      left(
          nameOf(origin, digest),
          Reason.NOT_PREHEATABLE,
          "the index says that it is a manifest, and it is an index");
      return false;
    }
    builder.add(blobs.content(), platform, accessory, origin.tags());
    // A converter attaches a copy to the manifest that it was made of, not to the index.
    if (accessory == null && run.accessories().contains(AccessoryKind.NYDUS)) {
      Optional<HarborArtifact> child =
          harbor.artifact(origin.project(), origin.repository(), digest, ACCESSORIES);
      if (child.isPresent()) {
        copies(origin, child.get().nydusCopies(), platform);
      }
    }
    return true;
  }

  private void copies(Origin origin, List<String> digests, @Nullable String platform)
      throws RemoteCallException {
    if (!run.accessories().contains(AccessoryKind.NYDUS)) {
      return;
    }
    for (String digest : digests) {
      Optional<Manifest> found = read(origin, digest, nameOf(origin, digest));
      if (found.isPresent()) {
        switch (found.get()) {
          case Manifest.Blobs blobs ->
              builder.add(blobs.content(), platform, AccessoryKind.NYDUS, origin.tags());
          case Manifest.Index index -> {
            for (IndexEntries.Part part : gather(origin, index, platform).taken()) {
              add(origin, part.digest(), part.platform(), AccessoryKind.NYDUS);
            }
          }
        }
      }
    }
  }

  /** A manifest; what only this artifact is to blame for is noted, and the rest goes on. */
  private Optional<Manifest> read(Origin origin, String digest, String name)
      throws RemoteCallException {
    Optional<Manifest> found;
    try {
      found =
          manifests.any(
              run.registry(),
              harbor,
              run.harbor().pullUrl(),
              origin.project(),
              origin.repository(),
              digest);
    } catch (RemoteCallException e) {
      if (!concernsArtifact(e)) {
        throw e;
      }
      left(name, e.reason(), e.describe());
      return Optional.empty();
    }
    if (found.isEmpty()) {
      left(
          name,
          Reason.ARTIFACT_NOT_FOUND,
          "Harbor has no " + name + ", or the account may not see it");
    }
    return found;
  }

  /**
   * Whether a failure is about one artifact and not about Harbor or the account: its manifest is of
   * a useless kind, or a rule of the project, such as content trust, forbids its pull (412).
   */
  static boolean concernsArtifact(RemoteCallException e) {
    return e.reason() == Reason.NOT_PREHEATABLE || e.status() == 412;
  }

  private void left(String name, Reason reason, String message) {
    if (run.named()) {
      builder.missing(name, reason, message);
    } else {
      builder.skip(name, reason, message);
    }
  }

  private static String nameOf(Origin origin, String digest) {
    return origin.project() + "/" + origin.repository() + "@" + digest;
  }
}
