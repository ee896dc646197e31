package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Finding;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Drives Kraken, which has no jobs: to preheat is to make the origins fetch blobs, and to verify is
 * to ask every origin that owns a blob whether it holds it. Asking twice is harmless and costs
 * nothing that is held already, so resuming is submitting, and a job's id is only the name of what
 * was asked for.
 *
 * <ul>
 *   <li>With {@code kraken.originURL} the owners are asked for each blob; where their version
 *       cannot (before October 2025), the proxy is notified of the manifest. Without it the proxy
 *       is notified and nothing can be verified.
 *   <li>Kraken pulls with the account in its own configuration; an order's pull authority is never
 *       used.
 *   <li>A job ends when all owners hold all blobs, or when one says that it cannot fetch. Nothing
 *       else ends it here; the execution's deadline does. An owner that does not answer ends
 *       nothing either: Kraken takes it out of the ring by itself within half a minute, and the
 *       owners named then count.
 * </ul>
 */
final class KrakenDriver implements P2PDriver {
  /** An origin forgets a failed download after 15 s, so a look must come sooner to see it. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final int CALLS_AT_ONCE = 8;
  private static final String DIGEST = "sha256:[0-9a-f]{64}";

  private final KrakenProxy proxy;
  private final @Nullable KrakenOrigins origins;
  private final NamespaceTemplate namespaces;
  private final KrakenProbe probe;
  private final ParallelCalls calls = new ParallelCalls(CALLS_AT_ONCE);
  private final JobMemory memory = new JobMemory();
  private final Set<Capability> capabilities;
  // Until a probe or a call shows otherwise; a newer version is found by the next probe.
  private volatile boolean prefetch = true;

  KrakenDriver(
      KrakenProxy proxy,
      @Nullable KrakenOrigins origins,
      NamespaceTemplate namespaces,
      Duration probeLimit) {
    this.proxy = proxy;
    this.origins = origins;
    this.namespaces = namespaces;
    this.probe = new KrakenProbe(proxy, origins, probeLimit);
    // Kraken always fills the owners in its ring of origins. A policy without target, which means
    // one seed peer, gets that too: more than it asks for, and no less.
    EnumSet<Capability> can = EnumSet.of(Capability.SINGLE_SEED_PEER, Capability.ALL_SEED_PEERS);
    if (origins != null) {
      can.add(Capability.VERIFICATION);
    }
    this.capabilities = Collections.unmodifiableSet(can);
  }

  @Override
  public Health probe() {
    KrakenProbe.Findings findings = probe.run();
    if (findings.trouble() != null) {
      return findings.trouble();
    }
    if (findings.prefetch() != null) {
      prefetch = findings.prefetch();
    }
    // No call tells Kraken's version.
    return new Health.Usable(null, capabilities);
  }

  @Override
  public Submission submit(PreheatOrder order) {
    ImageManifest manifest = order.manifest();
    Optional<Submission> refusal = refusal(order);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    try {
      if (origins == null || !prefetch || !fetchAll(origins, blobs(manifest))) {
        proxy.announce(order.id(), namespaces.of(manifest), manifest, order.tag());
      }
      return new Submission.Accepted(manifest.fullRepository() + "@" + manifest.digest());
    } catch (RemoteCallException e) {
      return outcome(e);
    }
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    return submit(order);
  }

  private Optional<Submission> refusal(PreheatOrder order) {
    Optional<String> missing = Capability.missing(capabilities, order.target());
    if (missing.isPresent()) {
      return Optional.of(new Submission.Refused(Reason.NOT_SUPPORTED, "Kraken: " + missing.get()));
    }
    return blobs(order.manifest()).stream()
        .filter(blob -> !blob.digest().matches(DIGEST))
        .findFirst()
        .map(blob ->
            new Submission.Refused(
                Reason.NOT_PREHEATABLE, "Kraken knows sha256 digests only, not " + blob));
  }

  /** Makes the owners fetch everything; false when their version cannot. */
  private boolean fetchAll(KrakenOrigins from, List<BlobName> blobs) throws RemoteCallException {
    OriginLook look = new OriginLook(from, calls, true);
    // The manifest first: what is wrong with the namespace or the account shows there already.
    if (look.start(blobs.getFirst()) == KrakenOrigins.Fetch.NOT_OFFERED) {
      prefetch = false;
      return false;
    }
    List<RemoteCallException> failures =
        calls.each(blobs.subList(1, blobs.size()), blob -> failure(look, blob)).values().stream()
            .flatMap(Optional::stream)
            .toList();
    if (failures.isEmpty()) {
      return true;
    }
    throw failures.stream()
        .filter(e -> e.failureClass() == FailureClass.PERMANENT)
        .findFirst()
        .orElse(failures.getFirst());
  }

  private static Optional<RemoteCallException> failure(OriginLook look, BlobName blob) {
    try {
      look.start(blob);
      return Optional.empty();
    } catch (RemoteCallException e) {
      return Optional.of(e);
    }
  }

