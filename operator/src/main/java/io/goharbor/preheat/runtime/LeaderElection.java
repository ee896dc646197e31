package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one of several replicas lead, by a Lease. A leader that could not renew within {@code
 * renewDeadline} leads no more, by its own monotonic clock and whatever hangs: {@link #leads()}
 * says no from that moment on, and the process is ended by a thread that waits for nothing else.
 * The library's elector has no such deadline of its own: its calls are retried beyond it.
 */
final class LeaderElection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaderElection.class);

  /** A wait of some is longer by up to that, so that replicas do not write at the same time. */
  private static final double JITTER = 0.2;

  /** A request under way ends by itself, and its answer has the Lease as it is stored. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** What the Lease was when this replica last saw a change of it. */
  private record Seen(@Nullable LeaseSpec spec, long since) {}

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final OperatorConfig.Election times;
  private final LeaseClaim claim;
  private final Supervisor supervisor;
  private final InstantSource clock;
  private final Runnable started;
  private final Runnable lost;
  private @Nullable Loop renewing;
  private @Nullable Loop deadline;
  private volatile boolean closed;
  private @Nullable Seen seen;
  private volatile @Nullable String trouble;

  /** As it was written last by this replica. */
  private volatile @Nullable Lease held;

  /** Before the last request that renewed was sent, by {@link System#nanoTime()}. */
  private volatile long renewed;

  /**
   * An election that has not begun.
   *
   * @param client for this alone: its requests end before the deadline and are not retried
   * @param me what this replica is called
   * @param started this replica leads from now on
   * @param lost it led and does not any more; must end the process
   */
  LeaderElection(
      KubernetesClient client,
      String me,
      OperatorConfig config,
      Supervisor supervisor,
      InstantSource clock,
      Runnable started,
      Runnable lost) {
    this.client = client;
    this.namespace = config.leaderElection().leaseNamespace();
    this.name = config.leaderElection().leaseName();
    this.times = config.leaderElection();
    this.claim = new LeaseClaim(me, times);
    this.supervisor = supervisor;
    this.clock = clock;
    this.started = started;
    this.lost = lost;
  }

  /** Takes part from now on. */
  synchronized void start() {
    Duration within = times.leaseDuration().plus(times.renewDeadline()).plus(Duration.ofMinutes(1));
    renewing = supervisor.loopOnPlatformThread("leader-election", within, this::campaign);
    deadline = supervisor.loopOnPlatformThread("lease-deadline", within, this::checkDeadline);
  }

  /** Whether this replica may act now. */
  boolean leads() {
    return held != null && !closed && left().isPositive();
  }

  /** Why this replica cannot take part, as a sentence with the cure; empty: it can. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  private Duration left() {
    return times.renewDeadline().minusNanos(System.nanoTime() - renewed);
  }

  /** Ends a leader whose time is over. */
  private void checkDeadline() throws InterruptedException {
    if (held == null || closed) {
      Thread.sleep(times.retryPeriod());
      return;
    }
    Duration left = left();
    if (left.isPositive()) {
      Thread.sleep(left);
    } else {
      lose();
    }
  }

  private void lose() {
    closed = true;
    lost.run();
  }

  private void campaign() throws InterruptedException {
    try {
      compete();
      trouble = null;
    } catch (KubernetesClientException e) {
      tell(e);
    }
    long millis = times.retryPeriod().toMillis();
    double longer = held == null ? RandomGenerator.getDefault().nextDouble() * JITTER : 0;
    Thread.sleep(Math.round(millis * (1 + longer)));
  }

  private void compete() {
    if (!renew()) {
      readAndCompete();
    }
  }

  /** Whether what this replica wrote last still stood there, and stands there again. */
  private boolean renew() {
    Lease last = held;
    if (last == null || closed) {
      return false;
    }
    long now = System.nanoTime();
    LeaseSpec spec = claim.next(last.getSpec(), Duration.ZERO, clock.instant()).orElseThrow();
    try {
      hold(write(last, spec), now);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404 || e.getCode() == 409) {
        // Somebody changed or deleted it.
        return false;
      }
      throw e;
    }
  }

  private void readAndCompete() {
    Lease lease = lease().get();
    LeaseSpec stored = lease == null ? null : lease.getSpec();
    // One that was held and is gone, or was emptied, ends like one that is not renewed.
    LeaseSpec spec = seen != null && !LeaseClaim.isWritten(stored) ? seen.spec() : stored;
    if (held != null && !claim.isMine(spec)) {
      lose();
      return;
    }
    long now = System.nanoTime();
    if (seen == null || !Objects.equals(seen.spec(), spec)) {
      seen = new Seen(spec, now);
    }
    Optional<LeaseSpec> next =
        claim.next(spec, Duration.ofNanos(now - seen.since()), clock.instant());
    if (next.isPresent() && !closed) {
      hold(write(lease, next.get()), now);
    }
  }

  private Lease write(@Nullable Lease lease, LeaseSpec spec) {
    // With the version that was read: of two that write at the same time one is refused.
    return lease == null
        ? client
            .resource(
                new LeaseBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(name)
                    .endMetadata()
                    .withSpec(spec)
                    .build())
            .create()
        : client.resource(new LeaseBuilder(lease).withSpec(spec).build()).update();
  }

  private void hold(Lease lease, long since) {
    boolean first = held == null;
    seen = new Seen(lease.getSpec(), System.nanoTime());
    renewed = since;
    held = lease;
    if (first) {
      started.run();
    }
  }

  /** An API server that is away is no trouble of this replica's. */
  private void tell(KubernetesClientException e) {
    String sentence =
        switch (e.getCode()) {
          case 401, 403 ->
              "this replica may not use the Lease "
                  + namespace
                  + "/"
                  + name
                  + "; let its ServiceAccount get, create and update it, as the chart's Role does ("
                  + e.getMessage()
                  + ")";
          case 404 ->
              "there is no namespace " + namespace + " for the Lease; correct leaseNamespace";
          default -> null;
        };
    if (sentence == null) {
      log.atDebug().setCause(e).log("The Lease was not read or written");
    } else if (!sentence.equals(trouble)) {
      log.atWarn().log("Waiting: {}", sentence);
    }
    trouble = sentence;
  }

  private Resource<Lease> lease() {
    return NamedResources.of(client.leases(), namespace, name);
  }

  /** Leads no more; another takes over when the Lease is free. */
  void resign() {
    closed = true;
  }

  /** Frees the Lease if this replica holds it, so that another leads at once. */
  synchronized void release() {
    resign();
    close();
    Lease last = held;
    if (last == null) {
      return;
    }
    held = null;
    try {
      client
          .resource(
              new LeaseBuilder(last)
                  .withSpec(claim.released(last.getSpec(), clock.instant()))
                  .build())
          .update();
      log.info("The Lease is free");
    } catch (KubernetesClientException e) {
      log.atWarn()
          .log(
              "The Lease was not freed, and is free after {}: {}",
              times.leaseDuration(),
              e.getMessage());
    }
  }

  /** Takes part no more; a Lease that this replica holds runs out. */
  @Override
  public synchronized void close() {
    resign();
    if (renewing != null && deadline != null) {
      renewing.end(GRACE);
      deadline.close();
    }
  }
}
