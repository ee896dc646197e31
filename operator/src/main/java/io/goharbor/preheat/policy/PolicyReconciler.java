package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.builder.PreheatPolicyStatusBuilder;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.execution.ExecutionSummary;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.supervision.Supervisor;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says whether a policy can be used, starts its schedule, keeps its history short. */
@ControllerConfiguration(
    name = "preheatpolicy",
    fieldManager = "harbor-preheat-operator",
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = PolicyUpdates.class),
    triggerReconcilerOnAllEvents = true)
@RateLimited(maxReconciliations = 2, within = 2)
public final class PolicyReconciler implements Reconciler<PreheatPolicy> {
  private static final Logger log = LoggerFactory.getLogger(PolicyReconciler.class);
  private static final int NAMED_ACTIVE = 20;
  private static final Duration AFTER_DENIAL = Duration.ofMinutes(1);

  private final PolicyCheck check;
  private final KubernetesClient client;
  private final ResourceStore<PreheatPolicy> policies;
  private final ResourceStore<PreheatExecution> executions;
  private final EventRecorder events;
  private final StatusPatches statuses;
  private final FailedReconciles failures;
  private final ScheduledStart schedules;
  private final Wakeups wakeups;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Alarm alarm;
  private final Supervisor supervisor;

  /** Wires the reconciler. */
  public PolicyReconciler(
      PolicyCheck check,
      KubernetesClient client,
      ExecutionCreation creation,
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<PreheatExecution> executions,
      EventRecorder events,
      StatusPatches statuses,
      FailedReconciles failures,
      Wakeups wakeups,
      InstantSource clock,
      RandomGenerator random,
      Supervisor supervisor) {
    this.check = check;
    this.client = client;
    this.policies = policies;
    this.executions = executions;
    this.events = events;
    this.statuses = statuses;
    this.failures = failures;
    this.schedules = new ScheduledStart(client, creation, events);
    this.wakeups = wakeups;
    this.clock = clock;
    this.random = random;
    this.alarm = new Alarm(clock);
    this.supervisor = supervisor;
  }

  @Override
  public List<EventSource<?, PreheatPolicy>> prepareEventSources(
      EventSourceContext<PreheatPolicy> context) {
    policies.connect(context.getPrimaryCache(), NamedByPolicies.INDEXES);
    SimpleInboundEventSource<PreheatPolicy> woken = new SimpleInboundEventSource<>("wakeups");
    wakeups.wakePoliciesBy(
        key -> woken.propagateEvent(new ResourceID(key.name(), key.namespace())));
    NamedByPolicies named = new NamedByPolicies(policies);
    return List.of(
        woken,
        new AlarmSource(alarm, supervisor),
        named.registries(context, check.registries()),
        named.providers(context, check.providers()));
  }

