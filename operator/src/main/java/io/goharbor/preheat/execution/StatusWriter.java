package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.StatusPatches;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the status of executions: at most once a second each, whatever happens inside. */
final class StatusWriter {
  static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

  /** A status was refused for what it holds; the execution has ended with one that says so. */
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException() {
      super("the API server refused a status", null, false, false);
    }
  }

  private final EventRecorder events;
  private final StatusPatches statuses;
  private final InstantSource clock;
  private final Cache<ObjectKey, Instant> lastWrite =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(10)).build();

  StatusWriter(EventRecorder events, StatusPatches statuses, InstantSource clock) {
    this.events = events;
    this.statuses = statuses;
    this.clock = clock;
  }

  /** How long to wait until an execution may be written again; zero: not at all. */
  Duration pause(ObjectKey execution) {
    Instant last = lastWrite.getIfPresent(execution);
    if (last == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), last.plus(BETWEEN_WRITES));
    // A clock that was set back must not hold anything up.
    return left.isNegative() || left.compareTo(BETWEEN_WRITES) > 0 ? Duration.ZERO : left;
  }

  /**
   * Writes the status when it differs.
   *
   * @return the execution as it stands now; empty when it was changed meanwhile
   * @throws RefusedException when the API server does not take it
   */
  Optional<PreheatExecution> write(
      PreheatExecution execution, PreheatExecutionStatus after, Context<PreheatExecution> context) {
    PreheatExecutionStatus before = execution.getStatus();
    if (after.equals(before)) {
      return Optional.of(execution);
    }
    Phase was = before == null ? null : before.phase();
    if (was != null && after.phase() != null && !was.mayBecome(after.phase())) {
      throw new IllegalStateException(was + " cannot become " + after.phase());
    }
    // The version makes the write fail when another operator, or an older cache, is at work.
    switch (statuses.write(
        execution, PreheatExecution::new, after, true, why -> refused(execution, why), context)) {
      case StatusPatches.Outcome.Outdated<PreheatExecution> outdated -> {
        return Optional.empty();
      }
      case StatusPatches.Outcome.Refused<PreheatExecution> refused -> throw new RefusedException();
      case StatusPatches.Outcome.Written<PreheatExecution>(PreheatExecution written) -> {
        lastWrite.put(ObjectKey.of(execution), clock.instant());
        tell(execution, was, after);
        return Optional.of(written);
      }
    }
  }

  /** The end of the run: first with what stands of its tasks, then with nothing else. */
  private List<PreheatExecutionStatus> refused(PreheatExecution execution, String why) {
    PreheatExecutionStatus failed =
        new Report(execution, clock.instant()).failed(Reason.STATUS_REFUSED, why);
    return List.of(failed, failed.endedBare());
  }

  void forget(ObjectKey execution) {
    lastWrite.invalidate(execution);
  }

  /** An Event for each phase on the way; parts are told of by their whole. */
  private void tell(PreheatExecution execution, @Nullable Phase was, PreheatExecutionStatus after) {
    if (was == after.phase()
        || after.phase() == null
        || after.phase().terminal()
        || execution.getSpec().partOf() != null) {
      return;
    }
    events.normal(
        execution,
        after.phase() == Phase.RUNNING ? Reason.PROGRESSING : Reason.PLANNING,
        after.phase() == Phase.RUNNING && after.summary() != null
            ? after.summary().tasks() + " tasks"
            : String.valueOf(after.message()));
  }
}
