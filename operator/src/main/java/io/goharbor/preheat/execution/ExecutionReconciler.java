package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.Retry;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.Planner;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.supervision.Supervisor;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one execution: resolve what it refers to, plan once, then fold news into its tasks, admit
 * those that may start, write, and only then send. One that was split follows its parts instead.
 */
@ControllerConfiguration(
    name = "preheatexecution",
    fieldManager = "harbor-preheat-operator",
    generationAwareEventProcessing = false,
    informer =
        @Informer(onAddFilter = ExecutionAdds.class, onUpdateFilter = ExecutionUpdates.class),
    // Whatever is not finished says when to look again.
    maxReconciliationInterval = @MaxReconciliationInterval(interval = -1),
    triggerReconcilerOnAllEvents = true)
public final class ExecutionReconciler implements Reconciler<PreheatExecution> {
  /** Index of executions by the policy that they name, as namespace/name. */
  public static final String BY_POLICY = "policy";

  private static final Logger log = LoggerFactory.getLogger(ExecutionReconciler.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
  private static final Duration AFTER_CONFLICT = Duration.ofMillis(200);

  /** What a plan depends on; what it was when the plan was made counts to its end. */
  private record PlanInput(
      String uid,
      ObjectKey registry,
      HarborRegistrySpec harbor,
      List<ObjectKey> providers,
      RunSettings settings) {
    static PlanInput of(PreheatExecution execution, Run run) {
      return new PlanInput(
          execution.getMetadata().getUid(),
          run.registry(),
          run.harbor(),
          run.providers(),
          run.settings());
    }
  }

  private final RunResolver resolver;
  private final RunLimit limit;
  private final PlanWriter planning;
  private final RemoteWork<PlanWriter.Outcome> plans;
  private final TaskDriver driver;
  private final Inbox inbox;
  private final TaskCycle steps;
  private final Wakeups wakeups;
  private final EventRecorder events;
  private final ExecutionMetrics metrics;
  private final ResourceStore<PreheatExecution> executions;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final StatusWriter writer;
  private final FailedReconciles failures;
  private final Retries retries;
  private final Supervisor supervisor;

  /** Wires the reconciler. */
  public ExecutionReconciler(
      ExecutionStores stores,
      TaskOrders orders,
      Engine engine,
      Wakeups wakeups,
      EventRecorder events,
      StatusPatches statuses,
      FailedReconciles failures,
      ExecutionMetrics metrics,
      ExecutionLimits limits,
      InstantSource clock,
      RandomGenerator random,
      Supervisor supervisor) {
    this.executions = stores.executions();
    this.limit = new RunLimit(limits.runsOfNamespace(), executions, wakeups);
    this.resolver =
        new RunResolver(
            stores.policies(),
            stores.registries(),
            stores.providers(),
            executions,
            stores.namespaces(),
            limit,
            limits.registriesOfNamespace());
    this.plans = new RemoteWork<>("plan", limits.remote(), wakeups::wake);
    this.writer = new StatusWriter(events, statuses, clock);
    this.failures = failures;
    this.planning = new PlanWriter(new Planner(orders.manifests()), orders, executions, writer);
    this.driver = new TaskDriver(engine, resolver.providers(), resolver::source, wakeups);
    this.inbox = orders.inbox();
    this.steps = new TaskCycle(driver, inbox, metrics);
    this.wakeups = wakeups;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.random = random;
    this.retries = new Retries(events);
    this.supervisor = supervisor;
  }

  @Override
  public List<EventSource<?, PreheatExecution>> prepareEventSources(
      EventSourceContext<PreheatExecution> context) {
    executions.connect(
        context.getPrimaryCache(),
        Map.of(
            BY_POLICY,
            ExecutionReconciler::policy,
            Parts.BY_WHOLE,
            ExecutionReconciler::whole,
            RunLimit.UNFINISHED,
            RunLimit::unfinished));
    SimpleInboundEventSource<PreheatExecution> woken = new SimpleInboundEventSource<>("wakeups");
    wakeups.wakeExecutionsBy(
        key -> woken.propagateEvent(new ResourceID(key.name(), key.namespace())));
    return List.of(woken, new ExpirySource(executions, clock, supervisor));
  }

  private static List<String> policy(PreheatExecution execution) {
    return execution.getSpec().policyRef() == null
        ? List.of()
        : List.of(
            execution.getMetadata().getNamespace() + "/" + execution.getSpec().policyRef().name());
  }

  private static List<String> whole(PreheatExecution execution) {
    return execution.getSpec().partOf() == null
        ? List.of()
        : List.of(
            execution.getMetadata().getNamespace() + "/" + execution.getSpec().partOf().name());
  }

  @Override
  public UpdateControl<PreheatExecution> reconcile(
      PreheatExecution execution, Context<PreheatExecution> context) {
    try {
      return advance(execution, context);
    } catch (StatusWriter.RefusedException refused) {
      endedByRefusal(execution);
      return UpdateControl.noUpdate();
    }
  }

  @Override
  public ErrorStatusUpdateControl<PreheatExecution> updateErrorStatus(
      PreheatExecution execution, Context<PreheatExecution> context, Exception failure) {
    PreheatExecutionStatus before = Parts.status(execution);
    if (before.effectivePhase().terminal()) {
      // What came of the run is in its conditions.
      events.warning(execution, Reason.INTERNAL_ERROR, FailedReconciles.sentence(failure));
      return ErrorStatusUpdateControl.<PreheatExecution>noStatusUpdate()
          .rescheduleAfter(failures.pause(execution, failure));
    }
    return failures.tell(
        execution,
        failure,
        PreheatExecution::new,
        // It holds the tasks, of which newer ones may be stored.
        true,
        why ->
            new Report(execution, clock.instant())
                .held(
                    before.phase() == null ? Phase.PENDING : before.phase(),
                    Reason.INTERNAL_ERROR,
                    why,
                    false),
        context);
  }

  /** It has ended with that; its slots are for others. */
  private void endedByRefusal(PreheatExecution execution) {
    wakeWhole(execution);
    wakePolicy(execution);
    forget(ObjectKey.of(execution));
    limit.ended(execution.getMetadata().getNamespace());
  }

  private UpdateControl<PreheatExecution> advance(
      PreheatExecution execution, Context<PreheatExecution> context) {
    ObjectKey key = ObjectKey.of(execution);
    Instant now = clock.instant();
    PreheatExecutionStatus before = Parts.status(execution);
    if (context.isPrimaryResourceDeleted() || execution.isMarkedForDeletion()) {
      forget(key);
      limit.ended(key.namespace());
      wakeups.changed(new Wakeups.Subject("PreheatExecution", key));
      wakeWhole(execution);
      wakePolicy(execution);
      return UpdateControl.noUpdate();
    }
    if (before.phase() == null) {
      wakePolicy(execution);
    }
    if (before.effectivePhase().terminal()) {
      driver.drop(key);
      return atRest(execution, before, now, context);
    }
    if (plans.underWay(key)) {
      // Which writes the status meanwhile. It wakes the execution when it ends.
      return UpdateControl.noUpdate();
    }
    Duration pause = writer.pause(key);
    if (pause.isPositive()) {
      driver.hold(execution, resolver.group(execution));
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(pause);
    }
    Report report = new Report(execution, now);
    return switch (resolver.resolve(execution, now)) {
      case Resolution.Blocked blocked -> blocked(execution, before, blocked, report, now, context);
      case Resolution.Ready ready -> drive(execution, before, ready.run(), report, now, context);
    };
  }

  private UpdateControl<PreheatExecution> blocked(
      PreheatExecution execution,
      PreheatExecutionStatus before,
      Resolution.Blocked blocked,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    if (before.parts() == null && execution.getSpec().cancelled()) {
      return end(execution, calledOff(report, before, now), context);
    }
    RunSettings settings = before.settings();
    Duration deadline = settings != null ? settings.deadline() : own(execution);
    if (before.parts() == null && passed(execution, deadline, before.startTime(), now)) {
      return end(execution, tooLate(report, before, deadline, now), context);
    }
    driver.hold(execution, resolver.group(execution));
    blocked.waitFor().forEach(subject -> wakeups.await(subject, ObjectKey.of(execution)));
    Phase phase = before.phase() == null ? Phase.PENDING : before.phase();
    return writeAndLookAgain(
        execution,
        report.held(phase, blocked.reason(), blocked.message(), blocked.needsPerson()),
        blocked.reason() == Reason.NAMESPACE_LIMIT
            ? limit.pause(execution.getMetadata().getNamespace())
            : LOOK_AGAIN,
        context);
  }

  /** Nothing may wake it for a long time, so what was not written is to be written soon. */
  private UpdateControl<PreheatExecution> writeAndLookAgain(
      PreheatExecution execution,
      PreheatExecutionStatus after,
      Duration next,
      Context<PreheatExecution> context) {
    boolean written = writer.write(execution, after, context).isPresent();
    return UpdateControl.<PreheatExecution>noUpdate()
        .rescheduleAfter(written ? next : AFTER_CONFLICT);
  }

  private UpdateControl<PreheatExecution> drive(
      PreheatExecution execution,
      PreheatExecutionStatus before,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    if (before.tasks() != null) {
      return step(execution, before.tasks(), null, run, report, now, context);
    }
    boolean cancelled = run.control().cancelled();
    boolean late = passed(execution, run.activeDeadline(), run.control().since(), now);
    if (before.parts() != null && (before.parts().complete() || cancelled || late)) {
      return follow(execution, report, context);
    }
    if (cancelled) {
      return end(execution, calledOff(report, before, now), context);
    }
    if (late) {
      return end(execution, tooLate(report, before, run.activeDeadline(), now), context);
    }
    ObjectKey key = ObjectKey.of(execution);
    return switch (plans.ask(
        key,
        PlanInput.of(execution, run),
        () -> {
          try {
            return planning.plan(execution, run, report, now, context);
          } catch (StatusWriter.RefusedException refused) {
            endedByRefusal(execution);
            return new PlanWriter.Outcome.Again(LOOK_AGAIN);
          }
        })) {
      case RemoteWork.State.Done<PlanWriter.Outcome> done ->
          planned(execution, done.result(), run, report, now, context);
      case RemoteWork.State.UnderWay<PlanWriter.Outcome> wait -> UpdateControl.noUpdate();
      case RemoteWork.State.Queued<PlanWriter.Outcome> wait ->
          writeAndLookAgain(
              execution,
              report.held(
                  before.phase() == null ? Phase.PENDING : before.phase(),
                  Reason.WAITING_FOR_NAMESPACE,
                  Reason.WAITING_FOR_NAMESPACE.meaning(),
                  false),
              // Its turn wakes it; a deadline does not.
              TaskDriver.lookAgainAmong(plans.size()),
              context);
    };
  }

  private UpdateControl<PreheatExecution> planned(
      PreheatExecution execution,
      PlanWriter.Outcome outcome,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    return switch (outcome) {
      case PlanWriter.Outcome.Again again ->
          UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(again.pause());
      case PlanWriter.Outcome.Failed failed ->
          end(execution, report.failed(failed.reason(), failed.message()), context);
      case PlanWriter.Outcome.Split split -> {
        boolean written = writer.write(split.execution(), split.status(), context).isPresent();
        if (written) {
          metrics.planned(execution, split.status());
        }
        wakeParts(execution, false);
        yield UpdateControl.<PreheatExecution>noUpdate()
            .rescheduleAfter(written ? LOOK_AGAIN : AFTER_CONFLICT);
      }
      case PlanWriter.Outcome.Tasks tasks ->
          step(execution, tasks.plan().tasks(), tasks.plan(), run, report, now, context);
    };
  }

  private UpdateControl<PreheatExecution> step(
      PreheatExecution execution,
      List<TaskStatus> tasks,
      @Nullable Plan plan,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    TaskCycle.Taken taken =
        steps.take(
            execution,
            tasks,
            plan,
            run,
            new TaskStateMachine(
                run.operation(), run.verification(), run.settings().backoffLimit(), random),
            report,
            now,
            status -> writer.write(execution, kept(execution, status), context).isPresent());
    PreheatExecutionStatus after = taken.status();
    if (after == null) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(taken.next());
    }
    wakeWhole(execution);
    if (after.effectivePhase().terminal()) {
      return ended(execution, after);
    }
    return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(taken.next());
  }

