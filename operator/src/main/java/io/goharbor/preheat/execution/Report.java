package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.ProviderProgress;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.kube.Conditions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the status of an execution out of its tasks: a pure function. */
final class Report {
  private final PreheatExecution execution;
  private final PreheatExecutionStatus before;
  private final Instant now;

  Report(PreheatExecution execution, Instant now) {
    this.execution = execution;
    this.before =
        execution.getStatus() == null ? PreheatExecutionStatus.EMPTY : execution.getStatus();
    this.now = now;
  }

  /** The run cannot begin, or cannot go on. */
  PreheatExecutionStatus held(Phase phase, Reason reason, String message, boolean needsPerson) {
    Conditions conditions = conditions();
    conditions.set("Ready", false, reason, message);
    conditions.set("Reconciling", !needsPerson, reason, message);
    conditions.set("Stalled", needsPerson, reason, message);
    conditions.set("Complete", false, reason, message);
    conditions.set("Failed", false, reason, message);
    return new PreheatExecutionStatus(
        execution.getMetadata().getGeneration(),
        phase,
        before.startTime() != null || phase == Phase.PENDING ? before.startTime() : seconds(),
        null,
        message,
        before.progress(),
        before.warm(),
        before.summary(),
        before.providers(),
        before.tasks(),
        before.skipped(),
        conditions.list());
  }

  /** The run failed as a whole. */
  PreheatExecutionStatus failed(Reason reason, String message) {
    return ended(Phase.FAILED, reason, message, before.taskList(), before.skipped(), artifacts());
  }

  /** The run was called off before it was planned. */
  PreheatExecutionStatus cancelledUnplanned() {
    return ended(Phase.CANCELLED, Reason.CANCELLED, "spec.cancel was set", List.of(), null, 0);
  }

  /** A status over these tasks, of a run planned just now. */
  PreheatExecutionStatus planned(Plan plan, List<TaskStatus> tasks) {
    return over(tasks, plan.skipped(), plan.artifacts(), plan.missing());
  }

  /** A status over these tasks, of a run planned before. */
  PreheatExecutionStatus of(List<TaskStatus> tasks) {
    return over(tasks, before.skipped(), artifacts(), missing());
  }

  private PreheatExecutionStatus over(
      List<TaskStatus> tasks, @Nullable List<SkippedReason> skipped, int artifacts, int missing) {
    if (tasks.stream().anyMatch(task -> !task.state().terminal())) {
      return running(tasks, skipped, artifacts);
    }
    long ok = tasks.stream().filter(Report::good).count();
    boolean cancelled = tasks.stream().anyMatch(task -> task.state() == TaskState.CANCELLED);
    if (cancelled) {
      return ended(
          Phase.CANCELLED, Reason.CANCELLED, "spec.cancel was set", tasks, skipped, artifacts);
    }
    if (execution.getSpec().isDryRun()) {
      return ended(
          Phase.SUCCEEDED,
          Reason.DRY_RUN,
          "dry run: "
              + tasks.size()
              + " tasks would be sent"
              + (missing == 0 ? "" : "; " + counts(0, tasks.size(), missing) + because(skipped)),
          tasks,
          skipped,
          artifacts);
    }
    if (ok == tasks.size() && missing == 0) {
      return tasks.isEmpty()
          ? ended(
              Phase.SUCCEEDED,
              Reason.NOTHING_SELECTED,
              "nothing was selected" + because(skipped),
              tasks,
              skipped,
              artifacts)
          : ended(Phase.SUCCEEDED, Reason.SUCCEEDED, wellEnded(tasks), tasks, skipped, artifacts);
    }
    String failures =
        counts(tasks.size() - ok, tasks.size(), missing) + firstFailure(tasks, skipped, missing);
    return ok == 0
        ? ended(Phase.FAILED, Reason.FAILED, failures, tasks, skipped, artifacts)
        : ended(
            Phase.PARTIALLY_SUCCEEDED,
            Reason.PARTIALLY_FAILED,
            failures,
            tasks,
            skipped,
            artifacts);
  }

  private String wellEnded(List<TaskStatus> tasks) {
    if (unverified(tasks) > 0) {
      return unverified(tasks) + " of " + tasks.size() + " tasks could not be verified";
    }
    return "all "
        + tasks.size()
        + switch (execution.getSpec().effectiveOperation()) {
          case PREHEAT -> " tasks are warm";
          case VERIFY -> " tasks were found warm";
          case EVICT -> " tasks are out of the caches";
        };
  }

  private PreheatExecutionStatus running(
      List<TaskStatus> tasks, @Nullable List<SkippedReason> skipped, int artifacts) {
    Reason reason = Reason.PROGRESSING;
    String message = "in progress";
    if (tasks.stream().noneMatch(task -> task.state().inFlight())) {
      for (TaskStatus task : tasks) {
        if (task.state() == TaskState.WAITING && task.reason() != null) {
          reason = task.reason();
          message = "Waiting: " + (task.message() == null ? reason.meaning() : task.message());
          break;
        }
      }
    }
    Conditions conditions = conditions();
    conditions.set("Ready", false, reason, message);
    conditions.set("Reconciling", true, reason, message);
    conditions.set("Stalled", false, reason, message);
    conditions.set("Complete", false, reason, message);
    conditions.set("Failed", false, reason, message);
    return status(Phase.RUNNING, null, message, tasks, skipped, artifacts, conditions);
  }

