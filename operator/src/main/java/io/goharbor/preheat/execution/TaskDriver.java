package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.ManagedProvider;
import io.goharbor.preheat.engine.ProviderOperation;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.provider.DedupKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the tasks of an execution along: what the engine admits, and what is to be done then. */
final class TaskDriver {
  private static final Logger log = LoggerFactory.getLogger(TaskDriver.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** Who only waits is woken by its queue. All of them together look this often besides. */
  private static final Duration BETWEEN_LOOKS_OF_ALL = Duration.ofMillis(30);

  private final Engine engine;
  private final ProviderGate gate;
  private final Function<ObjectKey, DedupKey.Source> sources;
  private final Wakeups wakeups;

  /**
   * A driver.
   *
   * @param sources where artifacts of a registry are pulled from at present
   */
  TaskDriver(
      Engine engine,
      ProviderGate gate,
      Function<ObjectKey, DedupKey.Source> sources,
      Wakeups wakeups) {
    this.engine = engine;
    this.gate = gate;
    this.sources = sources;
    this.wakeups = wakeups;
  }

  /**
   * Attempts whose operations have not answered. To be asked before events are read: an operation
   * tells what came of it, and is under way no more only then.
   */
  Set<TaskKey> underWay(PreheatExecution execution, List<TaskStatus> tasks) {
    return tasks.stream()
        .filter(task -> task.state() == TaskState.SUBMITTING)
        .filter(task ->
            provider(task).filter(used -> used.isUnderWay(key(execution, task))).isPresent())
        .map(task -> key(execution, task))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static TaskKey key(PreheatExecution execution, TaskStatus task) {
    return new TaskKey(
        ObjectKey.of(execution), execution.getMetadata().getUid(), task.id(), task.attempts());
  }

  /** Looks at all tasks, and states to the engine what they want and what is in flight. */
  TaskDecision step(
      PreheatExecution execution,
      Run run,
      TaskStateMachine machine,
      List<TaskStatus> before,
      Set<TaskKey> underWay,
      List<TaskEvent> events,
      Instant now) {
    Map<String, TaskStatus> tasks = new LinkedHashMap<>();
    before.forEach(task -> tasks.put(task.id(), task));
    ObjectKey key = ObjectKey.of(execution);
    for (TaskEvent event : events) {
      if (event.key().uid().equals(execution.getMetadata().getUid())) {
        tasks.computeIfPresent(
            event.key().task(),
            (id, task) -> machine.happened(task, words(task, key).of(event), now));
      }
    }
    Pass pass = new Pass(execution, run, machine, tasks, underWay, now);
    pass.endWhatMustEnd();
    pass.recover();
    // Last, so that the engine hears what is so now.
    pass.admit(before);
    return pass.outcome(before);
  }

  /** Does what a written step asks for. */
  void act(TaskDecision step, PreheatExecution execution, Run run) {
    TaskWork work = work(execution, run, step.tasks());
    for (TaskStatus task : step.toSubmit()) {
      run(work, task, operation(run, ProviderOperation.SUBMIT));
    }
    for (TaskStatus task : step.toAdopt()) {
      run(work, task, operation(run, ProviderOperation.ADOPT));
    }
    step.toCancel().forEach(task -> cancel(work, task));
    if (step.freesSlots()) {
      // It is stored now, so the next step states it.
      wakeups.wake(work.execution());
    }
  }

  private TaskWork work(PreheatExecution execution, Run run, Collection<TaskStatus> tasks) {
    return TaskWork.of(execution, run.settings(), sources.apply(run.registry()), tasks);
  }

  /**
   * States what an execution has in flight, as it is stored, while it cannot start anything.
   *
   * @param group with which it shares slots
   */
  void hold(PreheatExecution execution, ObjectKey group) {
    engine.sync(
        ObjectKey.of(execution),
        TaskWork.ofStored(execution, sources)
            .map(work -> work.inFlightOnly(group))
            .orElse(Map.of()));
  }

  /** States that an execution has nothing any more. */
  void drop(ObjectKey execution) {
    engine.sync(execution, Map.of());
  }

  private void run(TaskWork work, TaskStatus task, ProviderOperation operation) {
    provider(task).ifPresent(used -> used.run(operation, work.of(task)));
  }

  /** Asking and evicting can be done twice, so they need no search for what was begun. */
  private static ProviderOperation operation(Run run, ProviderOperation preheat) {
    return switch (run.operation()) {
      case PREHEAT -> preheat;
      case VERIFY -> ProviderOperation.VERIFY;
      case EVICT -> ProviderOperation.EVICT;
    };
  }

  private void cancel(TaskWork work, TaskStatus task) {
    String job = task.jobID();
    if (job != null) {
      provider(task)
          .ifPresent(used ->
              used.cancel(
                  work.of(task),
                  job,
                  outcome ->
                      log.atInfo()
                          .addKeyValue("execution", work.execution())
                          .addKeyValue("provider", task.provider())
                          .addKeyValue("job", job)
                          .log("Cancelled at the provider: {}", outcome)));
    }
  }

  private static ProviderWords words(TaskStatus task, ObjectKey execution) {
    return ProviderWords.of(providerKey(task), execution);
  }

  private Optional<ManagedProvider> provider(TaskStatus task) {
    return engine.find(providerKey(task));
  }

  private static ObjectKey providerKey(TaskStatus task) {
    return ObjectKey.parse(task.provider());
  }

  /**
   * When an execution that only waits looks again.
   *
   * @param waiting executions that wait as it does
   */
  static Duration lookAgainAmong(int waiting) {
    Duration turn = BETWEEN_LOOKS_OF_ALL.multipliedBy(waiting);
    return turn.compareTo(LOOK_AGAIN) > 0 ? turn : LOOK_AGAIN;
  }

  /** One look at all tasks. */
  private final class Pass {
    private final PreheatExecution execution;
    private final ObjectKey key;
    private final Run run;
    private final TaskStateMachine machine;
    private final Map<String, TaskStatus> tasks;
    private final Instant now;
    private final Set<TaskKey> underWay;
    private final List<TaskStatus> toSubmit = new ArrayList<>();
    private final List<TaskStatus> toAdopt = new ArrayList<>();
    private Instant next;

    Pass(
        PreheatExecution execution,
        Run run,
        TaskStateMachine machine,
        Map<String, TaskStatus> tasks,
        Set<TaskKey> underWay,
        Instant now) {
      this.execution = execution;
      this.key = ObjectKey.of(execution);
      this.run = run;
      this.machine = machine;
      this.tasks = tasks;
      this.underWay = underWay;
      this.now = now;
      this.next = now.plus(lookAgain());
    }

    private Duration lookAgain() {
      boolean onlyWaits =
          tasks.values().stream()
              .allMatch(task -> task.state() == TaskState.WAITING || task.state().terminal());
      return onlyWaits ? lookAgainAmong(engine.mostWaiting()) : LOOK_AGAIN;
    }

    void endWhatMustEnd() {
      if (run.control().cancelled()) {
        endAll(TaskState.CANCELLED, Reason.CANCELLED, Reason.CANCELLED.meaning());
        return;
      }
      Instant start = run.control().since();
      if (run.activeDeadline() != null) {
        Instant deadline = (start == null ? now : start).plus(run.activeDeadline());
        if (now.isBefore(deadline)) {
          soonest(deadline);
        } else {
          tasks.replaceAll((id, task) ->
              machine.end(
                  task,
                  TaskState.FAILED,
                  Reason.DEADLINE_EXCEEDED,
                  "activeDeadline "
                      + run.activeDeadline()
                      + " passed; it was "
                      + task.state()
                      + (task.message() == null ? "" : ": " + task.message()),
                  now));
        }
      }
    }

    private void endAll(TaskState state, Reason reason, String message) {
      tasks.replaceAll((id, task) -> machine.end(task, state, reason, message, now));
    }

    /**
     * States everything to the engine, also when nothing may start.
     *
     * @param before what is stored: until it is written that a task has ended, it has its slot
     */
    void admit(List<TaskStatus> before) {
      Map<ObjectKey, List<TaskStatus>> wanted = new LinkedHashMap<>();
      Instant opening = windowOpening();
      for (TaskStatus task : List.copyOf(tasks.values())) {
        if (task.state() != TaskState.WAITING) {
          continue;
        }
        if (run.control().suspended()) {
          hold(task, Reason.SUSPENDED, "spec.suspend is true");
        } else if (opening != null) {
          hold(task, Reason.WAITING_FOR_WINDOW, "the window opens at " + opening);
          soonest(opening);
        } else if (task.retryTime() != null && !TaskStateMachine.due(task.retryTime(), now)) {
          soonest(task.retryTime());
        } else {
          wanted.computeIfAbsent(providerKey(task), ignored -> new ArrayList<>()).add(task);
        }
      }
      wanted.entrySet().removeIf(entry -> !canUse(entry.getKey(), entry.getValue()));
      List<TaskStatus> stated =
          before.stream()
              .map(task -> task.state().inFlight() && !inFlight(task.id()) ? task : now(task))
              .toList();
      Map<ObjectKey, List<Admission>> admissions =
          engine.sync(key, work(execution, run, stated).demands(run.group(), planned(), wanted));
      wanted.forEach(
          (provider, waiting) -> admitted(waiting, admissions.getOrDefault(provider, List.of())));
    }

    private TaskStatus now(TaskStatus before) {
      return tasks.getOrDefault(before.id(), before);
    }

    private boolean inFlight(String id) {
      TaskStatus task = tasks.get(id);
      return task != null && task.state().inFlight();
    }

    private void admitted(List<TaskStatus> waiting, List<Admission> admissions) {
      for (int i = 0; i < admissions.size(); i++) {
        TaskStatus task = waiting.get(i);
        TaskStatus after = machine.admitted(task, words(task, key).of(admissions.get(i)), now);
        tasks.put(task.id(), after);
        if (after.state() == TaskState.SUBMITTING) {
          toSubmit.add(after);
        }
      }
    }

    /** Whether tasks may be sent to a provider; else they say why they wait, or have failed. */
    private boolean canUse(ObjectKey provider, List<TaskStatus> waiting) {
      Optional<ProviderGate.Closed> closed = closedTo(provider);
      if (closed.isPresent()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        waiting.forEach(task -> hold(task, closed.get().reason(), closed.get().message()));
        return false;
      }
      Optional<ManagedProvider> used = engine.find(provider);
      if (used.isEmpty()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        waiting.forEach(task ->
            hold(
                task, Reason.WAITING_FOR_PROVIDER, "provider " + provider + " was not probed yet"));
        return false;
      }
      Optional<String> missing =
          used.get().missing(run.target()).or(() -> used.get().missing(run.operation()));
      missing.ifPresent(what ->
          waiting.forEach(task ->
              tasks.put(
                  task.id(),
                  machine.end(
                      task,
                      TaskState.FAILED,
                      Reason.NOT_SUPPORTED,
                      "provider " + provider + ": " + what,
                      now))));
      return missing.isEmpty();
    }

    private Optional<ProviderGate.Closed> closedTo(ObjectKey provider) {
      return gate.check(provider, key.namespace(), run.operation());
    }

    /** Takes up what a crash, or an answer that never came, left in flight. */
    void recover() {
      for (TaskStatus task : List.copyOf(tasks.values())) {
        Optional<ManagedProvider> used = provider(task);
        if (used.isEmpty()) {
          cutOff(task);
        } else if (task.state() == TaskState.SUBMITTING
            && !underWay.contains(key(execution, task))) {
          search(task, used.get());
        }
      }
    }

    /** No operation of this process will tell whether it was sent. */
    private void search(TaskStatus task, ManagedProvider used) {
      Wakeups.Subject subject = new Wakeups.Subject("P2PProvider", providerKey(task));
      Optional<ProviderGate.Closed> closed = closedTo(providerKey(task));
      Optional<Admission.Wait> held = used.held();
      Instant due = TaskStateMachine.resumeDue(task, now);
      if (closed.isPresent()) {
        wakeups.await(subject, key);
        tasks.put(task.id(), machine.shutOut(task, closed.get().reason(), closed.get().message()));
      } else if (held.isPresent()) {
        wakeups.await(subject, key);
        tasks.put(task.id(), machine.adoptingLater(task, waits(task, held.get())));
      } else if (TaskStateMachine.due(due, now)) {
        TaskStatus searching = machine.resuming(task, now);
        tasks.put(task.id(), searching);
        toAdopt.add(searching);
      } else {
        soonest(due);
      }
    }

    private String waits(TaskStatus task, Admission.Wait held) {
      return words(task, key).waits(held).message();
    }

    /** A task whose provider was deleted under its hands. */
    private void cutOff(TaskStatus task) {
      ObjectKey provider = providerKey(task);
      if (task.state().inFlight()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        closedTo(provider)
            .ifPresent(closed ->
                tasks.put(task.id(), machine.cutOff(task, closed.reason(), closed.message())));
      }
    }

    TaskDecision outcome(List<TaskStatus> before) {
      List<TaskStatus> left =
          before.stream()
              .filter(task -> task.state().inFlight() && !inFlight(task.id()))
              .map(this::now)
              .toList();
      Duration wait = Duration.between(now, next);
      return new TaskDecision(
          List.copyOf(tasks.values()),
          toSubmit,
          toAdopt,
          left.stream().filter(task -> task.state() == TaskState.CANCELLED).toList(),
          !left.isEmpty(),
          wait.isPositive() ? wait : Duration.ofMillis(50));
    }

    private void hold(TaskStatus task, Reason reason, String message) {
      tasks.put(task.id(), machine.waiting(task, reason, message));
    }

    private @Nullable Instant windowOpening() {
      if (run.settings().window() == null) {
        return null;
      }
      WindowClock window = new WindowClock(run.settings().window());
      return window.isOpen(now) ? null : window.nextOpening(now);
    }

    private Instant planned() {
      return execution.getStatus() == null || execution.getStatus().startTime() == null
          ? now
          : execution.getStatus().startTime();
    }

    private void soonest(Instant at) {
      if (at.isBefore(next)) {
        next = at;
      }
    }
  }
}
