package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.plan.EventTime;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What executions tell Prometheus. Names of executions and artifacts are never labels. */
public final class ExecutionMetrics {
  /** A few wide buckets: each is a series for each provider. */
  private static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
          .map(Duration::ofSeconds)
          .toArray(Duration[]::new);

  /** What was found of a manifest at the end of its task. */
  private enum Result {
    WARM("warm"),
    NOT_WARM("not_warm"),
    UNKNOWN("unknown");

    private final String text;

    Result(String text) {
      this.text = text;
    }
  }

  private final MeterRegistry registry;
  private final Timer duration;

  /** Registers the meters; what alerts count is shown from the beginning. */
  public ExecutionMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.duration =
        Timer.builder("preheat.execution.duration")
            .description("Time from the creation of an execution to its successful end")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    for (Trigger trigger : Trigger.values()) {
      Stream.of(Phase.values()).filter(Phase::terminal).forEach(phase -> ended(trigger, phase));
    }
  }

  /** Shows the meters of a provider before they count: a first step is not an increase. */
  public void begin(String provider) {
    for (Result result : Result.values()) {
      verifications(provider, result);
    }
    warmed(provider);
    pushToWarm(provider);
    warmRatio(provider);
  }

  /**
   * Counts what a plan selected and left out, when it is first written. A run that was split counts
   * what it selected; its parts only count what they leave out of that.
   */
  void planned(PreheatExecution execution, PreheatExecutionStatus status) {
    String dryRun = Boolean.toString(execution.getSpec().planOnly());
    PreheatExecutionStatus.Parts parts = status.parts();
    if (execution.getSpec().partOf() == null && status.summary() != null) {
      Counter.builder("preheat.artifacts.selected")
          .description("Artifacts that planning selected")
          .tag("dry_run", dryRun)
          .register(registry)
          .increment(parts == null ? status.summary().artifacts() : parts.artifacts());
    }
    List<SkippedReason> skipped = parts == null ? status.skipped() : parts.skipped();
    if (skipped != null) {
      for (SkippedReason left : skipped) {
        Counter.builder("preheat.artifacts.skipped")
            .description("Artifacts, and entries of indexes, that planning left out")
            .tag("reason", left.reason())
            .tag("dry_run", dryRun)
            .register(registry)
            .increment(left.count());
      }
    }
  }

  /** Counts tasks that ended with a status write. */
  void tasksEnded(
      PreheatExecution execution, Operation operation, List<TaskStatus> ended, Instant now) {
    for (TaskStatus task : ended) {
      Counter.builder("preheat.tasks.ended")
          .description("Tasks that ended")
          .tag("provider", task.provider())
          .tag("state", task.state().toString())
          .tag("reason", task.reason() == null ? "" : task.reason().toString())
          .register(registry)
          .increment();
      if (operation != Operation.EVICT) {
        verified(task);
      }
      if (operation == Operation.PREHEAT && task.state() == TaskState.SUCCEEDED) {
        warmed(task.provider()).increment(task.bytes() == null ? 0.0 : (double) task.bytes());
        EventTime.of(execution)
            .ifPresent(event -> pushToWarm(task.provider()).record(between(event, now)));
      }
    }
  }

  private void verified(TaskStatus task) {
    Result result =
        switch (task.state()) {
          case SUCCEEDED -> Result.WARM;
          case UNVERIFIED -> Result.UNKNOWN;
          case FAILED -> task.reason() == Reason.NOT_WARM ? Result.NOT_WARM : null;
          case WAITING, SUBMITTING, RUNNING, PLANNED, CANCELLED -> null;
        };
    if (result == null) {
      return;
    }
    verifications(task.provider(), result).increment();
    if (result != Result.UNKNOWN && task.warmPercent() != null) {
      warmRatio(task.provider()).record(task.warmPercent() / 100.0);
    }
  }

  private Counter verifications(String provider, Result result) {
    return Counter.builder("preheat.verifications")
        .description("What the peers were found to hold at the end of tasks")
        .tag("provider", provider)
        .tag("result", result.text)
        .register(registry);
  }

  private DistributionSummary warmRatio(String provider) {
    return DistributionSummary.builder("preheat.task.warm.ratio")
        .description("Share of the bytes that was found warm at the end of tasks, from 0 to 1")
        .tag("provider", provider)
        .register(registry);
  }

  private Counter warmed(String provider) {
    return Counter.builder("preheat.warmed")
        .baseUnit("bytes")
        .description("Bytes of the manifests that became warm")
        .tag("provider", provider)
        .register(registry);
  }

  private Timer pushToWarm(String provider) {
    return Timer.builder("preheat.push.to.warm")
        .description("Time from the event in Harbor to the verified end of a task")
        .tag("provider", provider)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private Counter ended(Trigger trigger, Phase phase) {
    return Counter.builder("preheat.executions.ended")
        .description("Executions that ended")
        .tag("trigger", trigger.toString())
        .tag("phase", phase.toString())
        .register(registry);
  }

  void executionEnded(PreheatExecution execution, PreheatExecutionStatus status, Instant now) {
    ended(execution.getSpec().effectiveTrigger(), status.effectivePhase()).increment();
    if (status.effectivePhase() == Phase.SUCCEEDED) {
      Instant created = Instant.parse(execution.getMetadata().getCreationTimestamp());
      duration.record(between(created, now));
    }
  }

  /** Never negative, whatever two clocks say. */
  private static Duration between(Instant start, Instant end) {
    Duration took = Duration.between(start, end);
    return took.isNegative() ? Duration.ZERO : took;
  }
}
