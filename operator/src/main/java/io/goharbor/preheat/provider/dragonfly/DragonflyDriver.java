package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.PullAuthorization;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Drives Dragonfly: one job for each manifest and scheduler cluster, by digest. The order's id goes
 * into the job's {@code bio}, by which a job is found again after a crash. The id of a job here is
 * that of the Manager's job, or those of one for each cluster joined by commas.
 */
final class DragonflyDriver implements P2PDriver {
  // Answers of large clusters are megabytes each.
  private static final int LOOKS_AT_ONCE = 8;

  private static final Set<Capability> CAPABILITIES =
      Collections.unmodifiableSet(
          EnumSet.of(
              Capability.SINGLE_SEED_PEER,
              Capability.ALL_SEED_PEERS,
              Capability.ALL_PEERS,
              Capability.PEER_COUNT,
              Capability.PEER_PERCENTAGE,
              Capability.PEER_ADDRESSES,
              Capability.VERIFICATION));

  private final DragonflyManager manager;
  private final List<Optional<Integer>> targets;
  private final ManagerProbe probe;
  private final JobSearch search;

  /**
   * A driver.
   *
   * @param clusters scheduler clusters; none: the Manager chooses
   */
  DragonflyDriver(DragonflyManager manager, List<Integer> clusters, InstantSource clock) {
    this.manager = manager;
    this.targets =
        clusters.isEmpty()
            ? List.of(Optional.empty())
            : clusters.stream().distinct().map(Optional::of).toList();
    this.probe = new ManagerProbe(manager, clusters);
    this.search = new JobSearch(manager, clock);
  }

  @Override
  public Health probe() {
    Optional<Health.Unusable> trouble = probe.trouble();
    // No call tells the Manager's version.
    return trouble.isPresent() ? trouble.get() : new Health.Usable(null, CAPABILITIES);
  }

  @Override
  public Submission submit(PreheatOrder order) {
    return send(order, Map.of());
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    Set<String> bios = new LinkedHashSet<>();
    targets.forEach(cluster -> bios.add(JobRequest.bio(order, cluster)));
    Map<String, Long> known;
    try {
      known = search.find(bios);
    } catch (RemoteCallException e) {
      return new Submission.NotNow(
          e.reason(),
          e.describe(),
          e.retryAfter().orElse(null),
          e.failureClass() != FailureClass.WAIT,
          true);
    }
    return send(order, known);
  }

  private Submission send(PreheatOrder order, Map<String, Long> known) {
    List<String> ids = new ArrayList<>();
    for (Optional<Integer> cluster : targets) {
      Long adopted = known.get(JobRequest.bio(order, cluster));
      if (adopted != null) {
        ids.add(adopted.toString());
        continue;
      }
      switch (create(order, cluster)) {
        case Submission.Accepted created -> ids.add(created.jobId());
        case Submission.Concluded concluded -> {
          return concluded;
        }
        case Submission.Refused refused -> {
          return refused;
        }
        case Submission.Unknown unknown -> {
          return unknown;
        }
        case Submission.NotNow notNow -> {
          // A job of another cluster exists already, so this is not "not sent": resume goes on.
          return ids.isEmpty() ? notNow : new Submission.Unknown(notNow.message());
        }
      }
    }
    return new Submission.Accepted(String.join(",", ids));
  }

  private Submission create(PreheatOrder order, Optional<Integer> cluster) {
    PullAuthorization authorization;
    try {
      authorization = order.pullAuthority().mint();
    } catch (RemoteCallException e) {
      return ofHarbor(e);
    }
    try {
      Job job = manager.create(JobRequest.preheat(order, cluster, authorization));
      return job.id() > 0
          ? new Submission.Accepted(Long.toString(job.id()))
          : new Submission.Unknown("the Manager answered without a job id");
    } catch (RemoteCallException e) {
      return CreateFailures.of(e);
    }
  }

  private static Submission ofHarbor(RemoteCallException e) {
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
    Map<String, Observation> seen = new HashMap<>();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(LOOKS_AT_ONCE, Thread.ofVirtual().factory())) {
      Map<String, Future<Observation>> looks = new LinkedHashMap<>();
      jobs.forEach(job -> looks.put(job.jobId(), threads.submit(() -> look(job))));
      try {
        for (Map.Entry<String, Future<Observation>> look : looks.entrySet()) {
          seen.put(look.getKey(), look.getValue().get());
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("a look at a job failed", e.getCause());
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        jobs.forEach(job ->
            seen.putIfAbsent(
                job.jobId(),
                new Observation.NoAnswer(Reason.UNREACHABLE, "the look was interrupted")));
      }
    }
    return seen;
  }

  private Observation look(RunningJob running) {
    List<JobVerdict.Part> parts = new ArrayList<>();
    for (String id : running.jobId().split(",", -1)) {
      try {
        parts.add(JobVerdict.part(id, manager.job(id), running.order().manifest()));
      } catch (RemoteCallException e) {
        // Any other 404 is one of something in between, such as an ingress without its route.
        if (e.status() != 404 || !e.describe().contains("record not found")) {
          return new Observation.NoAnswer(e.reason(), e.describe());
        }
        parts.add(JobVerdict.unknown(id));
      }
    }
    return JobVerdict.of(running.order(), parts);
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    return LookTimes.after(lastLook);
  }

  @Override
  public Finding verify(PreheatOrder order) {
    return new Finding.CannotTell("the Manager was not asked");
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    return new Cancellation.GoesOn("Dragonfly stops nothing that peers have begun");
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return new Eviction.NotOffered("not offered");
  }

  @Override
  public void close() {}
}
