package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all running jobs of one provider, each at the times at which it can have changed, many
 * in one go. One virtual thread; nothing polls per task.
 */
final class JobObserver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobObserver.class);
  private static final int BATCH = 1000;
  private static final Duration LONGEST_GATHER = Duration.ofSeconds(5);
  private static final Duration SOONEST = Duration.ofMillis(250);
  private static final Duration IDLE = Duration.ofSeconds(5);

  /** A look at a thousand jobs asks for their credentials one by one. */
  private static final Duration WITHIN = Duration.ofMinutes(15);

  private static final int VERIFICATIONS_AT_ONCE = 4;

  /** What a system may need beyond an order's time limit to record the end of its job. */
  private static final Duration RECORDING = Duration.ofMinutes(5);

  private static final Duration AFTER_NO_ANSWER = Duration.ofSeconds(5);

  private static final class Followed {
    final Ticket ticket;
    final String jobId;
    final Instant submitted;
    final OrderSource order;
    Instant due;
    @Nullable Observation last;

    Followed(Ticket ticket, String jobId, Instant submitted, OrderSource order, Instant due) {
      this.ticket = ticket;
      this.jobId = jobId;
      this.submitted = submitted;
      this.order = order;
      this.due = due;
    }
  }

  private final Supplier<@Nullable P2PDriver> driver;
  private final InstantSource clock;
  private final BiConsumer<Ticket, Observation> news;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Followed> followed = new HashMap<>();
  private final PriorityQueue<Followed> queue =
      new PriorityQueue<>(Comparator.comparing((Followed job) -> job.due));
  private final Loop loop;
  private final Semaphore verifications = new Semaphore(VERIFICATIONS_AT_ONCE);

  JobObserver(
      Supplier<@Nullable P2PDriver> driver,
      InstantSource clock,
      Supervisor supervisor,
      BiConsumer<Ticket, Observation> news) {
    this.driver = driver;
    this.clock = clock;
    this.news = news;
    this.loop = supervisor.loop("job-observer", WITHIN, this::lookAtDue);
  }

  /**
   * Follows a job until it ends or is dropped; a second call for the same ticket changes nothing.
   */
  void follow(Ticket ticket, String jobId, Instant submitted, OrderSource order) {
    P2PDriver current = driver.get();
    Duration first = current == null ? AFTER_NO_ANSWER : current.nextLook(Duration.ZERO);
    lock.lock();
    try {
      if (followed.containsKey(ticket.key())) {
        return;
      }
      // After a restart the job may be old: the first look then comes at once.
      Followed job = new Followed(ticket, jobId, submitted, order, submitted.plus(first));
      followed.put(ticket.key(), job);
      queue.add(job);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void drop(String ticketKey) {
    lock.lock();
    try {
      Followed job = followed.remove(ticketKey);
      if (job != null) {
        queue.remove(job);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean follows(String ticketKey) {
    lock.lock();
    try {
      return followed.containsKey(ticketKey);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    loop.close();
  }

  private void lookAtDue() throws InterruptedException {
    List<Followed> batch = takeDue();
    boolean seen = false;
    try {
      look(batch);
      seen = true;
    } finally {
      if (!seen) {
        postpone(batch);
      }
    }
  }

  /** Waits a while for jobs that are due; empty when none was. */
  private List<Followed> takeDue() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Followed first = queue.peek();
      Duration wait =
          first == null ? IDLE : Duration.between(clock.instant(), first.due.plus(gather()));
      if (wait.isPositive()) {
        // Never for long: a clock may jump, as after a suspended machine.
        long nanos = Math.min(wait.toNanos(), first == null ? IDLE.toNanos() : SOONEST.toNanos());
        waitFor(nanos);
        return List.of();
      }
      Instant now = clock.instant();
      List<Followed> due = new ArrayList<>();
      while (due.size() < BATCH && !queue.isEmpty() && !queue.peek().due.isAfter(now)) {
        due.add(queue.remove());
      }
      return due;
    } finally {
      lock.unlock();
    }
  }

  /** Woken too early, the next step waits again. */
  @SuppressWarnings("WaitNotInLoop")
  private void waitFor(long nanos) throws InterruptedException {
    var _ = changed.awaitNanos(nanos);
  }

  /** The more jobs there are, the longer a look waits for others that can share its requests. */
  private Duration gather() {
    Duration wait = Duration.ofMillis(followed.size());
    return wait.compareTo(LONGEST_GATHER) < 0 ? wait : LONGEST_GATHER;
  }

  private void look(List<Followed> batch) {
    P2PDriver current = driver.get();
    if (current == null) {
      postpone(batch);
      return;
    }
    Map<Followed, RunningJob> asked = new LinkedHashMap<>();
    for (Followed job : batch) {
      try {
        asked.put(job, new RunningJob(job.jobId, job.order.get(), job.submitted));
      } catch (RemoteCallException e) {
        tell(job, new Observation.NoAnswer(e.reason(), e.describe()));
        postpone(List.of(job));
      }
    }
    Map<String, Observation> seen =
        asked.isEmpty() ? Map.of() : current.observe(List.copyOf(asked.values()));
    Instant now = clock.instant();
    asked.forEach((job, running) -> {
      Duration age = Duration.between(job.submitted, now);
      switch (endless(seen.get(job.jobId), running, age)) {
        case null -> postpone(List.of(job));
        case Observation.NoAnswer noAnswer -> {
          tell(job, noAnswer);
          postpone(List.of(job));
        }
        case Observation.InProgress progress -> {
          tell(job, progress);
          again(job, job.submitted.plus(current.nextLook(age.isNegative() ? Duration.ZERO : age)));
        }
        case Observation.OutcomeUnknown unknown -> verify(current, job, running, unknown);
        case Observation ended -> conclude(job, ended);
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

  /** Nobody can tell how the job ended, so the peers are asked; that may take minutes. */
  private void verify(
      P2PDriver driver, Followed job, RunningJob running, Observation.OutcomeUnknown unknown) {
    Thread.ofVirtual()
        .name("verify-" + job.ticket.key())
        .start(() -> {
          Finding finding;
          try {
            verifications.acquire();
          } catch (InterruptedException e) {
            return;
          }
          try {
            finding = driver.verify(running.order());
          } catch (RuntimeException e) {
            log.atError().setCause(e).log("A verification failed; it is tried again");
            finding = new Finding.NoAnswer(Reason.INTERNAL_ERROR, "the driver failed: " + e);
          } finally {
            verifications.release();
          }
          switch (finding) {
            case Finding.Known known when known.everyPeer() ->
                conclude(job, new Observation.Finished(known.warmth()));
            case Finding.Known known ->
                conclude(job, new Observation.OutcomeUnknown(unknown.message(), known.warmth()));
            case Finding.CannotTell no ->
                conclude(
                    job, new Observation.OutcomeUnknown(unknown.message() + "; " + no.message()));
            case Finding.NoAnswer no -> {
              tell(job, new Observation.NoAnswer(no.reason(), no.message()));
              postpone(List.of(job));
            }
          }
        });
  }

  private void conclude(Followed job, Observation ended) {
    boolean mine;
    lock.lock();
    try {
      mine = followed.remove(job.ticket.key(), job);
    } finally {
      lock.unlock();
    }
    if (mine) {
      news.accept(job.ticket, ended);
    }
  }

  /** Passes on what differs from the last look. */
  private void tell(Followed job, Observation observation) {
    if (!observation.equals(job.last)) {
      job.last = observation;
      news.accept(job.ticket, observation);
    }
  }

  private void postpone(List<Followed> jobs) {
    Instant later = clock.instant().plus(AFTER_NO_ANSWER);
    jobs.forEach(job -> again(job, later));
  }

  private void again(Followed job, Instant due) {
    lock.lock();
    try {
      if (followed.get(job.ticket.key()) == job) {
        Instant soonest = clock.instant().plus(SOONEST);
        job.due = due.isBefore(soonest) ? soonest : due;
        queue.add(job);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
