package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks all running jobs of one provider, each at the times at which it can have changed, many in
 * one go. Which jobs there are is stated by the executions; nothing polls per task, and the order
 * of each is made aside, so that a slow registry holds up its own jobs only.
 *
 * <p>Safe for concurrent use.
 */
final class JobPoller {
  private static final Logger log = LoggerFactory.getLogger(JobPoller.class);
  private static final int BATCH = 1000;
  private static final Duration LONGEST_GATHER = Duration.ofSeconds(5);
  private static final Duration SOONEST = Duration.ofMillis(250);

  /** Those whose orders are made wait so long for the others that were due with them. */
  private static final Duration FOR_OTHERS = Duration.ofMillis(500);

  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final int VERIFICATIONS_AT_ONCE = 4;

  /** What a system may need beyond an order's time limit to record the end of its job. */
  private static final Duration RECORDING = Duration.ofMinutes(5);

  private static final Duration AFTER_NO_ANSWER = Duration.ofSeconds(5);

  /** A job under poll. */
  private static final class Polled {
    private final Work work;
    private final String jobId;
    private Instant due;
    private @Nullable RunningJob ready;
    private @Nullable Observation last;

    private Polled(Work work, String jobId, Instant due) {
      this.work = work;
      this.jobId = jobId;
      this.due = due;
    }
  }

  private final TaskDirectory tasks;
  private final Supplier<@Nullable P2PDriver> driver;
  private final BiConsumer<Work, Observation> seen;
  private final Executor executor;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<ObjectKey, Map<TaskKey, Polled>> jobs = new HashMap<>();
  private final PriorityQueue<Polled> queue =
      new PriorityQueue<>(Comparator.comparing((Polled job) -> job.due));

  /** Due, and with its order made. */
  private final List<Polled> ready = new ArrayList<>();

  private Instant readySince = Instant.EPOCH;

  /** Jobs whose orders are being made. */
  private int preparing;

  private final Semaphore verifications = new Semaphore(VERIFICATIONS_AT_ONCE);

  JobPoller(
      TaskDirectory tasks,
      Supplier<@Nullable P2PDriver> driver,
      BiConsumer<Work, Observation> seen,
      Executor executor,
      InstantSource clock) {
    this.tasks = tasks;
    this.driver = driver;
    this.seen = seen;
    this.executor = executor;
    this.clock = clock;
  }

