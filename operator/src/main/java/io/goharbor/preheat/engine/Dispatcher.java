package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does operations with a driver. Each answers exactly once, whatever is thrown; what is under way
 * is not begun a second time.
 *
 * <p>Safe for concurrent use.
 */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final Executor executor;
  private final TaskDirectory tasks;
  private final ProviderHealth health;
  private final Supplier<@Nullable P2PDriver> driver;
  private final Runnable evicting;
  private final Set<TaskKey> underWay = ConcurrentHashMap.newKeySet();

  /**
   * A dispatcher.
   *
   * @param evicting called before something is evicted
   */
  Dispatcher(
      Executor executor,
      TaskDirectory tasks,
      ProviderHealth health,
      Supplier<@Nullable P2PDriver> driver,
      Runnable evicting) {
    this.executor = executor;
    this.tasks = tasks;
    this.health = health;
    this.driver = driver;
    this.evicting = evicting;
  }

  /** Whether an operation for this attempt has begun and has not answered. */
  boolean isUnderWay(TaskKey key) {
    return underWay.contains(key);
  }

  /** Begins an operation; its answer comes as a {@link TaskEvent.Sent}. */
  void run(ProviderOperation operation, Work work) {
    if (!underWay.add(work.key())) {
      return;
    }
    try {
      executor.execute(() -> answerOnce(operation, work));
    } catch (RuntimeException | Error e) {
      underWay.remove(work.key());
      throw e;
    }
  }

  private void answerOnce(ProviderOperation operation, Work work) {
    TaskEvent answer =
        new TaskEvent.Sent(
            work.key(), new Submission.Unknown("the operator failed at it; see its log"), false);
    try {
      answer = answer(operation, work);
    } finally {
      // First the answer: who asks whether it is under way must find one of both.
      try {
        tasks.happened(answer);
      } finally {
        underWay.remove(work.key());
      }
    }
  }

  /** Has a job stopped that no one wants any more; what comes of it is for the log. */
  void cancel(Work work, String jobId, Consumer<Cancellation> then) {
    executor.execute(() -> {
      P2PDriver current = driver.get();
      if (current == null) {
        return;
      }
      try {
        then.accept(current.cancel(new RunningJob(jobId, tasks.order(work), work.started())));
      } catch (RemoteCallException e) {
        then.accept(new Cancellation.NoAnswer(e.reason(), e.describe()));
      } catch (RuntimeException e) {
        log.atError().setCause(e).log("A job was not cancelled");
      }
    });
  }

  private TaskEvent answer(ProviderOperation operation, Work work) {
    Submission notUsable = health.held().map(Dispatcher::later).orElse(null);
    if (notUsable != null) {
      return new TaskEvent.Sent(work.key(), notUsable, false);
    }
    PreheatOrder order;
    try {
      order = tasks.order(work);
    } catch (RemoteCallException e) {
      return new TaskEvent.Sent(work.key(), orderFailed(e), true);
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("An order could not be made; it is tried again");
      return new TaskEvent.Sent(
          work.key(),
          new Submission.NotNow(
              Reason.INTERNAL_ERROR, "the order could not be made: " + e, null, false, true),
          true);
    }
    return new TaskEvent.Sent(work.key(), attempt(operation, order), false);
  }

  /** The registry's trouble, not the provider's. */
  private static Submission orderFailed(RemoteCallException e) {
    return e.failureClass() == FailureClass.PERMANENT
        ? new Submission.Refused(e.reason(), e.describe())
        : new Submission.NotNow(
            e.reason(),
            e.describe(),
            e.retryAfter().orElse(null),
            false,
            e.failureClass() == FailureClass.WAIT || e.status() == 0);
  }

  private static Submission later(Admission.Wait wait) {
    return new Submission.NotNow(wait.reason(), wait.message(), null, false, true);
  }

  private Submission attempt(ProviderOperation operation, PreheatOrder order) {
    P2PDriver current = driver.get();
    if (current == null) {
      return later(new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "the provider was closed"));
    }
    return health
        .call(() -> {
          try {
            return run(current, operation, order);
          } catch (RuntimeException e) {
            log.atError().setCause(e).log("A driver failed");
            return new Submission.Unknown("the driver failed: " + e);
          }
        })
        .orElseGet(() ->
            later(new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "the provider is in trouble")));
  }

  private Submission run(P2PDriver current, ProviderOperation operation, PreheatOrder order) {
    return switch (operation) {
      case SUBMIT -> current.submit(order);
      case ADOPT -> current.adopt(order);
      case VERIFY ->
          switch (current.verify(order)) {
            case VerificationResult.Known known ->
                new Submission.Concluded(new Observation.Finished(known.warmth()));
            case VerificationResult.CannotTell no ->
                new Submission.Refused(Reason.NOT_SUPPORTED, no.message());
            case VerificationResult.NoAnswer no ->
                new Submission.NotNow(no.reason(), no.message(), null, false, true);
          };
      case EVICT -> {
        evicting.run();
        yield switch (current.evict(order)) {
          case Eviction.Evicted evicted ->
              new Submission.Concluded(new Observation.Evicted(evicted.copies()));
          case Eviction.Incomplete some ->
              new Submission.NotNow(Reason.JOB_FAILED, some.message(), null, false, false);
          case Eviction.NotOffered no -> new Submission.Refused(Reason.NOT_SUPPORTED, no.message());
          case Eviction.NoAnswer no ->
              new Submission.NotNow(no.reason(), no.message(), null, false, true);
        };
      }
    };
  }
}
