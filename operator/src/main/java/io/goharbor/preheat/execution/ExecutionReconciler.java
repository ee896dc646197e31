package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.provider.Lanes;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
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
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one execution: resolve what it refers to, plan once, then fold news into its tasks, admit
 * those that may start, write, and only then send.
 */
@ControllerConfiguration(
    name = "preheatexecution",
    fieldManager = "harbor-preheat-operator",
    triggerReconcilerOnAllEvents = true)
public final class ExecutionReconciler implements Reconciler<PreheatExecution> {
  /** Index of executions by the policy that they name, as namespace/name. */
  public static final String BY_POLICY = "policy";

  private static final Logger log = LoggerFactory.getLogger(ExecutionReconciler.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
  private static final Duration PLAN_AGAIN = Duration.ofSeconds(10);
  private static final Duration AFTER_CONFLICT = Duration.ofMillis(200);
  private static final int MAX_TASKS = 1000;

  private final RunResolver resolver;
  private final Planner planner;
  private final Orders orders;
  private final TaskDriver driver;
  private final Inbox inbox = new Inbox();
  private final Steps steps;
  private final Lanes lanes;
  private final Wakeups wakeups;
  private final EventRecorder events;
  private final ExecutionMetrics metrics;
  private final ResourceStore<PreheatExecution> executions;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** Wires the reconciler. */
  public ExecutionReconciler(
      RunResolver resolver,
      io.goharbor.preheat.harbor.HarborClients harbors,
      Lanes lanes,
      Wakeups wakeups,
      EventRecorder events,
      ExecutionMetrics metrics,
      ResourceStore<PreheatExecution> executions,
      InstantSource clock,
      RandomGenerator random) {
    Manifests manifests = new Manifests();
    this.resolver = resolver;
    this.planner = new Planner(manifests);
    this.orders = new Orders(harbors, manifests);
    this.driver = new TaskDriver(lanes, orders, inbox, wakeups);
    this.steps = new Steps(driver, inbox, metrics);
    this.lanes = lanes;
    this.wakeups = wakeups;
    this.events = events;
    this.metrics = metrics;
    this.executions = executions;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public List<EventSource<?, PreheatExecution>> prepareEventSources(
      EventSourceContext<PreheatExecution> context) {
    executions.connect(
        context.getPrimaryCache(),
        Map.of(
            BY_POLICY,
            execution ->
                execution.getSpec().policyRef() == null
                    ? List.of()
                    : List.of(
                        execution.getMetadata().getNamespace()
                            + "/"
                            + execution.getSpec().policyRef().name())));
    SimpleInboundEventSource<PreheatExecution> woken = new SimpleInboundEventSource<>("wakeups");
    wakeups.wakeExecutionsBy(
        key -> woken.propagateEvent(new ResourceID(key.name(), key.namespace())));
    return List.of(woken);
  }

  @Override
  public UpdateControl<PreheatExecution> reconcile(
      PreheatExecution execution, Context<PreheatExecution> context) {
    ObjectKey key = ObjectKey.of(execution);
    Instant now = clock.instant();
    PreheatExecutionStatus before =
        execution.getStatus() == null ? PreheatExecutionStatus.EMPTY : execution.getStatus();
    if (context.isPrimaryResourceDeleted() || execution.isMarkedForDeletion()) {
      forget(execution, key, before);
      return UpdateControl.noUpdate();
    }
    Resolution resolution = resolver.resolve(execution);
    if (before.effectivePhase().terminal()) {
      return atRest(execution, key, before, resolution, now, context);
    }
    Report report = new Report(execution, now);
    if (before.tasks() == null && deadlinePassed(execution, resolution, now)) {
      PreheatExecutionStatus after =
          report.failed(
              Reason.DEADLINE_EXCEEDED,
              "activeDeadline passed before the run was planned"
                  + (before.message() == null ? "" : ": " + before.message()));
      if (write(execution, after, context)) {
        ended(execution, key, after);
        return UpdateControl.noUpdate();
      }
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(AFTER_CONFLICT);
    }
    return switch (resolution) {
      case Resolution.Blocked blocked when execution.getSpec().cancelled() -> {
        log.atDebug().log("Cancelled while blocked: {}", blocked.message());
        write(execution, cancelled(report, before, now), context);
        yield UpdateControl.noUpdate();
      }
      case Resolution.Blocked blocked -> {
        blocked.waitFor().forEach(subject -> wakeups.await(subject, key));
        Phase phase = before.phase() == null ? Phase.PENDING : before.phase();
        write(execution, report.held(phase, blocked.reason(), blocked.message(), true), context);
        yield UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(LOOK_AGAIN);
      }
      case Resolution.Ready ready ->
          drive(execution, key, before, ready.run(), report, now, context);
    };
  }

  /** Before planning the deadline counts from the creation: nothing else has begun yet. */
  private static boolean deadlinePassed(
      PreheatExecution execution, Resolution resolution, Instant now) {
    Duration deadline =
        execution.getSpec().activeDeadline() != null
            ? io.goharbor.preheat.api.DurationText.parse(execution.getSpec().activeDeadline())
            : resolution instanceof Resolution.Ready ready ? ready.run().activeDeadline() : null;
    return deadline != null
        && Instant.parse(execution.getMetadata().getCreationTimestamp())
            .plus(deadline)
            .isBefore(now);
  }

  private UpdateControl<PreheatExecution> drive(
      PreheatExecution execution,
      ObjectKey key,
      PreheatExecutionStatus before,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    if (before.tasks() != null) {
      return step(execution, key, before.tasks(), null, run, report, now, context);
    }
    if (execution.getSpec().cancelled()) {
      write(execution, cancelled(report, before, now), context);
      return UpdateControl.noUpdate();
    }
    Plan plan;
    try {
      plan = planner.plan(run, execution.getSpec(), orders.harbor(run), now);
    } catch (RemoteCallException e) {
      boolean forGood = e.failureClass() == FailureClass.PERMANENT;
      write(
          execution,
          report.held(
              Phase.PLANNING, e.reason(), "Harbor cannot be asked: " + e.describe(), forGood),
          context);
      return UpdateControl.<PreheatExecution>noUpdate()
          .rescheduleAfter(e.retryAfter().orElse(forGood ? LOOK_AGAIN : PLAN_AGAIN));
    }
    if (plan.tasks().size() > MAX_TASKS) {
      write(
          execution,
          report.failed(
              Reason.INVALID_SPEC,
              "the run has "
                  + plan.tasks().size()
                  + " tasks, at most "
                  + MAX_TASKS
                  + " are possible; narrow the selector or use several policies"),
          context);
      return UpdateControl.noUpdate();
    }
    log.atInfo()
        .addKeyValue("execution", key)
        .addKeyValue("artifacts", plan.artifacts())
        .addKeyValue("tasks", plan.tasks().size())
        .addKeyValue("skipped", plan.skipped().size())
        .log("Planned");
    return step(execution, key, plan.tasks(), plan, run, report, now, context);
  }

  private UpdateControl<PreheatExecution> step(
      PreheatExecution execution,
      ObjectKey key,
      List<TaskStatus> tasks,
      @org.jspecify.annotations.Nullable Plan plan,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    Steps.Taken taken =
        steps.take(
            execution,
            tasks,
            plan,
            run,
            new TaskMachine(run.operation(), run.verification(), run.backoffLimit(), random),
            report,
            now,
            status -> write(execution, status, context));
    PreheatExecutionStatus after = taken.status();
    if (after == null) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(taken.next());
    }
    if (after.effectivePhase().terminal()) {
      ended(execution, key, after);
      Duration ttl = run.ttlAfterFinished();
      return ttl == null
          ? UpdateControl.noUpdate()
          : UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(ttl);
    }
    return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(taken.next());
  }

  private UpdateControl<PreheatExecution> atRest(
      PreheatExecution execution,
      ObjectKey key,
      PreheatExecutionStatus status,
      Resolution resolution,
      Instant now,
      Context<PreheatExecution> context) {
    Duration ttl =
        execution.getSpec().ttlAfterFinished() != null
            ? io.goharbor.preheat.api.DurationText.parse(execution.getSpec().ttlAfterFinished())
            : resolution instanceof Resolution.Ready ready ? ready.run().ttlAfterFinished() : null;
    if (ttl == null || status.completionTime() == null) {
      return UpdateControl.noUpdate();
    }
    Duration left = Duration.between(now, status.completionTime().plus(ttl));
    if (left.isPositive()) {
      return UpdateControl.<PreheatExecution>noUpdate().rescheduleAfter(left);
    }
    log.atInfo().addKeyValue("execution", key).log("Deleted after ttlAfterFinished");
    context.getClient().resource(execution).delete();
    return UpdateControl.noUpdate();
  }

  private void ended(PreheatExecution execution, ObjectKey key, PreheatExecutionStatus after) {
    Reason reason =
        io.goharbor.preheat.kube.Conditions.find(after.conditions(), "Ready")
            .map(ready -> Reason.of(ready.getReason()))
            .orElse(Reason.SUCCEEDED);
    String message = String.valueOf(after.message());
    log.atInfo()
        .addKeyValue("execution", key)
        .addKeyValue("phase", after.effectivePhase())
        .addKeyValue("reason", reason)
        .log("Ended: {}", message);
    if (after.effectivePhase() == Phase.SUCCEEDED) {
      events.normal(execution, reason, message);
    } else {
      events.warning(execution, reason, message);
    }
    metrics.executionEnded(execution, after, clock.instant());
    lanes.forget(key);
    inbox.forget(key);
    driver.forget(key);
    if (execution.getSpec().policyRef() != null) {
      // The policy counts what its executions made warm.
      wakeups.wakePolicy(new ObjectKey(key.namespace(), execution.getSpec().policyRef().name()));
    }
  }

  private void forget(PreheatExecution execution, ObjectKey key, PreheatExecutionStatus before) {
    driver.releaseAll(execution, before.taskList());
    lanes.forget(key);
    inbox.forget(key);
    driver.forget(key);
  }

  private static PreheatExecutionStatus cancelled(
      Report report, PreheatExecutionStatus before, Instant now) {
    if (before.tasks() == null || before.tasks().isEmpty()) {
      return report.cancelledUnplanned();
    }
    TaskMachine machine =
        new TaskMachine(
            Operation.PREHEAT,
            io.goharbor.preheat.api.Verification.DEFAULT,
            0,
            new java.util.Random(0));
    return report.of(
        before.tasks().stream()
            .map(task ->
                machine.end(
                    task, TaskState.CANCELLED, Reason.CANCELLED, Reason.CANCELLED.meaning(), now))
            .toList());
  }

  /** Writes the status when it differs; false when the object was changed meanwhile. */
  private boolean write(
      PreheatExecution execution, PreheatExecutionStatus after, Context<PreheatExecution> context) {
    PreheatExecutionStatus before = execution.getStatus();
    if (after.equals(before)) {
      return true;
    }
    PreheatExecution fresh = new PreheatExecution();
    // The version makes the write fail when another operator, or an older cache, is at work.
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(execution.getMetadata().getName())
            .withNamespace(execution.getMetadata().getNamespace())
            .withResourceVersion(execution.getMetadata().getResourceVersion())
            .build());
    fresh.setStatus(after);
    try {
      PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(execution, fresh, context);
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409 || e.getCode() == 404) {
        return false;
      }
      throw e;
    }
    Phase was = before == null ? null : before.phase();
    if (was != after.phase() && after.phase() != null && !after.phase().terminal()) {
      events.normal(
          execution,
          after.phase() == Phase.RUNNING ? Reason.PROGRESSING : Reason.PLANNING,
          after.phase() == Phase.RUNNING
              ? after.taskList().size() + " tasks"
              : String.valueOf(after.message()));
    }
    return true;
  }
}
