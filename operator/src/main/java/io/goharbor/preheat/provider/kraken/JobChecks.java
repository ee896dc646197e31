package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at jobs: which blobs their owners hold by now. A job ends when all owners hold all blobs,
 * when one says that it cannot fetch, or when its time is over; then what is held counts. An owner
 * that does not answer ends nothing: Kraken takes it out of the ring by itself within half a
 * minute, and the owners named then count.
 */
final class JobChecks {
  private static final String STUCK =
      "an origin that says for ever that it fetches tells the reason in its log only; a layer that"
          + " takes longer than the timeout of its registry backend (60s unless set) never arrives";

  private final NamespaceTemplate namespaces;
  private final ParallelCalls calls;
  private final AskedBlobs asked;
  private final Supplier<OriginInspection> looks;
  private final Inventory inventory;
  private final InstantSource clock;
  private final JobMemory memory = new JobMemory();

  JobChecks(
      NamespaceTemplate namespaces,
      ParallelCalls calls,
      AskedBlobs asked,
      Supplier<OriginInspection> looks,
      Inventory inventory,
      InstantSource clock) {
    this.namespaces = namespaces;
    this.calls = calls;
    this.asked = asked;
    this.looks = looks;
    this.inventory = inventory;
    this.clock = clock;
  }

  /** Who wants a blob, and what is known of it. */
  private static final class Wanted {
    final Set<String> namespaces = new LinkedHashSet<>();
    final Map<String, String> registryByJob = new LinkedHashMap<>();
    boolean partly;
  }

  Map<String, Observation> at(Collection<RunningJob> jobs) {
    OriginInspection look = looks.get();
    jobs.forEach(job -> memory.of(job.jobId()).fresh().clear());
    Map<String, Map<String, BlobState>> troubles = new HashMap<>();
    look(look, jobs, troubles);
    // Some of it was seen a while ago, and may have been evicted since or have another owner.
    look(look, jobs.stream().filter(this::seemsComplete).toList(), troubles);
    Map<String, Observation> seen = new HashMap<>();
    for (RunningJob job : jobs) {
      seen.put(job.jobId(), conclude(job, troubles.getOrDefault(job.jobId(), Map.of()).values()));
    }
    jobs.stream().filter(job -> ended(seen.get(job.jobId()))).forEach(this::forget);
    return seen;
  }

  private static boolean ended(@Nullable Observation seen) {
    return seen instanceof Observation.Finished || seen instanceof Observation.Failed;
  }

  /** The job is not looked at any more. */
  void forget(RunningJob job) {
    memory.forget(job.jobId());
    namespaces
        .blobs(job.order().manifest())
        .forEach(blob -> asked.leave(blob.digest(), job.jobId()));
  }

  void clear() {
    memory.clear();
  }

  private boolean seemsComplete(RunningJob job) {
    JobMemory.Known known = memory.of(job.jobId());
    return known.held().size() == namespaces.blobs(job.order().manifest()).size()
        && known.fresh().size() < known.held().size();
  }

  /** Looks at what is missing; at what was held when nothing is. */
  private void look(
      OriginInspection look,
      Collection<RunningJob> jobs,
      Map<String, Map<String, BlobState>> troubles) {
    // A layer that several jobs share is checked once.
    Map<String, Wanted> wanted = new LinkedHashMap<>();
    for (RunningJob job : jobs) {
      JobMemory.Known known = memory.of(job.jobId());
      List<BlobName> blobs = namespaces.blobs(job.order().manifest());
      boolean all = known.held().size() == blobs.size();
      for (BlobName blob : blobs) {
        if (all
            ? !known.fresh().contains(blob.digest())
            : !known.held().containsKey(blob.digest())) {
          Wanted one = wanted.computeIfAbsent(blob.digest(), digest -> new Wanted());
          one.namespaces.add(blob.namespace());
          one.registryByJob.put(job.jobId(), job.order().manifest().registryUrl());
          one.partly |= known.partly().contains(blob.digest());
        }
      }
    }
    Map<String, BlobState> states =
        calls.each(wanted.keySet(), digest -> at(look, digest, wanted.get(digest)));
    for (RunningJob job : jobs) {
      for (BlobName blob : namespaces.blobs(job.order().manifest())) {
        BlobState state = states.get(blob.digest());
        if (state != null && note(job, blob, state)) {
          troubles
              .computeIfAbsent(job.jobId(), id -> new LinkedHashMap<>())
              .put(blob.digest(), ofNamespace(state, blob));
        }
      }
    }
  }

