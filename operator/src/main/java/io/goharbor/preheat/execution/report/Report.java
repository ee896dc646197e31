package io.goharbor.preheat.execution.report;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.builder.PreheatExecutionStatusBuilder;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.Skips;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the status of an execution out of its tasks, or of its parts: a pure function. */
public final class Report {
  /** What a task waits for that does not come by itself. */
  private static final Set<Reason> FOR_A_PERSON =
      EnumSet.of(
          Reason.PROVIDER_NOT_FOUND, Reason.PROVIDER_NOT_ALLOWED, Reason.OPERATION_NOT_ALLOWED);

  private final PreheatExecution execution;
  private final PreheatExecutionStatus before;
  private final Instant now;

  public Report(PreheatExecution execution, Instant now) {
    this.execution = execution;
    this.before = Parts.status(execution);
    this.now = now;
  }

  /** The run cannot begin, or cannot go on. */
  public PreheatExecutionStatus held(
      Phase phase, Reason reason, String message, boolean needsPerson) {
    return PreheatExecutionStatusBuilder.builder(before)
        .observedGeneration(execution.getMetadata().getGeneration())
        .phase(phase)
        .startTime(
            before.startTime() != null || phase == Phase.PENDING ? before.startTime() : seconds())
        .completionTime(null)
        .message(message)
        .remaining(null)
        .conditions(open(reason, message, needsPerson).list())
        .build();
  }

  /**
   * The run is being planned.
   *
   * @param settings by which it goes from now on
   * @param parts made so far; 0: none, and maybe none are needed
   */
  public PreheatExecutionStatus planning(RunSettings settings, int parts) {
    String message =
        parts == 0
            ? "Harbor is asked what there is to do"
            : "Harbor is asked what there is to do; " + parts + " parts so far";
    return PreheatExecutionStatusBuilder.builder(
            held(Phase.PLANNING, Reason.PLANNING, message, false))
        .tasks(null)
        .parts(
            parts == 0
                ? before.parts()
                : new PreheatExecutionStatus.Parts(false, parts, 0, 0, 0, null))
        .settings(settings)
        .build();
  }

  /** The run failed as a whole. */
  public PreheatExecutionStatus failed(Reason reason, String message) {
    return over(
        new Body(
            before.taskList(),
            null,
            before.parts(),
            TaskCounts.of(before.taskList()),
            TaskCounts.byProvider(before.taskList()),
            before.skipped(),
            before.settings(),
            artifacts(),
            missing()),
        new Verdict(Phase.FAILED, reason, message));
  }

  /** The run was called off before it was planned. */
  public PreheatExecutionStatus cancelledUnplanned() {
    return over(
        new Body(
            List.of(),
            null,
            before.parts(),
            TaskCounts.NONE,
            Map.of(),
            null,
            before.settings(),
            0,
            0),
        new Verdict(Phase.CANCELLED, Reason.CANCELLED, "spec.cancel was set"));
  }

  /** A status over these tasks, of a run planned just now. */
  public PreheatExecutionStatus planned(Plan plan, List<TaskStatus> tasks, RunSettings settings) {
    return over(tasks, plan.skipped(), plan.artifacts(), plan.missing(), settings);
  }

  /** A status over these tasks, of a run planned before. */
  public PreheatExecutionStatus of(List<TaskStatus> tasks) {
    return over(tasks, before.skipped(), artifacts(), missing(), before.settings());
  }

  /**
   * The same.
   *
   * @param settings are noted when an older operator, which noted none, planned the run
   */
  public PreheatExecutionStatus of(List<TaskStatus> tasks, RunSettings settings) {
    return over(
        tasks,
        before.skipped(),
        artifacts(),
        missing(),
        before.settings() == null ? settings : before.settings());
  }

