package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.plan.StatusSizeEstimator;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The life of a task as a pure function: a state and something that happened give the next state.
 * What does not fit the state changes nothing, so duplicates and stale news are harmless.
 */
final class TaskStateMachine {
  /** Pause before a submission of unknown outcome is looked for. */
  static final Duration RESUME_AFTER = Duration.ofSeconds(15);

  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(5);
  private static final Duration MAX_BACKOFF = Duration.ofMinutes(5);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Whatever a provider asks for: it may have got better long before. */
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final Verification verification;
  private final Operation operation;
  private final int backoffLimit;
  private final RandomGenerator random;

  TaskStateMachine(
      Operation operation, Verification verification, int backoffLimit, RandomGenerator random) {
    this.operation = operation;
    this.verification = verification;
    this.backoffLimit = backoffLimit;
    this.random = random;
  }

  /** One that only ends tasks. */
  static TaskStateMachine ofNoRun(RandomGenerator random) {
    return new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, 0, random);
  }

  /** The queue's answer to a waiting task. */
  TaskStatus admitted(TaskStatus task, Admission admission, Instant now) {
    return task.state() == TaskState.WAITING ? legal(task, admit(task, admission, now)) : task;
  }

  private TaskStatus admit(TaskStatus task, Admission admission, Instant now) {
    return switch (admission) {
      case Admission.Granted granted ->
          new Edit(task)
              .state(TaskState.SUBMITTING)
              .attempts(task.attempts() + 1)
              .started(now)
              .retry(null)
              .job(null)
              .because(null, null)
              .done();
      case Admission.Wait wait -> waiting(task, wait.reason(), wait.message());
      case Admission.AlreadyDone done ->
          finished(
              new Edit(task).state(TaskState.RUNNING).done(),
              done.warmth(),
              "the same artifact of the same registry was brought to the same peers meanwhile",
              now);
    };
  }

  /** A waiting task goes on waiting, for this reason. */
  TaskStatus waiting(TaskStatus task, Reason reason, String message) {
    return task.state() == TaskState.WAITING
        ? new Edit(task).because(reason, message).done()
        : task;
  }

  /**
   * Whether a time that was written down has come. One further away than any that is ever written
   * was written by a clock that has been set back since.
   */
  static boolean due(Instant time, Instant now) {
    return !time.isAfter(now) || time.isAfter(now.plus(LONGEST_PAUSE));
  }

  /**
   * When the search for the job of a task of unknown submission is due. An operation that is under
   * way answers for itself, so none must be.
   */
  static Instant resumeDue(TaskStatus task, Instant now) {
    Instant retry = task.retryTime();
    Instant start = task.startTime() == null ? Instant.EPOCH : task.startTime();
    Instant due = retry == null ? start.plus(RESUME_AFTER) : retry;
    // No pause is longer; a longer one was written by a clock that has been set back since.
    return due.isAfter(now.plus(RESUME_AFTER)) ? now : due;
  }

  /** Something happened to a task. */
  TaskStatus happened(TaskStatus task, TaskEvent event, Instant now) {
    if (!task.id().equals(event.key().task()) || task.attempts() != event.key().attempt()) {
      return task;
    }
    return legal(
        task,
        switch (event) {
          case TaskEvent.Sent sent -> sent(task, sent.outcome(), now);
          case TaskEvent.Seen seen -> seen(task, seen.observation(), now);
        });
  }

  /** A mistake here must not reach a status, where no one could tell it from the truth. */
  private static TaskStatus legal(TaskStatus before, TaskStatus after) {
    if (!before.state().mayBecome(after.state())) {
      throw new IllegalStateException(before.state() + " cannot become " + after.state());
    }
    return after;
  }

  /**
   * The provider is not to be used any more for a task of which no one knows whether it was sent:
   * it gives its slot to others, and is sent again when it may be.
   */
  TaskStatus shutOut(TaskStatus task, Reason reason, String message) {
    return task.state() == TaskState.SUBMITTING
        ? legal(
            task,
            new Edit(task).state(TaskState.WAITING).retry(null).because(reason, message).done())
        : task;
  }

  /** The provider of a task cannot be used any more; a job that it has cannot be followed. */
  TaskStatus cutOff(TaskStatus task, Reason reason, String message) {
    return task.state().terminal() ? task : new Edit(task).because(reason, message).done();
  }

  /** The job of a task of unknown submission is being searched for. */
  TaskStatus resuming(TaskStatus task, Instant now) {
    return new Edit(task)
        .retry(now.plus(RESUME_AFTER))
        .because(Reason.ADOPTING, "looking for the job of attempt " + task.attempts())
        .done();
  }

  /** A task of unknown submission cannot be looked for yet. */
  TaskStatus adoptingLater(TaskStatus task, String message) {
    return task.state() == TaskState.SUBMITTING
        ? new Edit(task).because(Reason.ADOPTING, message).done()
        : task;
  }

  /** The task is given up, whatever it is doing. */
  TaskStatus end(TaskStatus task, TaskState state, Reason reason, String message, Instant now) {
    return task.state().terminal()
        ? task
        : new Edit(task).state(state).because(reason, message).retry(null).completed(now).done();
  }

  private TaskStatus sent(TaskStatus task, Submission outcome, Instant now) {
    if (task.state() != TaskState.SUBMITTING) {
      return task;
    }
    return switch (outcome) {
      case Submission.Accepted accepted ->
          new Edit(task)
              .state(TaskState.RUNNING)
              .job(accepted.jobId())
              .retry(null)
              .because(Reason.SUBMITTED, null)
              .done();
      case Submission.Concluded concluded ->
          seen(new Edit(task).state(TaskState.RUNNING).done(), concluded.outcome(), now);
      case Submission.Refused refused ->
          end(task, TaskState.FAILED, refused.reason(), refused.message(), now);
      case Submission.NotNow notNow when task.reason() == Reason.ADOPTING && notNow.patience() ->
          // The look for the job may have failed, so the job may still exist: look again.
          new Edit(task)
              .retry(now.plus(RESUME_AFTER))
              .because(Reason.ADOPTING, notNow.message())
              .done();
      case Submission.NotNow notNow -> {
        Duration pause =
            notNow.retryAfter() != null
                ? shorter(notNow.retryAfter(), LONGEST_PAUSE)
                : notNow.patience() ? jitter(PATIENCE) : backoff(task.countedAttempts());
        yield notNow.patience()
            // Waiting is not failing: an outage must not use up the attempts.
            ? new Edit(task)
                .state(TaskState.WAITING)
                .attempts(task.attempts() - 1)
                .retry(now.plus(pause))
                .because(notNow.reason(), notNow.message())
                .done()
            : again(task, notNow.reason(), notNow.message(), pause, now);
      }
      case Submission.Unknown unknown ->
          new Edit(task)
              .retry(now.plus(RESUME_AFTER))
              .because(Reason.ADOPTING, unknown.message())
              .done();
    };
  }

  private TaskStatus seen(TaskStatus task, Observation observation, Instant now) {
    if (task.state() != TaskState.RUNNING) {
      return task;
    }
    return switch (observation) {
      case Observation.InProgress progress ->
          new Edit(task)
              // What an earlier attempt left stays.
              .warm(
                  Math.max(
                      progress.warmPercent(), task.warmPercent() == null ? 0 : task.warmPercent()))
              .because(Reason.SUBMITTED, null)
              .done();
      case Observation.NoAnswer noAnswer ->
          new Edit(task).because(noAnswer.reason(), noAnswer.message()).done();
      case Observation.Finished finished
          when finished.cause() == Reason.PULL_TOKEN_EXPIRED && warmer(task, finished.warmth()) ->
          renewed(task, finished.warmth(), now);
      case Observation.Finished finished -> finished(task, finished.warmth(), null, now);
      case Observation.Failed failed ->
          again(task, failed.reason(), failed.message(), backoff(task.countedAttempts()), now);
      case Observation.OutcomeUnknown unknown -> unknown(task, unknown, now);
      case Observation.Evicted evicted ->
          new Edit(task)
              .warm(0)
              .done(
                  TaskState.SUCCEEDED,
                  Reason.EVICTED,
                  evicted.copies() + " copies of its blobs were removed",
                  now);
    };
  }

  /**
   * Sent again as long as that is allowed: it costs peers that hold it nothing, and shows for sure
   * how warm it is. Before it is called failed, what the peers said of themselves counts.
   */
  private TaskStatus unknown(TaskStatus task, Observation.OutcomeUnknown unknown, Instant now) {
    Warmth found = unknown.found();
    if (task.countedAttempts() > backoffLimit
        && found != null
        && found.percent() >= verification.requiredPercent()) {
      return finished(
          task, found, unknown.message() + "; " + found.peers() + " peers hold it all", now);
    }
    return again(task, Reason.JOB_LOST, unknown.message(), backoff(task.countedAttempts()), now);
  }

  private boolean warmer(TaskStatus task, Warmth warmth) {
    int before = task.warmPercent() == null ? 0 : task.warmPercent();
    return verification.effectiveMode() != Verification.Mode.NONE
        && warmth.percent() < verification.requiredPercent()
        && warmth.percent() > before;
  }

  /** A large artifact outlives its pull tokens: as long as it gets warmer, no attempt fails it. */
  private TaskStatus renewed(TaskStatus task, Warmth warmth, Instant now) {
    return new Edit(task)
        .state(TaskState.WAITING)
        .renewed()
        .job(null)
        .warm(warmth.percent())
        .retry(now.plus(jitter(PATIENCE)))
        .because(
            Reason.PULL_TOKEN_EXPIRED,
            "the peers hold "
                + warmth.percent()
                + "%; the job outlived its pull token, and what is missing is sent with a new one")
        .done();
  }

  private TaskStatus finished(TaskStatus task, Warmth warmth, @Nullable String note, Instant now) {
    if (verification.effectiveMode() == Verification.Mode.NONE) {
      return new Edit(task)
          .warm(warmth.verified() ? warmth.percent() : null)
          .done(
              TaskState.SUCCEEDED,
              Reason.SUBMITTED,
              "not verified: verification.mode is None",
              now);
    }
    if (!warmth.verified()) {
      return new Edit(task)
          .done(
              TaskState.UNVERIFIED,
              Reason.UNVERIFIED,
              warmth.unverifiedBecause() == null
                  ? Reason.UNVERIFIED.meaning()
                  : warmth.unverifiedBecause(),
              now);
    }
    if (warmth.percent() >= verification.requiredPercent()) {
      String held =
          warmth.failedPeerCount() == 0
              ? note
              : "held by "
                  + warmth.peers()
                  + " peers; "
                  + warmth.failedPeerCount()
                  + " failed: "
                  + String.join("; ", warmth.failedPeers());
      return new Edit(task)
          .warm(warmth.percent())
          .done(TaskState.SUCCEEDED, Reason.WARM, held, now);
    }
    String missing =
        "the peers hold "
            + warmth.percent()
            + "% of "
            + warmth.expectedBytes()
            + " bytes, "
            + verification.requiredPercent()
            + "% are required"
            + (warmth.failedPeers().isEmpty()
                ? ""
                : "; "
                    + warmth.failedPeerCount()
                    + " peers failed: "
                    + String.join("; ", warmth.failedPeers()));
    if (operation == Operation.VERIFY) {
      return new Edit(task)
          .warm(warmth.percent())
          .done(TaskState.FAILED, Reason.NOT_WARM, missing, now);
    }
    return again(
        new Edit(task).warm(warmth.percent()).done(),
        Reason.NOT_WARM,
        missing,
        backoff(task.countedAttempts()),
        now);
  }

  private TaskStatus again(
      TaskStatus task, Reason reason, String message, Duration pause, Instant now) {
    if (task.countedAttempts() > backoffLimit) {
      return end(
          task,
          TaskState.FAILED,
          reason,
          message + " (attempt " + task.countedAttempts() + ", backoffLimit " + backoffLimit + ")",
          now);
    }
    return new Edit(task)
        .state(TaskState.WAITING)
        .job(null)
        .retry(now.plus(pause))
        .because(Reason.WAITING_FOR_RETRY, reason + ": " + message)
        .done();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Duration backoff(int attempts) {
    long millis = FIRST_BACKOFF.toMillis() << Math.min(Math.max(attempts - 1, 0), 10);
    return jitter(shorter(Duration.ofMillis(millis), MAX_BACKOFF));
  }

  private Duration jitter(Duration base) {
    return Duration.ofMillis((long) (base.toMillis() * (0.8 + 0.4 * random.nextDouble())));
  }

  /** A copy of a task with some fields changed; times are kept to the millisecond. */
  private static final class Edit {
    private final TaskStatusBuilder to;

    Edit(TaskStatus task) {
      to = TaskStatusBuilder.builder(task);
    }

    Edit renewed() {
      to.renewals(to.renewals() == null ? 1 : to.renewals() + 1);
      return this;
    }

    Edit state(TaskState next) {
      to.state(next);
      return this;
    }

    Edit job(@Nullable String id) {
      to.jobID(id);
      return this;
    }

    Edit attempts(int count) {
      to.attempts(count);
      return this;
    }

    Edit warm(@Nullable Integer percent) {
      to.warmPercent(percent);
      return this;
    }

    Edit because(@Nullable Reason why, @Nullable String words) {
      to.reason(why)
          .message(
              words == null || words.length() <= StatusSizeEstimator.LONGEST_MESSAGE
                  ? words
                  : words.substring(0, StatusSizeEstimator.LONGEST_MESSAGE - 1) + "…");
      return this;
    }

    Edit started(Instant at) {
      to.startTime(at.truncatedTo(ChronoUnit.MILLIS));
      return this;
    }

    Edit retry(@Nullable Instant at) {
      to.retryTime(at == null ? null : at.truncatedTo(ChronoUnit.MILLIS));
      return this;
    }

    Edit completed(Instant at) {
      to.completionTime(at.truncatedTo(ChronoUnit.MILLIS));
      return this;
    }

    TaskStatus done(TaskState end, Reason why, @Nullable String words, Instant now) {
      return state(end).because(why, words).retry(null).completed(now).done();
    }

    TaskStatus done() {
      return to.build();
    }
  }
}
