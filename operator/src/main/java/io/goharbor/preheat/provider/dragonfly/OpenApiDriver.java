package io.goharbor.preheat.provider.dragonfly;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Drives Dragonfly through its Manager's Open API: one job for each manifest and scheduler cluster,
 * by digest. The order's id goes into the job's {@code bio}, by which a job is found again after a
 * crash. The id of a job here is that of the Manager's job, or those of one for each cluster joined
 * by commas.
 */
final class OpenApiDriver implements P2PDriver {
  private static final Set<Capability> CAPABILITIES =
      Collections.unmodifiableSet(
          EnumSet.of(
              Capability.SINGLE_SEED_PEER,
              Capability.ALL_SEED_PEERS,
              Capability.ALL_PEERS,
              Capability.PEER_COUNT,
              Capability.PEER_PERCENTAGE,
              Capability.PEER_ADDRESSES,
              Capability.VERIFICATION,
              Capability.EVICTION,
              Capability.DRAGONFLY_ARGUMENTS));

  /** So many jobs at once are worth no look before the Manager's first record of them. */
  private static final int BUSY = 50;

  /** Between storing an attempt and sending it, and for clocks that differ. */
  private static final Duration MARGIN = Duration.ofSeconds(15);

  /** Harbor's own default, for jobs whose token no one remembers. */
  private static final Duration TOKEN_LIFE = Duration.ofMinutes(30);