  private PreheatExecutionStatus over(
      List<TaskStatus> tasks,
      @Nullable List<SkippedReason> skipped,
      int artifacts,
      int missing,
      @Nullable RunSettings settings) {
    TaskCounts tally = TaskCounts.of(tasks);
    Body body =
        new Body(
            tasks,
            EtaEstimator.ofTasks(tasks),
            null,
            tally,
            TaskCounts.byProvider(tasks),
            skipped,
            settings,
            artifacts,
            missing);
    if (tally.running() + tally.waiting() > 0) {
      return under(body, whatTasksWaitFor(tasks, tally));
    }
    return over(
        body, Verdict.of(execution.getSpec(), tally, missing, body.skipped(), failure(tasks)));
  }

  private static Waiting whatTasksWaitFor(List<TaskStatus> tasks, TaskCounts tally) {
    List<TaskStatus> open = tasks.stream().filter(task -> !task.state().terminal()).toList();
    boolean stalled =
        open.stream()
            .allMatch(task -> task.reason() != null && FOR_A_PERSON.contains(task.reason()));
    for (TaskStatus task : open) {
      boolean tells = task.state() == TaskState.WAITING ? tally.running() == 0 : stalled;
      if (task.reason() != null && (tells || stalled)) {
        return new Waiting(
            task.reason(),
            "Waiting: " + (task.message() == null ? task.reason().meaning() : task.message()),
            stalled);
      }
    }
    return Waiting.NOT;
  }

  private static @Nullable String failure(List<TaskStatus> tasks) {
    return tasks.stream()
        .filter(task -> task.state() == TaskState.FAILED)
        .findFirst()
        .map(task ->
            task.artifact()
                + (task.accessory() == null ? "" : " (" + task.accessory() + ")")
                + " on "
                + task.provider()
                + ": "
                + task.message())
        .orElse(null);
  }

  /** A status over the parts of a run that was split just now. */
  public PreheatExecutionStatus split(
      Plan plan, List<PreheatExecution> parts, RunSettings settings) {
    return ofParts(parts, plan.artifacts(), plan.skipped(), plan.missing(), settings);
  }

  /** A status over the parts of a run that was split before. */
  public PreheatExecutionStatus ofParts(List<PreheatExecution> parts) {
    int artifacts = before.parts() == null ? artifacts() : before.parts().artifacts();
    int missing = before.parts() == null ? 0 : before.parts().missing();
    List<SkippedReason> own = before.parts() == null ? null : before.parts().skipped();
    return ofParts(parts, artifacts, own == null ? List.of() : own, missing, before.settings());
  }

  private PreheatExecutionStatus ofParts(
      List<PreheatExecution> parts,
      int artifacts,
      List<SkippedReason> ownSkips,
      int ownMissing,
      @Nullable RunSettings settings) {
    int missing =
        ownMissing
            + parts.stream()
                .map(part -> Parts.status(part).summary())
                .mapToInt(summary -> summary == null ? 0 : summary.missing())
                .sum();
    Map<String, TaskCounts> byProvider = TaskCounts.ofParts(parts);
    TaskCounts tally = TaskCounts.sum(byProvider);
    int ended = (int) parts.stream().filter(Parts::ended).count();
    Body body =
        new Body(
            null,
            EtaEstimator.ofParts(parts),
            new PreheatExecutionStatus.Parts(
                true,
                parts.size(),
                ended,
                artifacts,
                ownMissing,
                ownSkips.isEmpty() ? null : ownSkips),
            tally,
            byProvider,
            Skips.merged(ownSkips, parts),
            settings,
            artifacts,
            missing);
    if (ended < parts.size()) {
      return under(body, whatPartsWaitFor(parts, tally));
    }
    return over(
        body, Verdict.of(execution.getSpec(), tally, missing, body.skipped(), partFailure(parts)));
  }

  private static Waiting whatPartsWaitFor(List<PreheatExecution> parts, TaskCounts tally) {
    if (tally.running() > 0) {
      return Waiting.NOT;
    }
    List<PreheatExecution> begun =
        parts.stream()
            .filter(part -> !Parts.ended(part) && Parts.status(part).tasks() != null)
            .toList();
    boolean stalled =
        !begun.isEmpty()
            && begun.stream()
                .allMatch(part -> Conditions.isTrue(Parts.status(part).conditions(), "Stalled"));
    return begun.stream()
        .findFirst()
        .flatMap(part -> Conditions.find(Parts.status(part).conditions(), "Ready"))
        .map(ready -> new Waiting(Reason.of(ready.getReason()), ready.getMessage(), stalled))
        .orElse(Waiting.NOT);
  }

