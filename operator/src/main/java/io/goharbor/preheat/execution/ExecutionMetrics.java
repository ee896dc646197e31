package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What executions tell Prometheus. Names of executions and artifacts are never labels. */
public final class ExecutionMetrics {
  private final MeterRegistry registry;
  private final Timer pushToWarm;
  private final DistributionSummary bytes;

  /** Registers the meters. */
  public ExecutionMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.pushToWarm =
        Timer.builder("preheat.execution.duration")
            .description("Time from the creation of an execution to its successful end")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(100))
            .maximumExpectedValue(Duration.ofHours(2))
            .register(registry);
    this.bytes =
        DistributionSummary.builder("preheat.task.bytes")
            .description("Bytes of tasks that became warm")
            .baseUnit("bytes")
            .register(registry);
  }

  /**
   * Counts what a plan selected and left out, when it is first written. A run that was split counts
   * what it selected; its parts only count what they leave out of that.
   */
  void planned(PreheatExecution execution, PreheatExecutionStatus status) {
    String dryRun = Boolean.toString(execution.getSpec().planOnly());
    PreheatExecutionStatus.Parts parts = status.parts();
    if (execution.getSpec().partOf() == null && status.summary() != null) {
      registry
          .counter("preheat.artifacts.selected", "dry_run", dryRun)
          .increment(parts == null ? status.summary().artifacts() : parts.artifacts());
    }
    List<SkippedReason> skipped = parts == null ? status.skipped() : parts.skipped();
    if (skipped != null) {
      for (SkippedReason left : skipped) {
        registry
            .counter("preheat.artifacts.skipped", "reason", left.reason(), "dry_run", dryRun)
            .increment(left.count());
      }
    }
  }

  /** Counts tasks that ended with a status write. */
  void tasksChanged(Operation operation, List<TaskStatus> before, List<TaskStatus> after) {
    Map<String, TaskState> was = new HashMap<>();
    before.forEach(task -> was.put(task.id(), task.state()));
    for (TaskStatus task : after) {
      TaskState earlier = was.get(task.id());
      if (task.state().terminal() && (earlier == null || !earlier.terminal())) {
        registry
            .counter(
                "preheat.tasks.ended",
                "provider",
                task.provider(),
                "state",
                task.state().name().toLowerCase(java.util.Locale.ROOT),
                "reason",
                task.reason() == null ? "" : task.reason().toString())
            .increment();
        if (operation == Operation.PREHEAT
            && task.state() == TaskState.SUCCEEDED
            && task.bytes() != null) {
          bytes.record(task.bytes());
        }
      }
    }
  }

  void executionEnded(PreheatExecution execution, PreheatExecutionStatus status, Instant now) {
    registry
        .counter(
            "preheat.executions.ended",
            "trigger",
            execution.getSpec().effectiveTrigger().toString(),
            "phase",
            status.effectivePhase().name().toLowerCase(java.util.Locale.ROOT))
        .increment();
    if (status.effectivePhase() == io.goharbor.preheat.api.Phase.SUCCEEDED) {
      Instant created = Instant.parse(execution.getMetadata().getCreationTimestamp());
      Duration took = Duration.between(created, now);
      pushToWarm.record(took.isNegative() ? Duration.ZERO : took);
    }
  }
}
