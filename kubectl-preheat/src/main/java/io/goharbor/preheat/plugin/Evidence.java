package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Event;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.plugin.WhyReport.EventFact;
import io.goharbor.preheat.plugin.WhyReport.RunFact;
import io.goharbor.preheat.plugin.WhyReport.SkipFact;
import io.goharbor.preheat.plugin.WhyReport.TaskFact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What executions and Events tell of an artifact, the newest first. */
final class Evidence {
  private static final int EVENTS = 8;

  private final Wanted wanted;
  private final List<TaskFact> tasks = new ArrayList<>();
  private final List<SkipFact> skips = new ArrayList<>();
  private final List<RunFact> runs = new ArrayList<>();
  private final Set<String> about = new TreeSet<>();
  private final List<String> partsThatHadIt = new ArrayList<>();
  private int untold;

  /**
   * Reads all executions of a namespace.
   *
   * @param registries names of the HarborRegistries that the artifact may be of; runs on others had
   *     something else of the same name
   */
  Evidence(Wanted wanted, Set<String> registries, List<PreheatExecution> executions) {
    this.wanted = wanted;
    executions.stream()
        .filter(one -> registry(one).map(registries::contains).orElse(!registries.isEmpty()))
        .sorted(
            Comparator.comparing((PreheatExecution one) ->
                    DisplayText.orEmpty(one.getMetadata().getCreationTimestamp()))
                .reversed()
                .thenComparing(Executions::name))
        .forEach(this::read);
  }

  /** Empty while a run that takes its registry from its policy was not planned yet. */
  private static Optional<String> registry(PreheatExecution execution) {
    RunSettings settings = Executions.status(execution).settings();
    if (settings != null && settings.harborRef() != null) {
      return Optional.of(settings.harborRef());
    }
    return Optional.ofNullable(execution.getSpec().harborRef()).map(LocalRef::name);
  }

  private void read(PreheatExecution execution) {
    PreheatExecutionStatus status = Executions.status(execution);
    String name = Executions.name(execution);
    List<ArtifactRef> named =
        execution.getSpec().artifacts() == null ? List.of() : execution.getSpec().artifacts();
    boolean isNamed =
        named.stream().anyMatch(wanted::means)
            || (execution.getSpec().images() != null
                && execution.getSpec().images().stream().anyMatch(wanted::means));
    List<TaskStatus> found =
        status.taskList().stream().filter(task -> isAbout(task, named)).toList();
    found.forEach(task -> tasks.add(fact(execution, task)));
    boolean skipped = skips(name, status);
    if (isNamed || !found.isEmpty() || skipped) {
      about.add(name);
      runs.add(
          new RunFact(
              name,
              execution.getSpec().policyRef() == null ? null : Executions.policy(execution),
              execution.getSpec().effectiveTrigger().toString(),
              Executions.phase(execution).toString(),
              execution.getMetadata().getCreationTimestamp(),
              empty(Executions.note(execution))));
    }
    // A part that ended keeps only the tasks that did not succeed.
    if (isNamed
        && found.isEmpty()
        && execution.getSpec().partOf() != null
        && Executions.ended(execution)) {
      partsThatHadIt.add(name);
    }
  }

  private boolean isAbout(TaskStatus task, List<ArtifactRef> named) {
    if (!task.repository().equals(wanted.path())) {
      return false;
    }
    if (wanted.digest() == null) {
      return task.artifact().equals(wanted.name())
          || named.stream()
              .filter(wanted::means)
              .anyMatch(ref ->
                  ref.digest() != null
                      && (task.digest().equals(ref.digest())
                          || task.artifact().endsWith("@" + ref.digest())));
    }
    return task.digest().equals(wanted.digest())
        || task.artifact().endsWith("@" + wanted.digest())
        || named.stream()
            .filter(wanted::means)
            .anyMatch(ref ->
                ref.tag() != null && task.artifact().equals(wanted.path() + ":" + ref.tag()));
  }

  private boolean skips(String execution, PreheatExecutionStatus status) {
    boolean any = false;
    for (SkippedReason skip :
        status.skipped() == null ? List.<SkippedReason>of() : status.skipped()) {
      List<SkippedReason.Sample> samples = skip.samples() == null ? List.of() : skip.samples();
      for (SkippedReason.Sample sample : samples) {
        if (isAbout(sample.artifact())) {
          skips.add(new SkipFact(execution, sample.artifact(), skip.reason(), sample.message()));
          any = true;
        }
      }
      untold += Math.max(0, skip.count() - samples.size());
    }
    return any;
  }

  /** Samples are {@code repository:tag}, {@code repository@digest}, or an image as it was named. */
  private boolean isAbout(String sample) {
    return sample.equals(wanted.name())
        || (wanted.digest() != null && sample.endsWith(wanted.path() + "@" + wanted.digest()))
        || wanted.means(sample);
  }

  private static TaskFact fact(PreheatExecution execution, TaskStatus task) {
    var time = task.completionTime() == null ? task.startTime() : task.completionTime();
    return new TaskFact(
        Executions.name(execution),
        execution.getSpec().effectiveOperation().toString(),
        task.artifact(),
        task.provider(),
        task.platform(),
        task.digest(),
        task.state().toString(),
        task.warmPercent(),
        task.reason() == null ? null : task.reason().toString(),
        task.message(),
        time == null ? null : time.toString());
  }

  private static @Nullable String empty(String text) {
    return text.isEmpty() ? null : text;
  }

  List<TaskFact> tasks() {
    return tasks;
  }

  List<SkipFact> skips() {
    return skips;
  }

  List<RunFact> runs() {
    return runs;
  }

  /** Parts of large runs that had it, and of which it is known only that it did not fail. */
  List<String> partsThatHadIt() {
    return partsThatHadIt;
  }

  /** How many artifacts were left out by runs without being named. */
  int untold() {
    return untold;
  }

  /** The newest Events about the runs that concern it and about some policies. */
  List<EventFact> events(List<Event> all, Set<String> policies) {
    return all.stream()
        .filter(event ->
            switch (event.getInvolvedObject().getKind()) {
              case "PreheatExecution" -> about.contains(event.getInvolvedObject().getName());
              case "PreheatPolicy" -> policies.contains(event.getInvolvedObject().getName());
              default -> false;
            })
        .map(event ->
            new EventFact(
                event.getInvolvedObject().getKind() + " " + event.getInvolvedObject().getName(),
                DisplayText.orEmpty(event.getType()),
                DisplayText.orEmpty(event.getReason()),
                DisplayText.orEmpty(event.getMessage()),
                DisplayText.orEmpty(
                    event.getLastTimestamp() == null
                        ? event.getMetadata().getCreationTimestamp()
                        : event.getLastTimestamp())))
        .sorted(Comparator.comparing(EventFact::time).reversed())
        .limit(EVENTS)
        .toList();
  }
}
