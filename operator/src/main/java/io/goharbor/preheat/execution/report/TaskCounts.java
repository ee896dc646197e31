package io.goharbor.preheat.execution.report;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.ProviderProgress;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.plan.Parts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Counts over tasks: each is in exactly one of succeeded, failed, cancelled, running and waiting.
 *
 * @param unverified of the succeeded, those that no one could verify
 * @param unplanned of all, those of parts that have not begun: one for each artifact, and nothing
 *     is known of their bytes
 */
public record TaskCounts(
    int succeeded,
    int unverified,
    int failed,
    int cancelled,
    int running,
    int waiting,
    int unplanned,
    long bytes,
    long warmBytes) {
  /** Nothing. */
  static final TaskCounts NONE = new TaskCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

  static TaskCounts of(List<TaskStatus> tasks) {
    return tasks.stream().map(TaskCounts::of).reduce(NONE, TaskCounts::plus);
  }

  /** By provider, in the order in which they come. */
  static Map<String, TaskCounts> byProvider(List<TaskStatus> tasks) {
    Map<String, TaskCounts> all = new LinkedHashMap<>();
    tasks.forEach(task -> all.merge(task.provider(), of(task), TaskCounts::plus));
    return all;
  }

  static TaskCounts of(TaskStatus task) {
    long bytes = task.bytes() == null ? 0 : task.bytes();
    int warm = task.warmPercent() == null ? 0 : task.warmPercent();
    TaskState state = task.state();
    boolean good =
        state == TaskState.SUCCEEDED || state == TaskState.UNVERIFIED || state == TaskState.PLANNED;
    return new TaskCounts(
        good ? 1 : 0,
        state == TaskState.UNVERIFIED ? 1 : 0,
        state == TaskState.FAILED ? 1 : 0,
        state == TaskState.CANCELLED ? 1 : 0,
        state.inFlight() ? 1 : 0,
        state == TaskState.WAITING ? 1 : 0,
        0,
        bytes,
        bytes * warm / 100);
  }

  /** The counts that a part states of itself. */
  static TaskCounts ofPart(PreheatExecution part) {
    PreheatExecutionStatus status = Parts.status(part);
    Summary counts = status.summary();
    boolean planned = status.tasks() != null || status.parts() != null;
    if (counts != null && planned && counts.tasks() > 0) {
      return new TaskCounts(
          counts.succeeded(),
          counts.unverified(),
          counts.failed(),
          counts.cancelled(),
          counts.running(),
          counts.waiting(),
          0,
          counts.bytes(),
          counts.bytes() * counts.warmPercent() / 100);
    }
    int artifacts = part.getSpec().artifacts() == null ? 0 : part.getSpec().artifacts().size();
    Phase phase = status.effectivePhase();
    return switch (phase) {
      // All of it turned out to be nothing that can be preheated.
      case SUCCEEDED -> NONE;
      case FAILED, PARTIALLY_SUCCEEDED -> new TaskCounts(0, 0, artifacts, 0, 0, 0, 0, 0, 0);
      case CANCELLED -> new TaskCounts(0, 0, 0, artifacts, 0, 0, 0, 0, 0);
      case PENDING, PLANNING, RUNNING -> new TaskCounts(0, 0, 0, 0, 0, artifacts, artifacts, 0, 0);
    };
  }

  TaskCounts plus(TaskCounts more) {
    return new TaskCounts(
        succeeded + more.succeeded,
        unverified + more.unverified,
        failed + more.failed,
        cancelled + more.cancelled,
        running + more.running,
        waiting + more.waiting,
        unplanned + more.unplanned,
        bytes + more.bytes,
        warmBytes + more.warmBytes);
  }

  int tasks() {
    return finished() + running + waiting;
  }

  int finished() {
    return succeeded + failed + cancelled;
  }

  /** Share of the expected bytes that is known to be warm. */
  int warmPercent() {
    if (tasks() == 0) {
      return 0;
    }
    if (bytes == 0) {
      return succeeded == tasks() ? 100 : 0;
    }
    double known = (double) (tasks() - unplanned) / tasks();
    return (int) Math.floor(100.0 * warmBytes / bytes * known + 1e-9);
  }

  Summary summary(int artifacts, int skipped, int missing) {
    return new Summary(
        artifacts,
        tasks(),
        succeeded,
        unverified,
        failed,
        cancelled,
        running,
        waiting,
        skipped,
        missing,
        bytes,
        warmPercent());
  }

  static List<ProviderProgress> progress(Map<String, TaskCounts> byProvider) {
    List<ProviderProgress> all = new ArrayList<>();
    byProvider.forEach((provider, tally) ->
        all.add(
            new ProviderProgress(
                provider,
                tally.succeeded,
                tally.failed,
                tally.running,
                tally.waiting,
                tally.warmPercent())));
    return all;
  }

  /** Of parts, by provider. */
  static Map<String, TaskCounts> ofParts(List<PreheatExecution> parts) {
    Map<String, TaskCounts> all = new LinkedHashMap<>();
    parts.forEach(
        part -> all.merge(Parts.provider(part).toString(), ofPart(part), TaskCounts::plus));
    return all;
  }

  static TaskCounts sum(Map<String, TaskCounts> byProvider) {
    return byProvider.values().stream().filter(Objects::nonNull).reduce(NONE, TaskCounts::plus);
  }
}
