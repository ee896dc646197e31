package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.policy.CronSchedule.Due;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts the runs of schedules, each once, whatever happened between its creation and its note. */
final class ScheduledStart {
  /** The cluster does not take the run, which stays due; the policy has been told. */
  static final class DeniedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeniedException(String name) {
      super("the cluster does not take " + name, null, false, false);
    }
  }

  private final KubernetesClient client;
  private final ExecutionCreation creation;
  private final EventRecorder events;

  ScheduledStart(KubernetesClient client, ExecutionCreation creation, EventRecorder events) {
    this.client = client;
    this.creation = creation;
    this.events = events;
  }

  /**
   * Starts what is due.
   *
   * @param unfinished executions of the policy, as far as they are known yet
   * @return the time that was acted on, if any; to be kept, so that it is not due again
   * @throws DeniedException when the cluster does not take the run
   */
  @Nullable Instant startDue(
      PreheatPolicy policy, CronSchedule cron, List<PreheatExecution> unfinished, Instant now) {
    return switch (cron.due(ScheduleBaseline.last(policy, now), now)) {
      case Due.NotYet notYet -> null;
      case Due.TooLate late -> {
        events.warning(
            policy,
            Reason.SCHEDULE_MISSED,
            "the run of " + late.scheduled() + " was missed by more than startingDeadline");
        yield late.scheduled();
      }
      case Due.Start start -> start(policy, start.scheduled(), unfinished);
    };
  }

  private Instant start(
      PreheatPolicy policy, Instant scheduled, List<PreheatExecution> unfinished) {
    PreheatExecution wanted = ExecutionFactory.scheduled(policy, scheduled);
    String name = wanted.getMetadata().getName();
    List<PreheatExecution> running =
        unfinished.stream()
            // Made before a crash, or before its status came back.
            .filter(other -> !other.getMetadata().getName().equals(name))
            .filter(execution -> execution.getSpec().effectiveTrigger() == Trigger.SCHEDULE)
            .toList();
    switch (policy.getSpec().effectiveConcurrencyPolicy()) {
      case ALLOW -> {}
      case FORBID -> {
        if (!running.isEmpty()) {
          events.warning(
              policy,
              Reason.SCHEDULE_FORBIDDEN,
              "the run of "
                  + scheduled
                  + " is left out: "
                  + running.getFirst().getMetadata().getName()
                  + " still runs");
          return scheduled;
        }
      }
      case REPLACE ->
          running.forEach(execution -> {
            events.normal(execution, Reason.REPLACED, "replaced by the run of " + scheduled);
            cancel(execution);
          });
    }
    try {
      if (creation.create(wanted)) {
        events.normal(policy, Reason.SCHEDULED, "created " + name);
      }
    } catch (KubernetesClientException e) {
      if (Denial.of(e).isEmpty()) {
        throw e;
      }
      throw new DeniedException(name);
    } catch (ExecutionCreation.NameTakenException e) {
      // It would be taken at the next try too, and the policy would be stuck at this run.
      events.warning(
          policy,
          Reason.SCHEDULE_MISSED,
          "the run of " + scheduled + " is left out: " + e.getMessage());
    }
    return scheduled;
  }

  private void cancel(PreheatExecution execution) {
    NamedResources.of(
            client.resources(PreheatExecution.class),
            execution.getMetadata().getNamespace(),
            execution.getMetadata().getName())
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"cancel\":true}}");
  }
}