  private static @Nullable String partFailure(List<PreheatExecution> parts) {
    return parts.stream()
        .filter(part -> Parts.ended(part) && Parts.status(part).effectivePhase() != Phase.SUCCEEDED)
        .findFirst()
        .map(part -> "part " + Parts.number(part) + ": " + Parts.status(part).message())
        .orElse(null);
  }

  /** What the run waits for when nothing of it is under way. */
  private record Waiting(Reason reason, String message, boolean needsPerson) {
    static final Waiting NOT = new Waiting(Reason.PROGRESSING, "in progress", false);
  }

  /** What a status is made of. */
  private record Body(
      @Nullable List<TaskStatus> tasks,
      @Nullable List<EtaEstimator.Item> estimator,
      PreheatExecutionStatus.@Nullable Parts parts,
      TaskCounts tally,
      Map<String, TaskCounts> byProvider,
      @Nullable List<SkippedReason> skipped,
      @Nullable RunSettings settings,
      int artifacts,
      int missing) {}

  private PreheatExecutionStatus under(Body body, Waiting waiting) {
    Conditions conditions = open(waiting.reason(), waiting.message(), waiting.needsPerson());
    String remaining =
        body.estimator() == null || body.tally().running() == 0
            ? null
            : EtaEstimator.remaining(body.estimator(), before.startTime(), now);
    return status(Phase.RUNNING, null, waiting.message(), remaining, body, conditions);
  }

  private PreheatExecutionStatus over(Body body, Verdict verdict) {
    boolean good = verdict.phase() == Phase.SUCCEEDED;
    Conditions conditions = conditions();
    conditions.set("Ready", good, verdict.reason(), verdict.message());
    conditions.set("Reconciling", false, verdict.reason(), verdict.message());
    conditions.set("Stalled", !good, verdict.reason(), verdict.message());
    conditions.set("Complete", good, verdict.reason(), verdict.message());
    conditions.set("Failed", !good, verdict.reason(), verdict.message());
    return status(verdict.phase(), seconds(), verdict.message(), null, body, conditions);
  }

  private PreheatExecutionStatus status(
      Phase phase,
      @Nullable Instant completion,
      String message,
      @Nullable String remaining,
      Body body,
      Conditions conditions) {
    TaskCounts tally = body.tally();
    List<SkippedReason> skipped = body.skipped();
    int left = skipped == null ? 0 : skipped.stream().mapToInt(SkippedReason::count).sum();
    Summary summary = tally.summary(body.artifacts(), left, body.missing());
    return PreheatExecutionStatusBuilder.builder()
        .observedGeneration(execution.getMetadata().getGeneration())
        .phase(phase)
        .startTime(before.startTime() == null ? seconds() : before.startTime())
        .completionTime(completion)
        .message(message)
        .progress(tally.finished() + "/" + tally.tasks())
        .warm(tally.tasks() == 0 ? null : summary.warmPercent() + "%")
        .remaining(remaining)
        .summary(summary)
        .providers(TaskCounts.progress(body.byProvider()))
        .tasks(body.tasks())
        .parts(body.parts())
        .skipped(skipped == null || skipped.isEmpty() ? null : skipped)
        .settings(body.settings())
        .retry(before.retry())
        .conditions(conditions.list())
        .build();
  }

  private Conditions open(Reason reason, String message, boolean needsPerson) {
    Conditions conditions = conditions();
    conditions.set("Ready", false, reason, message);
    conditions.set("Reconciling", !needsPerson, reason, message);
    conditions.set("Stalled", needsPerson, reason, message);
    conditions.set("Complete", false, reason, message);
    conditions.set("Failed", false, reason, message);
    return conditions;
  }

  private int missing() {
    return before.summary() == null ? 0 : before.summary().missing();
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
}