  /**
   * Of a part that ended, the tasks that a person may want to look at: thousands of parts with all
   * their tasks would fill etcd. Its counts stay.
   */
  private static PreheatExecutionStatus kept(
      PreheatExecution execution, PreheatExecutionStatus status) {
    return execution.getSpec().partOf() == null || !status.effectivePhase().terminal()
        ? status
        : status.withTasks(
            status.taskList().stream()
                .filter(task -> task.state() != TaskState.SUCCEEDED)
                .toList());
  }

  /** Follows the parts of a run that was split. */
  private UpdateControl<PreheatExecution> follow(
      PreheatExecution execution, Report report, Context<PreheatExecution> context) {
    PreheatExecutionStatus after = report.ofParts(planning.parts(execution));
    boolean controlChanged =
        !execution
            .getMetadata()
            .getGeneration()
            .equals(Parts.status(execution).observedGeneration());
    if (writer.write(execution, after, context).isEmpty()) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(AFTER_CONFLICT);
    }
    wakeWhole(execution);
    if (after.effectivePhase().terminal()) {
      return ended(execution, after);
    }
    wakeParts(execution, controlChanged);
    return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(LOOK_AGAIN);
  }

  private void wakeParts(PreheatExecution execution, boolean all) {
    List<PreheatExecution> parts = planning.parts(execution);
    (all ? parts.stream().filter(part -> !Parts.ended(part)).toList() : Parts.due(parts))
        .forEach(part -> wakeups.wake(ObjectKey.of(part)));
  }

  private void wakeWhole(PreheatExecution execution) {
    if (execution.getSpec().partOf() != null) {
      wakeups.wake(
          new ObjectKey(
              execution.getMetadata().getNamespace(), execution.getSpec().partOf().name()));
    }
  }

  /** The policy tells which of its executions are under way, and what they made warm. */
  private void wakePolicy(PreheatExecution execution) {
    if (execution.getSpec().policyRef() != null) {
      wakeups.wakePolicy(
          new ObjectKey(
              execution.getMetadata().getNamespace(), execution.getSpec().policyRef().name()));
    }
  }

  private UpdateControl<PreheatExecution> atRest(
      PreheatExecution execution,
      PreheatExecutionStatus status,
      Instant now,
      Context<PreheatExecution> context) {
    Optional<Retry> retry = retries.asked(execution, context.getClient());
    if (retry.isPresent()
        && writer.write(execution, status.withRetry(retry.get()), context).isEmpty()) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(AFTER_CONFLICT);
    }
    Instant expires = ExpirySource.expires(execution);
    if (expires == null) {
      return UpdateControl.noUpdate();
    }
    if (expires.isAfter(now)) {
      return UpdateControl.<PreheatExecution>noUpdate()
          .rescheduleAfter(Duration.between(now, expires));
    }
    log.atInfo()
        .addKeyValue("execution", ObjectKey.of(execution))
        .log("Deleted after ttlAfterFinished");
    context.getClient().resource(execution).delete();
    return UpdateControl.noUpdate();
  }

  private UpdateControl<PreheatExecution> end(
      PreheatExecution execution, PreheatExecutionStatus after, Context<PreheatExecution> context) {
    if (writer.write(execution, after, context).isEmpty()) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(AFTER_CONFLICT);
    }
    wakeWhole(execution);
    return ended(execution, after);
  }

  private UpdateControl<PreheatExecution> ended(
      PreheatExecution execution, PreheatExecutionStatus after) {
    ObjectKey key = ObjectKey.of(execution);
    Reason reason =
        Conditions.find(after.conditions(), "Ready")
            .map(ready -> Reason.of(ready.getReason()))
            .orElse(Reason.SUCCEEDED);
    String message = String.valueOf(after.message());
    log.atInfo()
        .addKeyValue("execution", key)
        .addKeyValue("policy", TaskLog.policy(execution))
        .addKeyValue("phase", after.effectivePhase())
        .addKeyValue("reason", reason)
        .log("Ended: {}", message);
    forget(key);
    limit.ended(key.namespace());
    wakeups.changed(new Wakeups.Subject("PreheatExecution", key));
    if (execution.getSpec().partOf() == null) {
      if (after.effectivePhase() == Phase.SUCCEEDED) {
        events.normal(execution, reason, message);
      } else {
        events.warning(execution, reason, message);
      }
      metrics.executionEnded(execution, after, clock.instant());
    }
    wakePolicy(execution);
    Duration ttl = after.settings() == null ? null : after.settings().timeToLive();
    return ttl == null
        ? UpdateControl.noUpdate()
        : UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(ttl);
  }

  private void forget(ObjectKey key) {
    driver.drop(key);
    plans.forget(key, () -> {});
    inbox.forget(key);
  }

  private static @Nullable Duration own(PreheatExecution execution) {
    String deadline = execution.getSpec().activeDeadline();
    return deadline == null ? null : io.goharbor.preheat.api.DurationText.parse(deadline);
  }

  /** Before planning a deadline counts from the creation: nothing else has begun yet. */
  private static boolean passed(
      PreheatExecution execution,
      @Nullable Duration deadline,
      @Nullable Instant since,
      Instant now) {
    Instant start =
        since != null ? since : Instant.parse(execution.getMetadata().getCreationTimestamp());
    return deadline != null && start.plus(deadline).isBefore(now);
  }

  private PreheatExecutionStatus tooLate(
      Report report, PreheatExecutionStatus before, @Nullable Duration deadline, Instant now) {
    if (before.taskList().isEmpty()) {
      return report.failed(
          Reason.DEADLINE_EXCEEDED,
          "activeDeadline passed before the run was planned"
              + (before.message() == null ? "" : ": " + before.message()));
    }
    return report.of(
        all(
            before,
            TaskState.FAILED,
            Reason.DEADLINE_EXCEEDED,
            "activeDeadline " + deadline + " passed",
            now));
  }

  private PreheatExecutionStatus calledOff(
      Report report, PreheatExecutionStatus before, Instant now) {
    return before.taskList().isEmpty()
        ? report.cancelledUnplanned()
        : report.of(
            all(before, TaskState.CANCELLED, Reason.CANCELLED, Reason.CANCELLED.meaning(), now));
  }

  private List<TaskStatus> all(
      PreheatExecutionStatus before, TaskState state, Reason reason, String message, Instant now) {
    TaskStateMachine machine = TaskStateMachine.ofNoRun(random);
    return before.taskList().stream()
        .map(task -> machine.end(task, state, reason, message, now))
        .toList();
  }
}