  /** Takes the jobs that an execution states, in place of those that it stated before. */
  void sync(ObjectKey execution, List<Work.InFlight> inFlight) {
    lock.lock();
    try {
      Map<TaskKey, Polled> before = jobs.getOrDefault(execution, Map.of());
      Map<TaskKey, Polled> now = new HashMap<>();
      for (Work.InFlight task : inFlight) {
        if (task.jobId() != null) {
          Polled known = before.get(task.work().key());
          now.put(
              task.work().key(),
              known != null && known.jobId.equals(task.jobId())
                  ? known
                  : begin(task.work(), task.jobId()));
        }
      }
      before
          .values()
          .forEach(job -> {
            if (now.get(job.work.key()) != job) {
              queue.remove(job);
              ready.remove(job);
            }
          });
      if (now.isEmpty()) {
        jobs.remove(execution);
      } else {
        jobs.put(execution, now);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Polled begin(Work work, String jobId) {
    P2PDriver current = driver.get();
    Duration first = current == null ? AFTER_NO_ANSWER : current.nextLook(Duration.ZERO);
    // After a restart the job may be old: the first check then comes at once.
    Polled job = new Polled(work, jobId, work.started().plus(first));
    queue.add(job);
    return job;
  }

  /** Jobs under poll. */
  int size() {
    lock.lock();
    try {
      return count();
    } finally {
      lock.unlock();
    }
  }

  private int count() {
    return jobs.values().stream().mapToInt(Map::size).sum();
  }

  /** Checks what is due; waits a while when nothing is. */
  void poll() throws InterruptedException {
    if (!pollDue()) {
      lock.lockInterruptibly();
      try {
        Polled first = queue.peek();
        Duration wait =
            first == null ? IDLE : Duration.between(clock.instant(), first.due.plus(gather()));
        // Never for long: a clock may jump, as after a suspended machine.
        if (!ready.isEmpty()) {
          if (!isComplete()) {
            waitFor(SOONEST.toNanos());
          }
        } else if (wait.isPositive()) {
          waitFor(Math.min(wait.toNanos(), first == null ? IDLE.toNanos() : SOONEST.toNanos()));
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Woken too early, the next round waits again. */
  @SuppressWarnings("WaitNotInLoop")
  private void waitFor(long nanos) throws InterruptedException {
    var _ = changed.awaitNanos(nanos);
  }

  /** Checks what is due, without waiting for more; false: nothing was. */
  boolean pollDue() {
    List<Polled> due = takeDue();
    due.forEach(job -> executor.execute(() -> prepare(job)));
    List<Polled> batch = takeReady();
    boolean checked = false;
    try {
      if (!batch.isEmpty()) {
        check(batch);
      }
      checked = true;
    } finally {
      if (!checked) {
        postpone(batch);
      }
    }
    return !due.isEmpty() || !batch.isEmpty();
  }

  /** The more jobs there are, the longer a check waits for others that can share its requests. */
  private Duration gather() {
    Duration wait = Duration.ofMillis(count());
    return wait.compareTo(LONGEST_GATHER) < 0 ? wait : LONGEST_GATHER;
  }

  private List<Polled> takeDue() {
    lock.lock();
    try {
      Instant now = clock.instant();
      List<Polled> due = new ArrayList<>();
      Polled first = queue.peek();
      if (first == null || now.isBefore(first.due.plus(gather()))) {
        return due;
      }
      while (due.size() < BATCH && !queue.isEmpty() && !queue.peek().due.isAfter(now)) {
        due.add(queue.remove());
      }
      preparing += due.size();
      return due;
    } finally {
      lock.unlock();
    }
  }

  private List<Polled> takeReady() {
    lock.lock();
    try {
      if (!isComplete()) {
        return List.of();
      }
      List<Polled> batch = ready.stream().filter(this::isWanted).toList();
      ready.clear();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Checked in pieces, the same page of jobs is asked for again, and a remembered one is got. */
  private boolean isComplete() {
    return preparing <= 0 || !clock.instant().isBefore(readySince.plus(FOR_OTHERS));
  }

  private boolean isWanted(Polled job) {
    return jobs.getOrDefault(job.work.key().execution(), Map.of()).get(job.work.key()) == job;
  }

  /** Makes its order, which may ask a registry. */
  private void prepare(Polled job) {
    PreheatOrder order = null;
    try {
      order = tasks.order(job.work);
    } catch (RemoteCallException e) {
      tell(job, new Observation.NoAnswer(e.reason(), e.describe()));
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("The order of a job could not be made; it is tried again");
      tell(
          job,
          new Observation.NoAnswer(
              Reason.INTERNAL_ERROR, "the order of the job could not be made: " + e));
    } finally {
      prepared(job, order);
    }
  }

  private void prepared(Polled job, @Nullable PreheatOrder order) {
    lock.lock();
    try {
      preparing--;
      if (order == null) {
        postpone(List.of(job));
        return;
      }
      if (ready.isEmpty()) {
        readySince = clock.instant();
      }
      job.ready = new RunningJob(job.jobId, order, job.work.started());
      ready.add(job);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void check(List<Polled> batch) {
    P2PDriver current = driver.get();
    if (current == null) {
      postpone(batch);
      return;
    }
    Map<Polled, RunningJob> asked = new LinkedHashMap<>();
    batch.forEach(job -> asked.put(job, job.ready));
    Map<String, Observation> observed = current.observe(List.copyOf(asked.values()));
    Instant now = clock.instant();
    asked.forEach((job, running) -> {
      Duration age = Duration.between(running.submitted(), now);
      switch (endless(observed.get(job.jobId), running, age)) {
        case null -> postpone(List.of(job));
        case Observation.NoAnswer noAnswer -> {
          tell(job, noAnswer);
          postpone(List.of(job));
        }
        case Observation.InProgress progress -> {
          tell(job, progress);
          again(
              job,
              running.submitted().plus(current.nextLook(age.isNegative() ? Duration.ZERO : age)));
        }
        case Observation.OutcomeUnknown unknown ->
            executor.execute(() -> verify(current, job, running, unknown));
        // It is under poll until its execution does not state it any more.
        case Observation ended -> tell(job, ended);
      }
    });
  }

  /** A system that was restarted may say for ever that a job is running, as Dragonfly's does. */
  private static @Nullable Observation endless(
      @Nullable Observation seen, RunningJob job, Duration age) {
    Duration limit = job.order().timeLimit().plus(RECORDING);
    return seen instanceof Observation.InProgress && age.compareTo(limit) > 0
        ? new Observation.OutcomeUnknown("the job has not ended within " + limit.toMinutes() + "m")
        : seen;
  }

  /** No one can tell how the job ended, so the peers are asked; that may take minutes. */
  private void verify(
      P2PDriver asked, Polled job, RunningJob running, Observation.OutcomeUnknown unknown) {
    VerificationResult finding =
        new VerificationResult.NoAnswer(Reason.INTERNAL_ERROR, "the verification failed");
    try {
      verifications.acquire();
      try {
        finding = asked.verify(running.order());
      } finally {
        verifications.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("A verification failed; it is tried again");
    } finally {
      verified(job, unknown, finding);
    }
  }

  private void verified(
      Polled job, Observation.OutcomeUnknown unknown, VerificationResult finding) {
    switch (finding) {
      case VerificationResult.Known known when known.everyPeer() ->
          tell(job, new Observation.Finished(known.warmth()));
      case VerificationResult.Known known ->
          tell(job, new Observation.OutcomeUnknown(unknown.message(), known.warmth()));
      case VerificationResult.CannotTell no ->
          tell(job, new Observation.OutcomeUnknown(unknown.message() + "; " + no.message()));
      case VerificationResult.NoAnswer no -> {
        tell(job, new Observation.NoAnswer(no.reason(), no.message()));
        postpone(List.of(job));
      }
    }
  }

  /** Passes on what differs from the last check. */
  private void tell(Polled job, Observation observation) {
    boolean differs;
    lock.lock();
    try {
      differs = isWanted(job) && !observation.equals(job.last);
      job.last = observation;
    } finally {
      lock.unlock();
    }
    if (differs) {
      seen.accept(job.work, observation);
    }
  }

  private void postpone(List<Polled> batch) {
    Instant later = clock.instant().plus(AFTER_NO_ANSWER);
    batch.forEach(job -> again(job, later));
  }

  private void again(Polled job, Instant due) {
    lock.lock();
    try {
      if (isWanted(job)) {
        Instant soonest = clock.instant().plus(SOONEST);
        job.due = due.isBefore(soonest) ? soonest : due;
        job.ready = null;
        queue.add(job);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
