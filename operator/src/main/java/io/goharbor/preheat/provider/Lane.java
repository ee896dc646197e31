package io.goharbor.preheat.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to one provider: its places, its health, its observer. A provider in trouble holds its
 * own lane only. All state is in memory and can be rebuilt from the executions.
 */
public final class Lane implements AutoCloseable {
  /**
   * Who asks for places.
   *
   * @param group executions of one group (policy) share fairly with those of others
   * @param priority in its own namespace; what it counts among namespaces is up to the provider
   */
  public record Asker(ObjectKey execution, ObjectKey group, int priority) {}

  private record Done(Instant at, Warmth warmth) {}

  /** Retries that a minute has room for however few places there are. */
  private static final int LEAST_RETRIES = 10;

  private final ObjectKey provider;
  private final InstantSource clock;
  private final Wakeups wakeups;
  private final LaneHealth health;
  private final JobObserver observer;
  private final Places places = new Places();
  private final WaitingLine line;
  private final Cache<DedupKey, Done> done =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(1)).build();
  private final Errands errands;
  private boolean begun;
  // Replaced with the limits that it follows.
  private volatile RateLimiter retries = budget("retries", 0);
  private volatile @Nullable P2PDriver driver;
  private volatile @Nullable P2PProviderSpec spec;

  Lane(ObjectKey provider, InstantSource clock, Wakeups wakeups, Supervisor supervisor) {
    this.provider = provider;
    this.line = new WaitingLine(provider.namespace());
    this.clock = clock;
    this.wakeups = wakeups;
    this.health = new LaneHealth(provider.toString(), clock);
    // What was warm a moment ago is not any more.
    this.errands = new Errands(health, done::invalidateAll);
    this.observer = new JobObserver(() -> driver, clock, supervisor, this::observed);
  }

  /** Takes a driver into use in place of the one before. */
  void use(P2PDriver next, P2PProviderSpec nextSpec) {
    P2PDriver before = driver;
    int places = nextSpec.effectiveLimits().concurrentTasks();
    P2PProviderSpec lastSpec = spec;
    if (lastSpec == null || lastSpec.effectiveLimits().concurrentTasks() != places) {
      retries = budget(provider.toString(), places);
    }
    driver = next;
    spec = nextSpec;
    synchronized (this) {
      line.reorder(this::ceiling);
    }
    if (before != null) {
      before.close();
    }
  }

  /** A provider that fails whatever it is given is not kept busy with failing it again. */
  private static RateLimiter budget(String name, int places) {
    return RateLimiter.of(
        name,
        RateLimiterConfig.custom()
            .limitForPeriod(Math.max(places, LEAST_RETRIES))
            .limitRefreshPeriod(Duration.ofMinutes(1))
            .timeoutDuration(Duration.ZERO)
            .build());
  }

  /** Notes what a probe said, and wakes who waits when it says that the provider can be used. */
  void probed(Health probe) {
    health.probed(probe);
    if (probe instanceof Health.Usable) {
      synchronized (this) {
        // Who was called and did not come is called again.
        line.callAgain();
      }
      callNext();
    }
  }

  /** Asks the driver how the provider is, and notes the answer. */
  Health probe() {
    P2PDriver current = driver;
    Health answer =
        current == null
            ? new Health.Unusable(Reason.INTERNAL_ERROR, "no driver is open", false)
            : current.probe();
    probed(answer);
    return answer;
  }

  /** Why nothing may start, if so. */
  public Optional<Admission.Wait> held() {
    P2PProviderSpec current = spec;
    if (current == null || driver == null) {
      return Optional.of(
          new Admission.Wait(
              Reason.WAITING_FOR_PROVIDER, "provider " + provider + " was not probed yet"));
    }
    if (current.suspended()) {
      return Optional.of(
          new Admission.Wait(Reason.PROVIDER_SUSPENDED, "provider " + provider + " is suspended"));
    }
    return health
        .held()
        .map(wait ->
            new Admission.Wait(wait.reason(), "provider " + provider + " " + wait.message()));
  }

  /** What of a target this provider cannot do; empty also while that is not known yet. */
  public Optional<String> missing(Target target) {
    P2PDriver current = driver;
    return health
        .capabilities()
        .flatMap(has -> Capability.missing(has, target))
        .or(() -> current == null ? Optional.empty() : current.objection(target));
  }

  /** What this provider cannot do with artifacts; empty also while that is not known yet. */
  public Optional<String> missing(Operation operation) {
    return health.capabilities().flatMap(has -> Capability.missing(has, operation));
  }

  /** Whether the provider was probed since the start; before that nothing is known of it. */
  public boolean wasProbed() {
    return health.probed();
  }

  /** Whether a task holds a place. */
  public synchronized boolean holds(String ticketKey) {
    return places.holds(ticketKey);
  }

  /** Tasks that hold a place. */
  public synchronized int running() {
    return places.held();
  }

  /** Tasks that asked for a place and wait. */
  public synchronized int queued() {
    return line.tasks();
  }

  /** Executions that asked for places and wait. */
  public synchronized int waiting() {
    return line.executions();
  }

  /** How it stands, for metrics. */
  public LaneState state() {
    P2PProviderSpec current = spec;
    boolean usable = held().isEmpty();
    synchronized (this) {
      return new LaneState(
          usable,
          current != null && current.suspended(),
          health.circuitOpen(),
          current == null ? 0 : health.openPlaces(current.effectiveLimits().concurrentTasks()),
          running(),
          queued(),
          line.longest(clock.instant()));
    }
  }

  /**
   * Keeps the work of tasks that were in flight before this lane was made, so that nobody begins it
   * anew before they have come back for their places.
   *
   * @param inFlight asked once in the life of the lane
   */
  public void begin(Supplier<List<Ticket>> inFlight) {
    synchronized (this) {
      if (begun) {
        return;
      }
    }
    List<Ticket> tickets = inFlight.get();
    synchronized (this) {
      begun = true;
      places.keep(tickets);
    }
  }

  /**
   * Asks for places.
   *
   * @param began when the asking execution was planned: work that another task finished later than
   *     that need not be done again
   * @param news where observations of an admitted task go
   * @return an admission for each ticket, in order
   */
  public List<Admission> admit(
      Asker asker,
      List<Ticket> wanted,
      Instant began,
      java.util.function.BiConsumer<Ticket, Observation> news) {
    List<Admission> answers = answer(asker, wanted, began, news);
    // What it had a share of and did not take is for others.
    callNext();
    return answers;
  }

  private List<Admission> answer(
      Asker asker,
      List<Ticket> wanted,
      Instant began,
      java.util.function.BiConsumer<Ticket, Observation> news) {
    Optional<Admission.Wait> held = held();
    synchronized (this) {
      line.came(asker.execution());
      List<Admission> answers = new ArrayList<>(wanted.size());
      int want =
          (int) wanted.stream().filter(ticket -> places.holder(ticket.work()) == null).count();
      int share = held.isPresent() ? 0 : share(asker, want);
      int granted = 0;
      for (Ticket ticket : wanted) {
        Done other = done.getIfPresent(ticket.work());
        String holder = places.holder(ticket.work());
        if (other != null && other.at().isAfter(began)) {
          answers.add(new Admission.AlreadyDone(other.warmth()));
        } else if (holder != null && !holder.equals(ticket.key())) {
          line.awaits(asker.execution(), ticket.work());
          answers.add(
              new Admission.Wait(
                  Reason.ALREADY_RUNNING,
                  "the same artifact of the same registry is already on its way to the same peers"));
        } else if (held.isPresent()) {
          answers.add(held.get());
        } else if (granted < share && ticket.retry() && !retries.acquirePermission()) {
          answers.add(
              new Admission.Wait(
                  Reason.WAITING_FOR_RETRY,
                  "provider "
                      + provider
                      + ": as many tasks as its limits.maxConcurrentTasks allows were sent again"
                      + " within this minute"));
        } else if (granted < share) {
          granted++;
          places.take(ticket, asker.group(), observation -> news.accept(ticket, observation));
          answers.add(new Admission.Granted());
        } else {
          answers.add(
              new Admission.Wait(
                  Reason.WAITING_FOR_SLOT,
                  "provider " + provider + " has no free slot for it yet" + capped(asker)));
        }
      }
      long waiting = answers.stream().filter(Lane::waitsForPlace).count();
      line.wants(asker, ceiling(asker.group().namespace()), (int) waiting, clock.instant());
      return answers;
    }
  }

  /** Takes a place for a task that a crash left in flight, beyond the limit if need be. */
  public synchronized void reclaim(Ticket ticket, ObjectKey group, Consumer<Observation> news) {
    if (!places.holds(ticket.key())) {
      places.take(ticket, group, news);
    }
  }

  /** Gives a place back. */
  public void release(String ticketKey) {
    observer.drop(ticketKey);
    Set<ObjectKey> awaiting;
    synchronized (this) {
      DedupKey work = places.free(ticketKey);
      if (work == null) {
        return;
      }
      awaiting = line.ended(work);
    }
    awaiting.forEach(wakeups::wake);
    callNext();
  }

  /** Forgets that an execution waits. */
  public void forget(ObjectKey execution) {
    synchronized (this) {
      if (!line.leaves(execution)) {
        return;
      }
    }
    callNext();
  }

  /**
   * Does an errand on a thread of its own; the ticket must hold a place. Anything but acceptance
   * gives the place back, except an unknown outcome, which keeps it for {@link Errand#ADOPT}.
   */
  public void send(Ticket ticket, OrderSource source, Errand errand, Consumer<Submission> then) {
    Thread.ofVirtual()
        .name("send-" + ticket.key())
        .start(() -> {
          Submission outcome = attempt(source, errand);
          if (!(outcome instanceof Submission.Accepted)
              && !(outcome instanceof Submission.Unknown)) {
            release(ticket.key());
          }
          then.accept(outcome);
        });
  }

  /** Has a job stopped that nobody wants any more, on a thread of its own. */
  public void cancel(
      String jobId, Instant submitted, OrderSource source, Consumer<Cancellation> then) {
    Thread.ofVirtual()
        .name("cancel-" + jobId)
        .start(() -> {
          P2PDriver current = driver;
          if (current == null) {
            return;
          }
          try {
            then.accept(current.cancel(new RunningJob(jobId, source.get(), submitted)));
          } catch (RemoteCallException e) {
            then.accept(new Cancellation.NoAnswer(e.reason(), e.describe()));
          }
        });
  }

  private Submission attempt(OrderSource source, Errand errand) {
    P2PDriver current = driver;
    if (current == null || !health.permitsCall()) {
      return new Submission.NotNow(
          Reason.WAITING_FOR_PROVIDER,
          held().map(Admission.Wait::message).orElse("the provider is in trouble"),
          null,
          false,
          true);
    }
    return errands.attempt(current, source, errand);
  }

  /** Follows the job of a ticket that holds a place, made just now. */
  public void follow(Ticket ticket, String jobId, OrderSource order) {
    follow(ticket, jobId, clock.instant(), order);
  }

  /** Follows the job of a ticket that holds a place. */
  public void follow(Ticket ticket, String jobId, Instant submitted, OrderSource order) {
    observer.follow(ticket, jobId, submitted, order);
  }

  /** Whether a job is being followed. */
  public boolean follows(String ticketKey) {
    return observer.follows(ticketKey);
  }

  @Override
  public void close() {
    observer.close();
    P2PDriver current = driver;
    driver = null;
    if (current != null) {
      current.close();
    }
  }

  private void observed(Ticket ticket, Observation observation) {
    Places.Place place;
    synchronized (this) {
      place = places.find(ticket.key());
    }
    if (place == null) {
      return;
    }
    if (observation instanceof Observation.Finished finished
        && finished.warmth().verified()
        && finished.warmth().percent() == 100) {
      done.put(ticket.work(), new Done(clock.instant(), finished.warmth()));
    }
    place.news().accept(observation);
    boolean ended =
        !(observation instanceof Observation.InProgress)
            && !(observation instanceof Observation.NoAnswer);
    if (ended) {
      release(ticket.key());
    }
  }

  private int share(Asker asker, int wanted) {
    line.wants(asker, ceiling(asker.group().namespace()), wanted, clock.instant());
    return line.share(asker.execution(), free(), places.heldByGroup());
  }

  /** At what the priorities of a namespace count among namespaces at the most. */
  private int ceiling(String namespace) {
    P2PProviderSpec current = spec;
    return current == null ? 0 : ProviderAccess.ceiling(provider, current, namespace);
  }

  private String capped(Asker asker) {
    return ProviderAccess.capped(asker.priority(), ceiling(asker.group().namespace()))
        .map(note -> "; " + note)
        .orElse("");
  }

  private int free() {
    P2PProviderSpec current = spec;
    int limit = current == null ? 0 : current.effectiveLimits().concurrentTasks();
    return Math.max(0, health.openPlaces(limit) - places.taken());
  }

  private static boolean waitsForPlace(Admission answer) {
    return answer instanceof Admission.Wait wait && wait.reason() != Reason.ALREADY_RUNNING;
  }

  /** Wakes those for whom there are places now. */
  private void callNext() {
    if (held().isPresent()) {
      return;
    }
    List<ObjectKey> next;
    synchronized (this) {
      int free = free();
      next = free == 0 ? List.of() : line.call(free, places.heldByGroup());
    }
    next.forEach(wakeups::wake);
  }
}