  @Override
  public UpdateControl<PreheatPolicy> reconcile(
      PreheatPolicy policy, Context<PreheatPolicy> context) {
    ObjectKey key = ObjectKey.of(policy);
    wakeups.changed(new Wakeups.Subject("PreheatPolicy", key));
    if (context.isPrimaryResourceDeleted() || policy.isMarkedForDeletion()) {
      alarm.forget(key);
      return UpdateControl.noUpdate();
    }
    Instant now = clock.instant();
    List<PreheatExecution> running = new ArrayList<>();
    List<ExecutionSummary> own = new ArrayList<>();
    for (PreheatExecution execution :
        executions.byIndex(ExecutionReconciler.BY_POLICY, key.toString())) {
      ExecutionSummary summary = ExecutionSummary.of(execution);
      own.add(summary);
      if (!summary.phase().terminal()) {
        running.add(execution);
      }
    }
    Optional<PolicyCheck.Trouble> trouble = check.check(policy);
    boolean unknown = awaitsProbe(policy);
    if (unknown && speaksOfThis(policy)) {
      // After a start: what was found out before stands until the providers have answered.
      return UpdateControl.<PreheatPolicy>noUpdate().rescheduleAfter(RequeuePolicy.WHILE_BUSY);
    }
    boolean mayStart =
        trouble.isEmpty()
            // What waits for a Harbor that is away may be planned already.
            || trouble.get().reason() == Reason.REGISTRY_NOT_READY;
    Optional<CronSchedule> schedule = mayStart ? schedule(policy.getSpec()) : Optional.empty();
    Instant acted = null;
    boolean denied = false;
    try {
      acted = schedule.map(cron -> schedules.startDue(policy, cron, running, now)).orElse(null);
    } catch (ScheduledStart.DeniedException e) {
      // The policy says so in a condition; all else of it goes on.
      denied = true;
    }
    List<ExecutionSummary> surplus = History.surplus(policy, own);
    List<ExecutionSummary> deletable = History.seenBySweep(surplus, swept(policy, now));
    deletable.forEach(execution -> delete(execution.key()));
    PreheatPolicyStatus before = policy.getStatus();
    PreheatPolicyStatus after =
        statuses.fit(key.namespace(), status(policy, trouble, schedule, own, acted, now));
    report(policy, before, trouble);
    schedule
        .flatMap(cron -> cron.next(now))
        .ifPresentOrElse(due -> alarm.set(key, due), () -> alarm.forget(key));
    Duration next =
        RequeuePolicy.after(
            trouble.map(PolicyCheck.Trouble::reason).orElse(null),
            !running.isEmpty(),
            unknown,
            check.dependsOnLabels(policy),
            surplus.size() > deletable.size(),
            random);
    if (denied && next.compareTo(AFTER_DENIAL) > 0) {
      next = AFTER_DENIAL;
    }
    if (before != null && after.equals(before.ofReconciler())) {
      return UpdateControl.<PreheatPolicy>noUpdate().rescheduleAfter(next);
    }
    // Woken at once by the execution that it made, it sees what it wrote: else the schedule would
    // be due again.
    StatusPatches.Outcome<PreheatPolicy> outcome =
        statuses.write(
            policy,
            PreheatPolicy::new,
            after,
            false,
            why -> List.of(refused(policy, after.lastScheduleTime(), why)),
            context);
    return UpdateControl.<PreheatPolicy>noUpdate().rescheduleAfter(outcome.next(next));
  }

  @Override
  public ErrorStatusUpdateControl<PreheatPolicy> updateErrorStatus(
      PreheatPolicy policy, Context<PreheatPolicy> context, Exception failure) {
    return failures.tell(
        policy, failure, PreheatPolicy::new, false, why -> failed(policy, why), context);
  }

  /** What is known of it stays, but for that it can be used. */
  private PreheatPolicyStatus failed(PreheatPolicy policy, String why) {
    PreheatPolicyStatus before = policy.getStatus();
    Long generation = policy.getMetadata().getGeneration();
    Conditions told =
        new Conditions(before == null ? null : before.conditions(), generation, clock.instant())
            .set("Ready", false, Reason.INTERNAL_ERROR, why);
    tellDenied(before, told);
    return (before == null
            ? PreheatPolicyStatusBuilder.builder()
            : PreheatPolicyStatusBuilder.builder(before.ofReconciler()))
        .observedGeneration(generation)
        .conditions(told.list())
        .build();
  }

  private PreheatPolicyStatus refused(PreheatPolicy policy, @Nullable Instant acted, String why) {
    PreheatPolicyStatus before = policy.getStatus();
    Long generation = policy.getMetadata().getGeneration();
    return PreheatPolicyStatusBuilder.builder()
        .observedGeneration(generation)
        .conditions(
            new Conditions(before == null ? null : before.conditions(), generation, clock.instant())
                .set("Ready", false, Reason.STATUS_REFUSED, why)
                .list())
        .lastScheduleTime(acted != null ? acted : before == null ? null : before.lastScheduleTime())
        .schedule(before == null ? null : before.schedule())
        .build();
  }

  /** What was created later the catch-up sweep still wants to see. */
  private Instant swept(PreheatPolicy policy, Instant now) {
    return check
        .registries()
        .find(
            new ObjectKey(policy.getMetadata().getNamespace(), policy.getSpec().harborRef().name()))
        .map(registry -> History.swept(registry.getStatus(), now))
        // Without a registry nothing is swept.
        .orElse(Instant.MAX);
  }

  /** Whether a provider was not probed yet; the policy is woken when it was. */
  private boolean awaitsProbe(PreheatPolicy policy) {
    List<ObjectKey> unprobed = check.unprobed(policy);
    unprobed.forEach(provider ->
        wakeups.awaitAsPolicy(new Wakeups.Subject("P2PProvider", provider), ObjectKey.of(policy)));
    return !unprobed.isEmpty();
  }

