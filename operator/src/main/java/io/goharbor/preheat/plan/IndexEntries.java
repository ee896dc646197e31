package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the entries of an index come to, and those of the indexes in it. */
public final class IndexEntries {
  /** Gives what the registry has under a digest of the same repository. */
  @FunctionalInterface
  interface Source {
    /** The manifest; empty when it cannot be had, which is the source's to report. */
    Optional<Manifest> read(String digest) throws RemoteCallException;
  }

  /**
   * A manifest to preheat.
   *
   * @param accessory null: it is the artifact itself
   */
  record Part(String digest, @Nullable String platform, @Nullable AccessoryKind accessory) {}

  /** Indexes in indexes are rare, and deeper ones than this unheard of. */
  private static final int DEEPEST = 3;

  /** Far above any real index; without it a few small manifests could name millions of others. */
  static final int MOST = 256;

  private final List<String> platforms;
  private final Set<AccessoryKind> accessories;
  private final Source source;
  private final List<Part> taken = new ArrayList<>();
  private final List<EntryChoice.Leave> left = new ArrayList<>();
  private final SortedSet<String> present = new TreeSet<>();
  private int seen;

  /**
   * Nothing yet.
   *
   * @param platforms empty: all
   */
  IndexEntries(List<String> platforms, Set<AccessoryKind> accessories, Source source) {
    this.platforms = platforms;
    this.accessories = accessories;
    this.source = source;
  }

  /**
   * Goes through an index; those in it inherit its platform.
   *
   * @param platform of the index, or null
   */
  void gather(Manifest.Index index, @Nullable String platform) throws RemoteCallException {
    gather(index, platform, 1);
  }

  /** What is to be preheated, in the order of the index. */
  List<Part> taken() {
    return taken;
  }

  /** Why other entries are not. */
  List<EntryChoice.Leave> left() {
    return left;
  }

  /** The platforms that the index has, wanted or not. */
  SortedSet<String> present() {
    return present;
  }

  /** Whether there were more than {@link #MOST} entries, so that the rest was not looked at. */
  boolean tooMany() {
    return seen > MOST;
  }

  private void gather(Manifest.Index index, @Nullable String platform, int depth)
      throws RemoteCallException {
    for (Manifest.Entry said : index.entries()) {
      if (++seen > MOST) {
        return;
      }
      Manifest.Entry entry =
          said.platform() == null
              ? new Manifest.Entry(said.digest(), said.kind(), said.mediaType(), platform)
              : said;
      if (entry.platform() != null && entry.kind() != Manifest.EntryKind.ATTESTATION) {
        present.add(entry.platform());
      }
      switch (EntryChoice.of(entry, platforms, accessories)) {
        case EntryChoice.Take take ->
            taken.add(new Part(entry.digest(), entry.platform(), take.accessory()));
        case EntryChoice.Leave leave -> left.add(leave);
        case EntryChoice.Descend descend -> descend(entry, depth);
      }
    }
  }

  private void descend(Manifest.Entry entry, int depth) throws RemoteCallException {
    if (depth == DEEPEST) {
      left.add(
          new EntryChoice.Leave(
              Reason.NOT_RUNNABLE, entry.digest() + " is an index nested deeper than " + DEEPEST));
      return;
    }
    Optional<Manifest> nested = source.read(entry.digest());
    if (nested.isPresent()) {
      switch (nested.get()) {
        case Manifest.Index inner -> gather(inner, entry.platform(), depth + 1);
        // The entry's media type is wrong about it.
        case Manifest.Blobs blobs -> taken.add(new Part(entry.digest(), entry.platform(), null));
      }
    }
  }
}
