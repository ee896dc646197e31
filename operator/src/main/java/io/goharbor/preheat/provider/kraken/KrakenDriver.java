package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Drives Kraken, which has no jobs: to preheat is to make the origins fetch blobs, and to verify is
 * to ask every origin that owns a blob whether it holds it. Asking twice is harmless and costs
 * nothing that is held already, so resuming is submitting, and a job's id is only the name of what
 * was asked for.
 *
 * <p>Kraken pulls with the account in its own configuration; an order's pull authority is never
 * used. Without {@code kraken.originURL} the proxy is notified and nothing can be verified.
 */
final class KrakenDriver implements P2PDriver {
  /**
   * An origin forgets a failed download after 15 s. A look must come sooner to see it, although it
   * waits for others to be due and takes a while itself.
   */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final int CALLS_AT_ONCE = 8;
  private static final String DIGEST = "sha256:[0-9a-f]{64}";

  private final boolean blind;
  private final NamespaceTemplate namespaces;
  private final KrakenProbe probe;
  private final AskedBlobs asked;
  private final Dispatch dispatch;
  private final @Nullable Inventory inventory;
  private final @Nullable JobChecks looks;
  private final Set<Capability> capabilities;

  KrakenDriver(
      @Nullable KrakenProxy proxy,
      @Nullable KrakenOrigins origins,
      NamespaceTemplate namespaces,
      Duration probeLimit,
      InstantSource clock) {
    this.blind = origins == null;
    this.namespaces = namespaces;
    this.probe = new KrakenProbe(proxy, origins, probeLimit);
    this.asked = new AskedBlobs(clock);
    ParallelCalls calls = new ParallelCalls(CALLS_AT_ONCE);
    Pressure pressure = new Pressure(clock, RandomGenerator.getDefault());
    Dispatch sending = new Dispatch(proxy, origins, namespaces, calls, pressure, asked);
    this.dispatch = sending;
    // Kraken always fills the owners in its ring of origins. A policy without target, which means
    // one seed peer, gets that too: more than it asks for, and no less.
    EnumSet<Capability> can = EnumSet.of(Capability.SINGLE_SEED_PEER, Capability.ALL_SEED_PEERS);
    if (origins == null) {
      this.inventory = null;
      this.looks = null;
    } else {
      Supplier<OriginInspection> pass =
          () -> new OriginInspection(origins, calls, pressure, sending.prefetch());
      Inventory held = new Inventory(namespaces, calls, asked, pass);
      this.inventory = held;
      this.looks = new JobChecks(namespaces, calls, asked, pass, held, clock);
      can.add(Capability.VERIFICATION);
      can.add(Capability.EVICTION);
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
      dispatch.prefetch(findings.prefetch());
    }
    // No call tells Kraken's version.
    return new Health.Usable(null, capabilities, findings.notices());
  }

  @Override
  public Submission submit(PreheatOrder order) {
    Optional<Submission> refusal = refusal(order);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    ImageManifest manifest = order.manifest();
    // Of this order alone: what becomes of another order for the same image is not its own.
    String job = manifest.fullRepository() + "@" + manifest.digest() + " " + order.id();
    try {
      dispatch.send(order, job);
      return new Submission.Accepted(job);
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
    String mediaType = order.manifest().mediaType();
    if (blind && !KrakenProxy.heeds(mediaType)) {
      return Optional.of(
          new Submission.Refused(
              Reason.NOT_PREHEATABLE,
              "Kraken's proxy passes over notifications of "
                  + mediaType
                  + ": set spec.kraken.originURL of the P2PProvider, origins fetch blobs of any"
                  + " kind"));
    }
    return namespaces.blobs(order.manifest()).stream()
        .filter(blob -> !blob.digest().matches(DIGEST))
        .findFirst()
        .map(blob ->
            new Submission.Refused(
                Reason.NOT_PREHEATABLE, "Kraken knows sha256 digests only, not " + blob));
  }

  private static Submission outcome(RemoteCallException e) {
    return switch (e.reason()) {
      // The words say more than that it was rejected. A registry may also refuse for a moment.
      case PULL_DENIED ->
          e.failureClass() == FailureClass.PERMANENT
              ? new Submission.Refused(e.reason(), e.describe())
              : new Submission.NotNow(e.reason(), e.describe(), null, false, false);
      // A URL that leads elsewhere: every order would fare the same, until somebody corrects it.
      case UNEXPECTED_ANSWER -> new Submission.NotNow(e.reason(), e.describe(), null, true, true);
      // This image's trouble, not the provider's.
      case JOB_FAILED -> new Submission.NotNow(e.reason(), e.describe(), null, false, false);
      default -> Submission.of(e);
    };
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    if (looks != null) {
      return looks.at(jobs);
    }
    Map<String, Observation> seen = new HashMap<>();
    for (RunningJob job : jobs) {
      ImageManifest manifest = job.order().manifest();
      seen.put(
          job.jobId(),
          new Observation.Finished(
              Warmth.unverified(manifest.bytes(), unverified(manifest.mediaType()))));
    }
    return seen;
  }

  private static String unverified(String mediaType) {
    return "The proxy was notified. "
        + KrakenProbe.SET_ORIGINS
        + (mediaType.contains(".oci.")
            ? "; a kraken-proxy from before June 2026 passes over OCI manifests without a word"
            : "");
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    if (lastLook.compareTo(FIRST_PAUSE) < 0) {
      return FIRST_PAUSE;
    }
    return lastLook.plus(lastLook.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : lastLook);
  }

  @Override
  public VerificationResult verify(PreheatOrder order) {
    return inventory == null
        ? new VerificationResult.CannotTell(KrakenProbe.SET_ORIGINS)
        : inventory.verify(order.manifest());
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    if (looks != null) {
      looks.forget(job);
    }
    return new Cancellation.GoesOn(
        "Kraken has no call to stop a download; its origins finish what they began");
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return inventory == null
        ? new Eviction.NotOffered(KrakenProbe.SET_ORIGINS)
        : inventory.evict(order.manifest());
  }

  @Override
  public void close() {
    asked.clear();
    if (looks != null) {
      looks.clear();
    }
  }
}