  private PreheatExecutionStatus ended(
      Phase phase,
      Reason reason,
      String message,
      List<TaskStatus> tasks,
      @Nullable List<SkippedReason> skipped,
      int artifacts) {
    boolean good = phase == Phase.SUCCEEDED;
    Conditions conditions = conditions();
    conditions.set("Ready", good, reason, message);
    conditions.set("Reconciling", false, reason, message);
    conditions.set("Stalled", !good, reason, message);
    conditions.set("Complete", good, reason, message);
    conditions.set("Failed", !good, reason, message);
    return status(phase, seconds(), message, tasks, skipped, artifacts, conditions);
  }

  private PreheatExecutionStatus status(
      Phase phase,
      @Nullable Instant completion,
      String message,
      List<TaskStatus> tasks,
      @Nullable List<SkippedReason> skipped,
      int artifacts,
      Conditions conditions) {
    List<Condition> list = conditions.list();
    long finished = tasks.stream().filter(task -> task.state().terminal()).count();
    int warm = warmPercent(tasks);
    return new PreheatExecutionStatus(
        execution.getMetadata().getGeneration(),
        phase,
        before.startTime() == null ? seconds() : before.startTime(),
        completion,
        message,
        finished + "/" + tasks.size(),
        tasks.isEmpty() ? null : warm + "%",
        new Summary(
            artifacts,
            tasks.size(),
            count(tasks, Report::good),
            count(tasks, task -> task.state() == TaskState.FAILED),
            count(tasks, task -> task.state().inFlight()),
            count(tasks, task -> task.state() == TaskState.WAITING),
            skipped == null ? 0 : skipped.stream().mapToInt(SkippedReason::count).sum(),
            tasks.stream().mapToLong(Report::bytes).sum(),
            warm),
        providers(tasks),
        tasks,
        skipped == null || skipped.isEmpty() ? null : skipped,
        list);
  }

  private static List<ProviderProgress> providers(List<TaskStatus> tasks) {
    Map<String, List<TaskStatus>> byProvider = new LinkedHashMap<>();
    for (TaskStatus task : tasks) {
      byProvider.computeIfAbsent(task.provider(), key -> new ArrayList<>()).add(task);
    }
    List<ProviderProgress> all = new ArrayList<>();
    byProvider.forEach((provider, own) ->
        all.add(
            new ProviderProgress(
                provider,
                count(own, Report::good),
                count(own, task -> task.state() == TaskState.FAILED),
                count(own, task -> task.state().inFlight()),
                warmPercent(own))));
    return all;
  }

  private static int warmPercent(List<TaskStatus> tasks) {
    long bytes = 0;
    long warm = 0;
    for (TaskStatus task : tasks) {
      bytes += bytes(task);
      warm += bytes(task) * (task.warmPercent() == null ? 0 : task.warmPercent()) / 100;
    }
    if (bytes == 0) {
      return !tasks.isEmpty() && tasks.stream().allMatch(Report::good) ? 100 : 0;
    }
    return (int) (warm * 100 / bytes);
  }

  private static String because(@Nullable List<SkippedReason> skipped) {
    if (skipped == null || skipped.isEmpty()) {
      return "";
    }
    SkippedReason first = skipped.getFirst();
    return first.samples() == null || first.samples().isEmpty()
        ? ": " + first.reason()
        : ": "
            + first.samples().getFirst().artifact()
            + ": "
            + first.samples().getFirst().message();
  }

  private static String counts(long failed, int tasks, int missing) {
    String ofTasks = failed == 0 ? "" : failed + " of " + tasks + " tasks failed";
    String ofNamed = missing == 0 ? "" : missing + " of the named artifacts cannot be preheated";
    return ofTasks + (failed == 0 || missing == 0 ? "" : ", ") + ofNamed;
  }

  private static String firstFailure(
      List<TaskStatus> tasks, @Nullable List<SkippedReason> skipped, int missing) {
    for (TaskStatus task : tasks) {
      if (task.state() == TaskState.FAILED) {
        return ": "
            + task.artifact()
            + (task.accessory() == null ? "" : " (" + task.accessory() + ")")
            + " on "
            + task.provider()
            + ": "
            + task.message();
      }
    }
    return missing > 0 ? because(skipped) : "";
  }

  /** Named artifacts that cannot be preheated leave no task; their count is in the skips. */
  private int missing() {
    if (before.skipped() == null
        || execution.getSpec().effectiveTrigger()
            != io.goharbor.preheat.api.PreheatExecutionSpec.Trigger.MANUAL
        || (execution.getSpec().artifacts() == null && execution.getSpec().images() == null)) {
      return 0;
    }
    return before.skipped().stream()
        .filter(skip -> PlanBuilder.UNUSABLE.contains(Reason.of(skip.reason())))
        .mapToInt(SkippedReason::count)
        .sum();
  }

  private int artifacts() {
    return before.summary() == null ? 0 : before.summary().artifacts();
  }

  private Conditions conditions() {
    return new Conditions(before.conditions(), execution.getMetadata().getGeneration(), now);
  }

  private Instant seconds() {
    return now.truncatedTo(ChronoUnit.SECONDS);
  }

  private static boolean good(TaskStatus task) {
    return task.state() == TaskState.SUCCEEDED
        || task.state() == TaskState.UNVERIFIED
        || task.state() == TaskState.PLANNED;
  }

  private static long unverified(List<TaskStatus> tasks) {
    return tasks.stream().filter(task -> task.state() == TaskState.UNVERIFIED).count();
  }

  private static long bytes(TaskStatus task) {
    return task.bytes() == null ? 0 : task.bytes();
  }

  private static int count(List<TaskStatus> tasks, java.util.function.Predicate<TaskStatus> which) {
    return (int) tasks.stream().filter(which).count();
  }
}