  private static Submission outcome(RemoteCallException e) {
    return switch (e.reason()) {
      // The words say more than that it was rejected.
      case PULL_DENIED -> new Submission.Refused(e.reason(), e.describe());
      // A URL that leads elsewhere: every order would fare the same, until somebody corrects it.
      case UNEXPECTED_ANSWER -> new Submission.NotNow(e.reason(), e.describe(), null, true, true);
      // This image's trouble, not the provider's.
      case JOB_FAILED -> new Submission.NotNow(e.reason(), e.describe(), null, false, false);
      default -> Submission.of(e);
    };
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    Map<String, Observation> seen = new HashMap<>();
    if (origins == null) {
      jobs.forEach(job ->
          seen.put(
              job.jobId(),
              new Observation.Finished(Warmth.unverified(job.order().manifest().bytes()))));
      return seen;
    }
    // A layer that several jobs share is looked at once.
    Map<BlobName, Boolean> wanted = new LinkedHashMap<>();
    for (RunningJob job : jobs) {
      JobMemory.Known known = memory.of(job.jobId());
      for (BlobName blob : blobs(job.order().manifest())) {
        if (!known.held().containsKey(blob.digest())) {
          wanted.merge(blob, known.partly().contains(blob.digest()), Boolean::logicalOr);
        }
      }
    }
    OriginLook look = new OriginLook(origins, calls, prefetch);
    Map<BlobName, BlobState> states =
        calls.each(wanted.keySet(), blob -> look.at(blob, Boolean.TRUE.equals(wanted.get(blob))));
    for (RunningJob job : jobs) {
      seen.put(job.jobId(), conclude(job, states));
    }
    seen.forEach((jobId, observation) -> {
      if (observation instanceof Observation.Finished
          || observation instanceof Observation.Failed) {
        memory.forget(jobId);
      }
    });
    return seen;
  }

  private Observation conclude(RunningJob job, Map<BlobName, BlobState> states) {
    ImageManifest manifest = job.order().manifest();
    JobMemory.Known known = memory.of(job.jobId());
    known.partly().clear();
    Observation failed = null;
    Observation noAnswer = null;
    List<BlobName> blobs = blobs(manifest);
    for (BlobName blob : blobs) {
      switch (states.get(blob)) {
        // Known from an earlier look.
        case null -> {}
        case BlobState.Held held -> known.held().put(blob.digest(), held.owners());
        case BlobState.Missing missing -> {
          if (missing.partly()) {
            known.partly().add(blob.digest());
          }
        }
        case BlobState.Failed said ->
            failed = new Observation.Failed(said.reason(), said.message());
        case BlobState.NoAnswer said ->
            noAnswer = new Observation.NoAnswer(said.reason(), said.message());
      }
    }
    if (failed != null) {
      return failed;
    }
    if (noAnswer != null) {
      return noAnswer;
    }
    if (known.held().size() == blobs.size()) {
      int owners = known.held().values().stream().mapToInt(Integer::intValue).min().orElse(0);
      return new Observation.Finished(Warmth.complete(manifest.bytes(), owners));
    }
    return new Observation.InProgress(percent(manifest, known.held().keySet()));
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

  @Override
  public Duration nextLook(Duration lastLook) {
    if (lastLook.compareTo(FIRST_PAUSE) < 0) {
      return FIRST_PAUSE;
    }
    return lastLook.plus(lastLook.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : lastLook);
  }

  @Override
  public Finding verify(PreheatOrder order) {
    ImageManifest manifest = order.manifest();
    if (origins == null) {
      return new Finding.CannotTell(
          "Kraken's origins cannot be asked: set spec.kraken.originURL of the P2PProvider");
    }
    RunningJob job = new RunningJob("verify " + order.id(), order, java.time.Instant.EPOCH);
    Observation seen = observe(List.of(job)).get(job.jobId());
    memory.forget(job.jobId());
    return switch (seen) {
      case Observation.Finished finished -> new Finding.Known(finished.warmth(), true);
      case Observation.InProgress progress ->
          new Finding.Known(
              new Warmth(
                  true,
                  manifest.bytes() * progress.warmPercent() / 100,
                  manifest.bytes(),
                  0,
                  List.of(),
                  0),
              true);
      case Observation.NoAnswer no -> new Finding.NoAnswer(no.reason(), no.message());
      case Observation.Failed failed -> new Finding.NoAnswer(failed.reason(), failed.message());
      case null, default ->
          new Finding.NoAnswer(Reason.UNEXPECTED_ANSWER, "the origins gave no answer");
    };
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    return new Cancellation.GoesOn(
        "Kraken has no call to stop a download; its origins finish what they began");
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return new Eviction.NotOffered("the driver for Kraken does not evict");
  }

  @Override
  public void close() {
    memory.clear();
  }

  /** The manifest first, then what it names; each once. */
  private List<BlobName> blobs(ImageManifest manifest) {
    String namespace = namespaces.of(manifest);
    Set<BlobName> all = new LinkedHashSet<>();
    Stream.concat(
            Stream.of(manifest.digest()), manifest.blobs().stream().map(ImageManifest.Blob::digest))
        .forEach(digest -> all.add(new BlobName(namespace, digest)));
    return List.copyOf(all);
  }
}