  private static boolean speaksOfThis(PreheatPolicy policy) {
    return policy.getStatus() != null
        && policy.getMetadata().getGeneration().equals(policy.getStatus().observedGeneration());
  }

  private static Optional<CronSchedule> schedule(PreheatPolicySpec spec) {
    return spec.triggers() == null || spec.triggers().schedule() == null
        ? Optional.empty()
        : Optional.of(new CronSchedule(spec.triggers().schedule()));
  }

  private void delete(ObjectKey execution) {
    NamedResources.of(
            client.resources(PreheatExecution.class), execution.namespace(), execution.name())
        .delete();
  }

  private PreheatPolicyStatus status(
      PreheatPolicy policy,
      Optional<PolicyCheck.Trouble> trouble,
      Optional<CronSchedule> schedule,
      List<ExecutionSummary> own,
      @Nullable Instant acted,
      Instant now) {
    PreheatPolicyStatus before = policy.getStatus();
    Long generation = policy.getMetadata().getGeneration();
    Conditions conditions =
        new Conditions(before == null ? null : before.conditions(), generation, now);
    conditions.set(
        "Ready",
        trouble.isEmpty(),
        trouble.map(PolicyCheck.Trouble::reason).orElse(Reason.READY),
        trouble.map(PolicyCheck.Trouble::message).orElseGet(() -> inForce(policy)));
    tellDenied(before, conditions);
    List<String> active =
        own.stream()
            .filter(execution -> !execution.phase().terminal())
            .map(execution -> execution.key().name())
            .sorted()
            .limit(NAMED_ACTIVE)
            .toList();
    Optional<ExecutionSummary> newest =
        own.stream()
            .max(
                Comparator.comparing(ExecutionSummary::created)
                    .thenComparing(execution -> execution.key().name()));
    Optional<Instant> lastEvent =
        own.stream()
            .filter(execution -> execution.trigger() == Trigger.EVENT)
            .map(ExecutionSummary::created)
            .max(Comparator.naturalOrder());
    long preheated =
        own.stream()
            .filter(execution -> execution.phase() == Phase.SUCCEEDED)
            .mapToLong(ExecutionSummary::artifacts)
            .sum();
    // The rest is others' to write, and stays as it is.
    return PreheatPolicyStatusBuilder.builder()
        .observedGeneration(generation)
        .conditions(conditions.list())
        .active(active.isEmpty() ? null : active)
        .lastExecution(
            newest
                .map(execution -> execution.key().name())
                .orElse(before == null ? null : before.lastExecution()))
        .lastScheduleTime(acted != null ? acted : before == null ? null : before.lastScheduleTime())
        .nextScheduleTime(schedule.flatMap(cron -> cron.next(now)).orElse(null))
        .schedule(ScheduleBaseline.inForce(policy, now).orElse(null))
        .lastEventTime(lastEvent.orElse(before == null ? null : before.lastEventTime()))
        .preheatedArtifacts(preheated)
        .build();
  }

  /** Only where it holds. */
  private static void tellDenied(@Nullable PreheatPolicyStatus before, Conditions conditions) {
    PreheatPolicyStatus.Denied denied = before == null ? null : before.denied();
    if (denied != null) {
      conditions.set("ExecutionsDenied", true, Reason.EXECUTION_DENIED, Denials.sentence(denied));
    }
  }

  private String inForce(PreheatPolicy policy) {
    return "The policy is in force"
        + check.capped(policy).map(note -> "; " + note).orElse("")
        + ".";
  }

  private void report(
      PreheatPolicy policy,
      @Nullable PreheatPolicyStatus before,
      Optional<PolicyCheck.Trouble> trouble) {
    String reasonBefore =
        before == null
            ? ""
            : Conditions.find(before.conditions(), "Ready")
                .map(ready -> String.valueOf(ready.getReason()))
                .orElse("");
    Reason reason = trouble.map(PolicyCheck.Trouble::reason).orElse(Reason.READY);
    if (reason.toString().equals(reasonBefore)) {
      return;
    }
    String message = trouble.map(PolicyCheck.Trouble::message).orElseGet(() -> inForce(policy));
    log.atInfo()
        .addKeyValue("policy", ObjectKey.of(policy))
        .addKeyValue("reason", reason)
        .log("Policy: {}", message);
    if (trouble.isPresent()) {
      events.warning(policy, reason, message);
    } else {
      events.normal(policy, reason, message);
    }
  }
}
