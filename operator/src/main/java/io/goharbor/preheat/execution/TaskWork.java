package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.engine.Demand;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.engine.Work;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.provider.DedupKey;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tasks of an execution as the engine knows them.
 *
 * @param source where artifacts of its registry are pulled from at present
 */
record TaskWork(
    ObjectKey execution,
    String uid,
    Operation operation,
    RunSettings settings,
    DedupKey.Source source,
    Collection<TaskStatus> tasks) {

  static TaskWork of(
      PreheatExecution execution,
      RunSettings settings,
      DedupKey.Source source,
      Collection<TaskStatus> tasks) {
    return new TaskWork(
        ObjectKey.of(execution),
        execution.getMetadata().getUid(),
        execution.getSpec().effectiveOperation(),
        settings,
        source,
        tasks);
  }

  /** By the status alone, whatever else cannot be resolved; empty: it has no tasks yet. */
  static Optional<TaskWork> ofStored(
      PreheatExecution execution, Function<ObjectKey, DedupKey.Source> sources) {
    PreheatExecutionStatus status = Parts.status(execution);
    RunSettings settings = status.settings();
    return settings == null || settings.harborRef() == null
        ? Optional.empty()
        : Optional.of(
            of(
                execution,
                settings,
                sources.apply(
                    new ObjectKey(execution.getMetadata().getNamespace(), settings.harborRef())),
                status.taskList()));
  }

  /** What a task wants of its provider. */
  Work of(TaskStatus task) {
    return new Work(
        new TaskKey(execution, uid, task.id(), task.attempts()),
        new DedupKey(source, operation, task.repository(), task.digest(), settings.target()),
        task.platform(),
        settings.jobLimit(),
        task.startTime() == null ? Instant.EPOCH : task.startTime());
  }

  /** What is in flight at a provider. */
  List<Work.InFlight> inFlight(ObjectKey provider) {
    return tasks.stream()
        .filter(task -> task.state().inFlight())
        .filter(task -> provider.toString().equals(task.provider()))
        .map(this::inFlight)
        .toList();
  }

  private Work.InFlight inFlight(TaskStatus task) {
    return new Work.InFlight(of(task), task.state() == TaskState.RUNNING ? task.jobID() : null);
  }

  /**
   * What is in flight, by provider; it wants nothing more.
   *
   * @param group with which it shares slots
   */
  Map<ObjectKey, Demand> inFlightOnly(ObjectKey group) {
    return demands(group, Instant.EPOCH, Map.of());
  }

  /**
   * All that the execution has at its providers.
   *
   * @param group with which it shares slots
   * @param planned when it was planned
   * @param wanted tasks that could start now
   */
  Map<ObjectKey, Demand> demands(
      ObjectKey group, Instant planned, Map<ObjectKey, List<TaskStatus>> wanted) {
    Map<ObjectKey, List<Work.InFlight>> inFlight =
        tasks.stream()
            .filter(task -> task.state().inFlight())
            .collect(
                Collectors.groupingBy(
                    task -> ObjectKey.parse(task.provider()),
                    Collectors.mapping(this::inFlight, Collectors.toList())));
    Map<ObjectKey, Demand> demands = new HashMap<>();
    for (ObjectKey provider : wanted.keySet()) {
      inFlight.putIfAbsent(provider, List.of());
    }
    inFlight.forEach((provider, running) ->
        demands.put(
            provider,
            new Demand(
                execution,
                group,
                settings.priority(),
                planned,
                wanted.getOrDefault(provider, List.of()).stream().map(this::of).toList(),
                running)));
    return demands;
  }
}
