package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out what a run is to do: the artifacts that it names, or all that its policy's selector
 * finds, each resolved to the digests of the wanted platforms. A run that is too large for one
 * object is split while it is found.
 */
public final class Planner {
  private final Manifests manifests;

  public Planner(Manifests manifests) {
    this.manifests = manifests;
  }

  /** Whether all that a selector finds is asked for. */
  public static boolean enumerates(PreheatExecutionSpec spec) {
    return spec.artifacts() == null && spec.images() == null && spec.retryOf() == null;
  }

  /**
   * Plans one run from Harbor.
   *
   * @param splitter makes parts; empty while none may be made
   */
  public PlanResult plan(
      Run run,
      PreheatExecutionSpec spec,
      HarborClient harbor,
      Instant now,
      Optional<Splitter> splitter)
      throws RemoteCallException {
    PlanBuilder builder = new PlanBuilder();
    Gathering found = new Gathering(run, splitter);
    if (enumerates(spec)) {
      Selector selector = run.selector();
      if (selector == null) {
        return new PlanResult.Impossible(
            Reason.INVALID_SPEC, "without policyRef, artifacts or images must say what to preheat");
      }
      new Enumeration(run, selector, harbor, now, spec.planOnly(), builder, found).run();
    }
    Search search = new Search(run, spec, manifests, harbor, now, builder, found);
    if (spec.artifacts() != null) {
      for (ArtifactRef ref : spec.artifacts()) {
        search.named(ref);
      }
    }
    if (spec.images() != null) {
      for (String image : spec.images()) {
        search.image(image);
      }
    }
    if (found.tooLarge) {
      return splitter.isEmpty()
          ? new PlanResult.TooLarge()
          : split(splitter.get(), found, builder.skipped(), builder.missing());
    }
    List<SkippedReason> skipped = builder.skipped();
    int missing = builder.missing();
    Expander expander = new Expander(manifests, run, harbor, builder);
    for (Selected selected : found.held) {
      expander.expand(selected.artifact(), selected.tags());
    }
    Plan plan = builder.build(run.providers(), spec.planOnly());
    int room = StatusSizeEstimator.of(plan.tasks());
    if (room <= StatusSizeEstimator.MOST) {
      return new PlanResult.InPlace(plan);
    }
    if (found.held.size() * run.providers().size() <= 1) {
      return new PlanResult.Impossible(
          Reason.NOT_PREHEATABLE,
          found.held.getFirst().artifact().name()
              + " alone comes to "
              + plan.tasks().size()
              + " manifests, more than one execution holds; narrow platforms or accessories");
    }
    if (splitter.isEmpty()) {
      return new PlanResult.TooLarge();
    }
    // Indexes in indexes and attached copies are seen only now; the parts share what there is.
    int each = Math.max(1, room / found.held.size());
    found.held.forEach(selected ->
        splitter.get().take(selected, Math.max(each, StatusSizeEstimator.of(selected, run))));
    return split(splitter.get(), found, skipped, missing);
  }

  private static PlanResult split(
      Splitter splitter, Gathering found, List<SkippedReason> skipped, int missing) {
    int parts = splitter.finish();
    return new PlanResult.Split(PlanResult.withoutTasks(found.count, skipped, missing), parts);
  }

  /**
   * Plans to send again what failed of a run that ended.
   *
   * @param ended the run, and its parts if it has any
   */
  public static PlanResult again(List<PreheatExecution> ended, Optional<Splitter> splitter) {
    List<TaskStatus> failed =
        ended.stream()
            .flatMap(execution -> Parts.status(execution).taskList().stream())
            .filter(task -> task.state() == TaskState.FAILED || task.state() == TaskState.CANCELLED)
            .map(Planner::anew)
            .toList();
    int artifacts = (int) failed.stream().map(TaskStatus::artifact).distinct().count();
    if (StatusSizeEstimator.of(failed) <= StatusSizeEstimator.MOST) {
      return new PlanResult.InPlace(new Plan(artifacts, failed, List.of(), 0));
    }
    if (splitter.isEmpty()) {
      return new PlanResult.TooLarge();
    }
    for (TaskStatus task : failed) {
      splitter
          .get()
          .take(
              ObjectKey.parse(task.provider()),
              new ArtifactRef(task.repository(), null, task.digest()),
              StatusSizeEstimator.of(task));
    }
    return new PlanResult.Split(
        PlanResult.withoutTasks(artifacts, List.of(), 0), splitter.get().finish());
  }

  private static TaskStatus anew(TaskStatus task) {
    return TaskStatusBuilder.builder()
        .id(task.id())
        .artifact(task.artifact())
        .repository(task.repository())
        .digest(task.digest())
        .platform(task.platform())
        .accessory(task.accessory())
        .provider(task.provider())
        .state(TaskState.WAITING)
        .bytes(task.bytes())
        .build();
  }

  /** Holds what is selected as long as it fits into one object, and passes it on from then on. */
  private static final class Gathering implements Selected.Sink {
    private final Run run;
    private final Optional<Splitter> splitter;
    private final List<Selected> held = new ArrayList<>();
    private long room;
    private int count;
    private boolean tooLarge;

    Gathering(Run run, Optional<Splitter> splitter) {
      this.run = run;
      this.splitter = splitter;
      // What an earlier attempt began to split is split to its end.
      this.tooLarge = splitter.isPresent() && splitter.get().parts() > 0;
    }

    @Override
    public void take(Selected selected) {
      count++;
      int size = StatusSizeEstimator.of(selected, run);
      if (!tooLarge) {
        held.add(selected);
        room += (long) size * run.providers().size();
        if (room <= StatusSizeEstimator.MOST) {
          return;
        }
        tooLarge = true;
        held.forEach(before -> pass(before, StatusSizeEstimator.of(before, run)));
        held.clear();
        return;
      }
      pass(selected, size);
    }

    private void pass(Selected selected, int size) {
      splitter.ifPresent(open -> open.take(selected, size));
    }
  }
}
