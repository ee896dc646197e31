package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.plan.ExecutionNames;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.PlanResult;
import io.goharbor.preheat.plan.Planner;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.plan.Splitter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first step of an execution: finds out what is to do, and makes the parts of a large one. */
final class PlanWriter {
  /** What came of it. */
  sealed interface Outcome {
    /** It is to be tried again. */
    record Again(Duration pause) implements Outcome {}

    /** The run cannot be planned. */
    record Failed(Reason reason, String message) implements Outcome {}

    /** The run has tasks of its own, which are not written yet. */
    record Tasks(Plan plan) implements Outcome {}

    /**
     * The run has parts, all of which are stored.
     *
     * @param execution as it stands, after what was written meanwhile
     * @param status to be written
     */
    record Split(PreheatExecution execution, PreheatExecutionStatus status) implements Outcome {}
  }

  private static final Logger log = LoggerFactory.getLogger(PlanWriter.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
  private static final Duration PLAN_AGAIN = Duration.ofSeconds(10);

  private final Planner planner;
  private final TaskOrders orders;
  private final ResourceStore<PreheatExecution> executions;
  private final StatusWriter writer;

  PlanWriter(
      Planner planner,
      TaskOrders orders,
      ResourceStore<PreheatExecution> executions,
      StatusWriter writer) {
    this.planner = planner;
    this.orders = orders;
    this.executions = executions;
    this.writer = writer;
  }

  /** The parts of an execution, in order. */
  List<PreheatExecution> parts(PreheatExecution execution) {
    return Parts.of(
        execution, executions.byIndex(Parts.BY_WHOLE, ObjectKey.of(execution).toString()));
  }

  Outcome plan(
      PreheatExecution execution,
      Run run,
      Report report,
      Instant now,
      Context<PreheatExecution> context) {
    PreheatExecutionSpec spec = execution.getSpec();
    boolean settled = Parts.status(execution).settings() != null;
    if (!settled && !run.part() && Planner.enumerates(spec)) {
      return settle(execution, run, report, context);
    }
    Progress progress = new Progress(execution, run, now, context);
    PlanResult planned;
    try {
      Optional<Splitter> splitter =
          settled ? Optional.of(progress.splitter(context.getClient())) : Optional.empty();
      planned =
          spec.retryOf() != null
              ? again(new ObjectKey(run.registry().namespace(), spec.retryOf().name()), splitter)
              : planner.plan(run, spec, orders.harbor(run.registry(), run.harbor()), now, splitter);
    } catch (RemoteCallException e) {
      boolean forGood = e.failureClass() == FailureClass.PERMANENT;
      progress.hold(e.reason(), "Harbor cannot be asked: " + e.describe(), forGood);
      return new Outcome.Again(e.retryAfter().orElse(forGood ? LOOK_AGAIN : PLAN_AGAIN));
    } catch (KubernetesClientException e) {
      // A quota, or an API server in trouble; the parts that were made are known to the next try.
      progress.hold(
          Reason.INTERNAL_ERROR,
          "a part could not be created: " + e.getMessage(),
          e.getCode() == 403);
      return new Outcome.Again(PLAN_AGAIN);
    }
    return switch (planned) {
      case PlanResult.TooLarge tooLarge -> settle(execution, run, report, context);
      case PlanResult.Impossible no -> new Outcome.Failed(no.reason(), no.message());
      case PlanResult.InPlace inPlace -> {
        log(execution, inPlace.plan(), 0);
        yield new Outcome.Tasks(inPlace.plan());
      }
      case PlanResult.Split split -> {
        log(execution, split.plan(), split.parts());
        PreheatExecution current = progress.current;
        yield new Outcome.Split(
            current, new Report(current, now).split(split.plan(), progress.parts, run.settings()));
      }
    };
  }

  /** What the run goes by is written before any part can ask for it. */
  private Outcome settle(
      PreheatExecution execution, Run run, Report report, Context<PreheatExecution> context) {
    writer.write(execution, report.planning(run.settings(), 0), context);
    return new Outcome.Again(StatusWriter.BETWEEN_WRITES);
  }

  private PlanResult again(ObjectKey key, Optional<Splitter> splitter) {
    PreheatExecution original = executions.find(key).orElseThrow();
    List<PreheatExecution> all = new ArrayList<>(List.of(original));
    parts(original)
        .forEach(part -> {
          all.add(part);
          // Parts of parts are rare.
          all.addAll(parts(part));
        });
    return Planner.again(all, splitter);
  }

  private static void log(PreheatExecution execution, Plan plan, int parts) {
    log.atInfo()
        .addKeyValue("execution", ObjectKey.of(execution))
        .addKeyValue("policy", TaskLog.policy(execution))
        .addKeyValue("artifacts", plan.artifacts())
        .addKeyValue("tasks", plan.tasks().size())
        .addKeyValue("parts", parts)
        .addKeyValue("skipped", plan.skipped().size())
        .log("Planned");
  }

  /** Stores parts, and tells of it in the status of the whole. */
  private final class Progress {
    private final Run run;
    private final Instant now;
    private final Context<PreheatExecution> context;
    private final List<PreheatExecution> parts = new ArrayList<>();
    private PreheatExecution current;

    Progress(PreheatExecution execution, Run run, Instant now, Context<PreheatExecution> context) {
      this.current = execution;
      this.run = run;
      this.now = now;
      this.context = context;
    }

    Splitter splitter(KubernetesClient client) {
      if (Parts.status(current).parts() != null) {
        // From the API server: the cache may not have seen yet what was made before a crash.
        parts.addAll(
            Parts.of(
                current,
                NamedResources.in(
                        client.resources(PreheatExecution.class),
                        current.getMetadata().getNamespace())
                    .withLabel(
                        Parts.LABEL, ExecutionNames.labelValue(current.getMetadata().getName()))
                    .list()
                    .getItems()));
      }
      return new Splitter(current, run, List.copyOf(parts), part -> store(client, part));
    }

    private void store(KubernetesClient client, PreheatExecution part) {
      if (Parts.status(current).parts() == null) {
        // Before the first part: who comes after a crash is to look for it.
        tell(1);
      }
      parts.add(client.resource(part).create());
      if (!writer.pause(ObjectKey.of(current)).isPositive()) {
        tell(parts.size());
      }
    }

    private void tell(int count) {
      Report report = new Report(current, now);
      current =
          writer
              .write(current, report.planning(run.settings(), count), context)
              .orElseThrow(() ->
                  new KubernetesClientException("the execution was changed meanwhile", 409, null));
    }

    void hold(Reason reason, String message, boolean needsPerson) {
      writer.write(
          current,
          new Report(current, now).held(Phase.PLANNING, reason, message, needsPerson),
          context);
    }
  }
}
