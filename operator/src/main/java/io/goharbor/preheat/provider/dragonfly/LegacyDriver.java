package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.PullAuthorization;
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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Drives a Dragonfly through its legacy preheats, which take a URL and tell whether the preheat
 * ended, and no more: where it goes cannot be chosen, and what came of it cannot be verified.
 * Dragonfly 1 names a preheat by what it fetches, so that adopting one is sending it again; a
 * Manager of Dragonfly 2 then makes a second job, which finds the peers warm and costs little.
 */
final class LegacyDriver implements P2PDriver {
  /** Sets the ids apart from those of the Open API. */
  static final String PREFIX = "preheat/";

  private static final Set<Capability> CAPABILITIES = Set.of(Capability.SINGLE_SEED_PEER);
  private static final String SAYS_NOTHING =
      "the legacy API tells nothing of peers: use a Manager with the Open API, and"
          + " spec.dragonfly.api OpenAPI";
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final LegacyPreheats preheats;

  LegacyDriver(LegacyPreheats preheats) {
    this.preheats = preheats;
  }

  @Override
  public Health probe() {
    try {
      preheats.ping();
      return new Health.Usable(null, CAPABILITIES, List.of());
    } catch (RemoteCallException e) {
      return new Health.Unusable(
          e.reason(),
          e.describe()
              + (e.status() >= 301 && e.status() <= 404
                  ? ". This Dragonfly has no legacy API: set spec.dragonfly.api to OpenAPI"
                  : ""),
          e.status() != 0);
    }
  }

  @Override
  public Submission submit(PreheatOrder order) {
    Optional<String> missing = Capability.missing(CAPABILITIES, order.target());
    if (missing.isPresent()) {
      return new Submission.Refused(
          Reason.NOT_SUPPORTED, "Dragonfly's legacy API: " + missing.get());
    }
    try {
      PullAuthorization authorization = order.pullAuthority().mint();
      return send(order, authorization);
    } catch (RemoteCallException e) {
      return OpenApiDriver.ofHarbor(e);
    }
  }

  private Submission send(PreheatOrder order, PullAuthorization authorization) {
    try {
      return new Submission.Accepted(
          PREFIX + preheats.create(order.manifest().manifestUrl(), authorization));
    } catch (RemoteCallException e) {
      return CreateFailures.of(e);
    }
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    return submit(order);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    Map<String, Observation> seen = new HashMap<>();
    jobs.forEach(job -> seen.put(job.jobId(), look(job)));
    return seen;
  }

  private Observation look(RunningJob job) {
    if (!job.jobId().startsWith(PREFIX)) {
      return new Observation.OutcomeUnknown("job " + job.jobId() + " is one of the Open API");
    }
    String id = job.jobId().substring(PREFIX.length());
    LegacyPreheats.Preheat preheat;
    try {
      preheat = preheats.get(id);
    } catch (RemoteCallException e) {
      return e.status() == 404
          ? new Observation.OutcomeUnknown("Dragonfly no longer knows preheat " + id)
          : new Observation.NoAnswer(e.reason(), e.describe());
    }
    return switch (preheat.status()) {
      case "SUCCESS" -> new Observation.Finished(Warmth.unverified(job.order().manifest().bytes()));
      // Dragonfly 1 says FAILED, Dragonfly 2 says FAIL.
      case "FAIL", "FAILED" -> failed(id, preheat);
      case null, default -> new Observation.InProgress(0);
    };
  }

  private static Observation failed(String id, LegacyPreheats.Preheat preheat) {
    String said = preheat.error() == null ? "" : ManagerMessages.clean(preheat.error());
    // Layers that two images share fail the second one, though they are there (Harbor PR 15874).
    return said.contains("already exists")
        ? new Observation.OutcomeUnknown("preheat " + id + " met layers of another: " + said)
        : new Observation.Failed(
            Reason.JOB_FAILED,
            "preheat " + id + ": " + (said.isEmpty() ? "Dragonfly gives no reason" : said));
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
    return new VerificationResult.CannotTell(SAYS_NOTHING);
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    return new Cancellation.GoesOn("Dragonfly's legacy API stops nothing that peers have begun");
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return new Eviction.NotOffered(SAYS_NOTHING);
  }

  @Override
  public void close() {}
}
