package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the owners of an image's blobs hold now, and emptying them of it. */
final class Inventory {
  private static final int NAMED = 10;

  private final NamespaceTemplate namespaces;
  private final ParallelCalls calls;
  private final AskedBlobs asked;
  private final Supplier<OriginInspection> looks;

  Inventory(
      NamespaceTemplate namespaces,
      ParallelCalls calls,
      AskedBlobs asked,
      Supplier<OriginInspection> looks) {
    this.namespaces = namespaces;
    this.calls = calls;
    this.asked = asked;
    this.looks = looks;
  }

  private sealed interface Looked {
    record At(BlobLocations copies) implements Looked {}

    record Not(Reason reason, String message) implements Looked {}
  }

  /** Asks all owners of all blobs, and has none of them fetch anything. */
  VerificationResult verify(ImageManifest manifest) {
    OriginInspection look = looks.get();
    Map<BlobName, Looked> seen = calls.each(namespaces.blobs(manifest), blob -> copies(look, blob));
    Map<String, BlobLocations> found = new LinkedHashMap<>();
    for (Map.Entry<BlobName, Looked> blob : seen.entrySet()) {
      switch (blob.getValue()) {
        case Looked.Not no -> {
          return new VerificationResult.NoAnswer(no.reason(), no.message());
        }
        case Looked.At at -> found.put(blob.getKey().digest(), at.copies());
      }
    }
    return new VerificationResult.Known(warmth(manifest, found), true);
  }

  private static Looked copies(OriginInspection look, BlobName blob) {
    try {
      BlobLocations copies = look.copies(blob);
      RemoteCallException unanswered = copies.unanswered();
      return unanswered == null
          ? new Looked.At(copies)
          : new Looked.Not(unanswered.reason(), unanswered.describe());
    } catch (RemoteCallException e) {
      return new Looked.Not(e.reason(), e.describe());
    }
  }

  private Warmth warmth(ImageManifest manifest, Map<String, BlobLocations> found) {
    Map<String, List<String>> lacking = new LinkedHashMap<>();
    found.forEach((digest, copies) -> {
      copies
          .lacking()
          .forEach(owner -> lacking.computeIfAbsent(owner, o -> new ArrayList<>()).add(digest));
      if (!copies.lacking().isEmpty()) {
        // Whoever sends it next must ask for it.
        asked.forget(digest);
      }
    });
    int copies = found.values().stream().mapToInt(at -> at.holding().size()).min().orElse(0);
    if (lacking.isEmpty()) {
      return Warmth.complete(manifest.bytes(), copies);
    }
    double held = 0;
    for (ImageManifest.Blob blob : manifest.blobs()) {
      BlobLocations at = found.get(blob.digest());
      if (at != null) {
        int owners = at.holding().size() + at.lacking().size();
        held += (double) blob.size() * at.holding().size() / owners;
      }
    }
    return new Warmth(
        true,
        // Below 100 % also when only the manifest, which does not count, is missing.
        Math.min((long) held, Math.max(0, manifest.bytes() - 1)),
        manifest.bytes(),
        copies,
        lacking.entrySet().stream()
            .limit(NAMED)
            .map(origin -> describe(origin.getKey(), origin.getValue()))
            .toList(),
        lacking.size());
  }

  private static String describe(String owner, List<String> digests) {
    return owner
        + " lacks "
        + (digests.size() == 1
            ? digests.getFirst()
            : digests.size() + " blobs, such as " + digests.getFirst());
  }

  private record Emptied(int copies, List<String> left, List<RemoteCallException> unanswered) {}

  /** Deletes all blobs at all their owners, and then looks whether that held. */
  Eviction evict(ImageManifest manifest) {
    OriginInspection look = looks.get();
    List<BlobName> blobs = namespaces.blobs(manifest);
    Map<BlobName, Emptied> done = calls.each(blobs, blob -> empty(look, blob));
    int copies = done.values().stream().mapToInt(Emptied::copies).sum();
    List<String> left = done.values().stream().flatMap(blob -> blob.left().stream()).toList();
    List<RemoteCallException> unanswered =
        done.values().stream().flatMap(blob -> blob.unanswered().stream()).toList();
    if (!unanswered.isEmpty()) {
      RemoteCallException first = unanswered.getFirst();
      return copies == 0
          ? new Eviction.NoAnswer(first.reason(), first.describe())
          : new Eviction.Incomplete(
              copies, unanswered.size() + " calls were not answered: " + first.describe());
    }
    return left.isEmpty()
        ? new Eviction.Evicted(copies)
        : new Eviction.Incomplete(
            copies,
            left.size()
                + " copies are held again, such as "
                + left.getFirst()
                + ": somebody else fetches them");
  }

  private Emptied empty(OriginInspection look, BlobName blob) {
    asked.forget(blob.digest());
    int copies = 0;
    List<String> left = new ArrayList<>();
    List<RemoteCallException> unanswered = new ArrayList<>();
    try {
      for (String owner : look.owners(blob.digest())) {
        try {
          copies += look.delete(owner, blob.digest()) ? 1 : 0;
        } catch (RemoteCallException e) {
          unanswered.add(e);
        }
      }
      if (unanswered.isEmpty()) {
        look.copies(blob).holding().forEach(owner -> left.add(blob + " at " + owner));
      }
    } catch (RemoteCallException e) {
      unanswered.add(e);
    }
    return new Emptied(copies, left, unanswered);
  }
}