  private BlobState at(OriginInspection look, String digest, @Nullable Wanted wanted) {
    if (wanted == null) {
      throw new IllegalStateException("no one wants " + digest);
    }
    return look.at(
        digest,
        wanted.namespaces,
        wanted.partly,
        () -> asked.mayAskAgain(digest, wanted.registryByJob));
  }

  /** Keeps what was seen; true when it is trouble. */
  private boolean note(RunningJob job, BlobName blob, BlobState state) {
    JobMemory.Known known = memory.of(job.jobId());
    String digest = blob.digest();
    known.partly().remove(digest);
    switch (state) {
      case BlobState.Held held -> {
        known.held().put(digest, held.owners());
        known.fresh().add(digest);
        asked.held(digest, job.order().manifest().registryUrl(), job.jobId());
        return false;
      }
      case BlobState.Missing missing -> {
        known.held().remove(digest);
        if (missing.partly()) {
          known.partly().add(digest);
        }
        return false;
      }
      case BlobState.Failed failed -> {
        known.held().remove(digest);
        asked.forget(digest);
        return true;
      }
      case BlobState.NoAnswer no -> {
        known.held().remove(digest);
        return true;
      }
    }
  }

  /** An image is told of its own repository only, not of others that share the layer. */
  private static BlobState ofNamespace(BlobState state, BlobName blob) {
    if (state instanceof BlobState.Failed failed) {
      RemoteCallException own = failed.byNamespace().get(blob.namespace());
      if (own != null) {
        return new BlobState.Failed(Map.of(blob.namespace(), own));
      }
    }
    return state;
  }

  private Observation conclude(RunningJob job, Collection<BlobState> troubles) {
    ImageManifest manifest = job.order().manifest();
    Observation noAnswer = null;
    for (BlobState trouble : troubles) {
      switch (trouble) {
        case BlobState.Failed failed -> {
          RemoteCallException said = failed.byNamespace().values().iterator().next();
          return new Observation.Failed(said.reason(), said.describe());
        }
        case BlobState.NoAnswer no ->
            noAnswer = new Observation.NoAnswer(no.reason(), no.message());
        case BlobState.Held held -> {}
        case BlobState.Missing missing -> {}
      }
    }
    if (noAnswer != null) {
      return noAnswer;
    }
    JobMemory.Known known = memory.of(job.jobId());
    if (known.held().size() == namespaces.blobs(manifest).size()) {
      int owners = known.held().values().stream().mapToInt(Integer::intValue).min().orElse(0);
      return new Observation.Finished(Warmth.complete(manifest.bytes(), owners));
    }
    Duration age = Duration.between(job.submitted(), clock.instant());
    return age.compareTo(job.order().timeLimit()) < 0
        ? new Observation.InProgress(percent(manifest, known.held().keySet()))
        : timeIsOver(manifest);
  }

  private Observation timeIsOver(ImageManifest manifest) {
    return switch (inventory.verify(manifest)) {
      case VerificationResult.Known found -> new Observation.Finished(explained(found.warmth()));
      case VerificationResult.CannotTell no -> new Observation.OutcomeUnknown(no.message());
      case VerificationResult.NoAnswer no -> new Observation.NoAnswer(no.reason(), no.message());
    };
  }

  private static Warmth explained(Warmth warmth) {
    if (warmth.failedPeers().isEmpty()) {
      return warmth;
    }
    return new Warmth(
        true,
        warmth.heldBytes(),
        warmth.expectedBytes(),
        warmth.peers(),
        Stream.concat(
                Stream.of(warmth.failedPeers().getFirst() + " (" + STUCK + ")"),
                warmth.failedPeers().stream().skip(1))
            .toList(),
        warmth.failedPeerCount());
  }

  /** Below 100 as long as anything is missing, be it only the manifest. */
  private static int percent(ImageManifest manifest, Set<String> held) {
    long bytes =
        manifest.blobs().stream()
            .filter(blob -> held.contains(blob.digest()))
            .mapToLong(ImageManifest.Blob::size)
            .sum();
    return manifest.bytes() == 0 ? 0 : (int) Math.min(99, bytes * 100 / manifest.bytes());
  }
}