  private final DragonflyManager manager;
  private final List<Integer> clusters;
  private final InstantSource clock;
  private final Duration settling;
  private final ManagerProbe probe;
  private final JobSearch search;
  private final JobReader reader;
  private final TaskIds ids;
  private final @Nullable SelfTest selfTest;
  private final PeerInquiry inquiry;
  private final CacheEviction eviction;
  private final Cache<String, Instant> tokenEnds =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(12)).build();
  private volatile boolean busy;

  /**
   * A driver.
   *
   * @param clusters scheduler clusters; none: the Manager chooses
   * @param selfTest null: there is no proxy to try
   * @param submitTimeout how long a creation may take
   */
  OpenApiDriver(
      DragonflyManager manager,
      List<Integer> clusters,
      TaskIds ids,
      @Nullable SelfTest selfTest,
      Duration submitTimeout,
      InstantSource clock) {
    this.manager = manager;
    this.clusters = clusters;
    this.clock = clock;
    this.settling = submitTimeout.plus(MARGIN);
    this.ids = ids;
    this.selfTest = selfTest;
    this.probe = new ManagerProbe(manager, clusters);
    this.search = new JobSearch(manager, clock);
    this.reader = new JobReader(manager);
    TaskJobs tasks = new TaskJobs(manager, clock);
    this.inquiry = new PeerInquiry(manager, tasks, ids);
    this.eviction = new CacheEviction(tasks);
  }

  @Override
  public Health probe() {
    Optional<Health.Unusable> trouble = probe.trouble();
    // No call tells the Manager's version.
    return trouble.isPresent()
        ? trouble.get()
        : new Health.Usable(null, CAPABILITIES, List.of(ids.notice()));
  }

  @Override
  public Optional<String> objection(Target target) {
    List<Integer> wanted =
        target.dragonfly() == null ? null : target.dragonfly().schedulerClusterIDs();
    return wanted == null || clusters.isEmpty() || clusters.containsAll(wanted)
        ? Optional.empty()
        : Optional.of(
            "target.dragonfly.schedulerClusterIDs "
                + wanted
                + " are not all among the provider's "
                + clusters);
  }

  /** The scheduler clusters of a target, one job for each; an empty one: the Manager chooses. */
  private List<Optional<Integer>> parts(Target target) {
    List<Integer> wanted =
        target.dragonfly() == null ? null : target.dragonfly().schedulerClusterIDs();
    List<Integer> chosen = wanted == null ? clusters : wanted;
    return chosen.isEmpty()
        ? List.of(Optional.empty())
        : chosen.stream().distinct().map(Optional::of).toList();
  }

  @Override
  public Submission submit(PreheatOrder order) {
    return send(order, Map.of(), false);
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    Set<String> keys = new LinkedHashSet<>();
    parts(order.target()).forEach(cluster -> keys.add(Bio.key(order, cluster)));
    Map<String, Long> known;
    try {
      known = search.find(keys);
    } catch (RemoteCallException e) {
      return new Submission.NotNow(
          e.reason(),
          e.describe(),
          e.retryAfter().orElse(null),
          e.failureClass() != FailureClass.WAIT,
          true);
    }
    return send(order, known, clock.instant().isBefore(order.begun().plus(settling)));
  }

  /**
   * Sends what is not known yet.
   *
   * @param unsettled whether an earlier creation of the same may still be under way: then nothing
   *     is sent beside it
   */
  private Submission send(PreheatOrder order, Map<String, Long> known, boolean unsettled) {
    List<String> sent = new ArrayList<>();
    boolean created = false;
    for (Optional<Integer> cluster : parts(order.target())) {
      Optional<Remainder.Part> rest = rest(order, cluster);
      if (order.remainder() != null && rest.isEmpty()) {
        continue;
      }
      Long adopted = known.get(Bio.key(order, cluster));
      if (adopted != null) {
        sent.add(adopted.toString());
        continue;
      }
      if (unsettled) {
        return new Submission.Unknown(
            "no job of this attempt is there yet; the Manager may still be reading the manifest");
      }
      switch (create(order, cluster, rest)) {
        case Submission.Accepted job -> {
          sent.add(job.jobId());
          created = true;
        }
        case Submission.NotNow notNow when !sent.isEmpty() -> {
          // A job of another cluster exists already, so this is not "not sent": adopting goes on.
          return new Submission.Unknown(notNow.message());
        }
        case Submission other -> {
          return other;
        }
      }
    }
    return new Submission.Accepted(String.join(",", sent), !created);
  }

  private static Optional<Remainder.Part> rest(PreheatOrder order, Optional<Integer> cluster) {
    String name = cluster.map(String::valueOf).orElse("");
    return order.remainder() == null
        ? Optional.empty()
        : order.remainder().parts().stream().filter(part -> part.name().equals(name)).findFirst();
  }

  private Submission create(
      PreheatOrder order, Optional<Integer> cluster, Optional<Remainder.Part> rest) {
    PullAuthorization authorization;
    try {
      authorization = order.pullAuthority().mint();
    } catch (RemoteCallException e) {
      return ofHarbor(e);
    }
    if (selfTest != null) {
      selfTest.beforePreheat(order.manifest(), authorization);
    }
    try {
      Job job =
          manager.create(
              JobRequest.preheat(
                  order, cluster, rest.orElse(null), ids.askForBlobDigest(), authorization));
      if (job.id() <= 0) {
        return new Submission.Unknown("the Manager answered without a job id");
      }
      ids.answered(job);
      reader.created(job.id());
      String id = Long.toString(job.id());
      if (authorization.expires() != null) {
        tokenEnds.put(id, authorization.expires());
      }
      return new Submission.Accepted(id);
    } catch (RemoteCallException e) {
      return CreateFailures.of(e);
    }
  }

  /** Harbor minted no pull token. */
  static Submission ofHarbor(RemoteCallException e) {
    if (e.failureClass() == FailureClass.PERMANENT) {
      return new Submission.Refused(
          switch (e.reason()) {
            case UNAUTHORIZED, FORBIDDEN -> Reason.PULL_DENIED;
            default -> e.reason();
          },
          e.describe());
    }
    return new Submission.NotNow(
        e.reason(),
        e.describe(),
        e.retryAfter().orElse(null),
        false,
        e.failureClass() == FailureClass.WAIT || e.status() == 0);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    busy = jobs.size() >= BUSY;
    Set<Long> wanted = new LinkedHashSet<>();
    jobs.forEach(job -> wanted.addAll(idsOf(job)));
    Map<Long, JobReader.Read> reads = reader.read(wanted);
    Map<String, Observation> seen = new HashMap<>();
    jobs.forEach(job -> seen.put(job.jobId(), conclude(job, reads)));
    return seen;
  }

  private Observation conclude(RunningJob running, Map<Long, JobReader.Read> reads) {
    List<JobVerdict.Part> parts = new ArrayList<>();
    for (long id : idsOf(running)) {
      switch (reads.get(id)) {
        case JobReader.Read.Found found -> {
          ids.answered(found.job());
          parts.add(JobVerdict.part(id, found.job(), running.order().manifest()));
        }
        case JobReader.Read.Gone gone -> parts.add(JobVerdict.unknown(id));
        case JobReader.Read.Failed failed -> {
          return new Observation.NoAnswer(failed.why().reason(), failed.why().describe());
        }
        case null -> {
          return new Observation.NoAnswer(Reason.UNREACHABLE, "the look was interrupted");
        }
      }
    }
    Observation seen = JobVerdict.of(running.order(), parts);
    return switch (seen) {
      case Observation.Failed failed
          when failed.reason() == Reason.PULL_DENIED && tokenEnded(running) ->
          new Observation.Failed(Reason.PULL_TOKEN_EXPIRED, failed.message());
      case Observation.Finished finished
          when finished.cause() == Reason.PULL_DENIED && tokenEnded(running) ->
          new Observation.Finished(finished.warmth(), Reason.PULL_TOKEN_EXPIRED);
      default -> seen;
    };
  }

  private boolean tokenEnded(RunningJob running) {
    Instant end = tokenEnds.getIfPresent(running.jobId().split(",", 2)[0]);
    return (end == null ? running.submitted().plus(TOKEN_LIFE) : end).isBefore(clock.instant());
  }

  private static List<Long> idsOf(RunningJob job) {
    List<Long> ids = new ArrayList<>();
    for (String id : job.jobId().split(",", -1)) {
      // Another API's id, or none: no record will be found, and the peers are asked.
      ids.add(id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0);
    }
    return ids;
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    return PollSchedule.after(lastLook, busy);
  }

  @Override
  public VerificationResult verify(PreheatOrder order) {
    return inquiry.verify(order, parts(order.target()));
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    for (long id : idsOf(job)) {
      try {
        manager.forget(id);
      } catch (RemoteCallException e) {
        return new Cancellation.NoAnswer(e.reason(), e.describe());
      }
    }
    return new Cancellation.GoesOn(
        "the Manager's record of job "
            + job.jobId()
            + " is removed, with the pull token in it; peers finish what they have begun");
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return eviction.evict(order, parts(order.target()));
  }

  @Override
  public void close() {}
}
