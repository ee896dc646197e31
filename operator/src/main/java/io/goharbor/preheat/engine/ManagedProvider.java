package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A provider in use: its driver, its queue, its health, and what is done with it. A provider in
 * trouble holds up its own tasks only.
 */
public final class ManagedProvider implements AutoCloseable {
  /** A poll of a thousand jobs may take long. */
  private static final Duration WITHIN = Duration.ofMinutes(15);

  private final TaskDirectory tasks;
  private final ProviderHealth health;
  private final ProviderQueue queue;
  private final Dispatcher dispatcher;
  private final JobPoller poller;
  private final InstantSource clock;
  private @Nullable Loop polling;
  private volatile @Nullable P2PDriver driver;

  ManagedProvider(ObjectKey provider, TaskDirectory tasks, Executor executor, InstantSource clock) {
    this.tasks = tasks;
    this.clock = clock;
    this.health = new ProviderHealth(provider.toString(), clock);
    this.queue = new ProviderQueue(provider, health, clock, () -> tasks.inFlight(provider));
    this.dispatcher = new Dispatcher(executor, tasks, health, () -> driver, queue::evicting);
    this.poller = new JobPoller(tasks, () -> driver, this::seen, executor, clock);
  }

  /** Polls from now on. */
  ManagedProvider polled(Supervisor supervisor) {
    polling = supervisor.loop("job-poller", WITHIN, poller::poll);
    return this;
  }

  /** Takes a driver into use in place of the one before. */
  void use(P2PDriver next, P2PProviderSpec spec) {
    P2PDriver before = driver;
    driver = next;
    queue.use(spec);
    if (before != null) {
      before.close();
    }
  }

  /** Takes what a probe said, and wakes those that can go on. */
  void probed(Health probe) {
    health.probed(probe);
    queue.next(clock.instant()).forEach(tasks::wake);
  }

  /** Asks the driver how the provider is, and takes the answer. */
  Health probe() {
    P2PDriver current = driver;
    Health answer =
        current == null
            ? new Health.Unusable(Reason.INTERNAL_ERROR, "no driver is open", false)
            : current.probe();
    probed(answer);
    return answer;
  }

  /** Takes what an execution states; an admission for each wanted task, in order. */
  List<Admission> sync(Demand demand) {
    ProviderQueue.Synced synced = queue.sync(demand);
    poller.sync(demand.execution(), demand.inFlight());
    synced.toWake().forEach(tasks::wake);
    return synced.admissions();
  }

  private void seen(Work work, Observation observation) {
    if (observation instanceof Observation.Finished finished
        && finished.warmth().verified()
        && finished.warmth().percent() == 100) {
      // What another execution would have to do again is done.
      queue.finished(work.dedupKey(), finished.warmth());
    }
    tasks.happened(new TaskEvent.Seen(work.key(), observation));
  }

  /** Begins an operation; its answer comes as a {@link TaskEvent}. */
  public void run(ProviderOperation operation, Work work) {
    dispatcher.run(operation, work);
  }

  /** Whether an operation for this attempt has begun and has not answered. */
  public boolean isUnderWay(TaskKey key) {
    return dispatcher.isUnderWay(key);
  }

  /** Has a job stopped that no one wants any more. */
  public void cancel(Work work, String jobId, Consumer<Cancellation> then) {
    dispatcher.cancel(work, jobId, then);
  }

  /** Checks the jobs that are due. */
  boolean poll() {
    return poller.pollDue();
  }

  /** Jobs under poll. */
  int polled() {
    return poller.size();
  }

  /** Why nothing may start, if so. */
  public Optional<Admission.Wait> held() {
    return driver == null
        ? Optional.of(
            new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "the provider was not probed yet"))
        : queue.held();
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

  /** Tasks that have a slot. */
  public int running() {
    return queue.running();
  }

  /** Tasks that wait for a slot. */
  public int queued() {
    return queue.queued();
  }

  /** Executions that wait for slots. */
  int waiting() {
    return queue.waiting();
  }

  /** How it stands, for metrics. */
  public QueueState state() {
    return queue.state();
  }

  @Override
  public void close() {
    if (polling != null) {
      polling.close();
    }
    P2PDriver current = driver;
    driver = null;
    if (current != null) {
      current.close();
    }
  }
}
