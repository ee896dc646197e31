package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.provider.Admission;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.Errand;
import io.goharbor.preheat.provider.Lane;
import io.goharbor.preheat.provider.Lanes;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.OrderSource;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the tasks of an execution along: what the lanes admit, and what is to be done then. */
final class TaskDriver {
  private static final Logger log = LoggerFactory.getLogger(TaskDriver.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** Who only waits is called by its lane. All of them together look this often besides. */
  private static final Duration BETWEEN_LOOKS_OF_ALL = Duration.ofMillis(30);

  private final Lanes lanes;
  private final Orders orders;
  private final ProviderGate gate;
  private final Function<ObjectKey, DedupKey.Source> sources;
  private final Supplier<Stream<PreheatExecution>> executions;
  private final Inbox inbox;
  private final Wakeups wakeups;

  /**
   * A driver.
   *
   * @param sources where artifacts of a registry are pulled from at present
   * @param executions all that there are, as they are known
   */
  TaskDriver(
      Lanes lanes,
      Orders orders,
      ProviderGate gate,
      Function<ObjectKey, DedupKey.Source> sources,
      Supplier<Stream<PreheatExecution>> executions,
      Inbox inbox,
      Wakeups wakeups) {
    this.lanes = lanes;
    this.orders = orders;
    this.gate = gate;
    this.sources = sources;
    this.executions = executions;
    this.inbox = inbox;
    this.wakeups = wakeups;
  }

  /** Looks at all tasks; takes places in lanes, which {@link #undo} gives back. */
  Step step(
      PreheatExecution execution,
      Run run,
      TaskMachine machine,
      List<TaskStatus> before,
      List<News> news,
      Instant now) {
    Map<String, TaskStatus> tasks = new LinkedHashMap<>();
    before.forEach(task -> tasks.put(task.id(), task));
    for (News item : news) {
      tasks.computeIfPresent(item.taskId(), (id, task) -> machine.happened(task, item, now));
    }
    Pass pass = new Pass(execution, run, machine, tasks, now);
    pass.endWhatMustEnd();
    pass.giveBack();
    pass.admit();
    pass.recover();
    return pass.outcome(before);
  }

  /** Does what a written step asks for. */
  void act(Step step, PreheatExecution execution, Run run) {
    ObjectKey key = ObjectKey.of(execution);
    String uid = execution.getMetadata().getUid();
    step.toRelease()
        .forEach(task -> {
          release(uid, run, task);
          cancel(key, uid, run, task);
        });
    for (TaskStatus task : step.toSend()) {
      send(key, uid, run, task, errand(run, Errand.SUBMIT));
    }
    for (TaskStatus task : step.toResume()) {
      send(key, uid, run, task, errand(run, Errand.ADOPT));
    }
    for (TaskStatus task : step.toFollow()) {
      Ticket ticket = Orders.ticket(uid, run, task);
      lane(task)
          .ifPresent(lane -> {
            reclaim(lane, key, uid, run, ticket, task);
            lane.follow(
                ticket, String.valueOf(task.jobID()), started(task), orders.source(uid, run, task));
          });
    }
  }

  /** Gives the places back of a step that could not be written. */
  void undo(Step step, PreheatExecution execution, Run run) {
    step.toSend().forEach(task -> release(execution.getMetadata().getUid(), run, task));
  }

  /** Gives back all places of an execution that is gone. */
  void releaseAll(PreheatExecution execution, List<TaskStatus> tasks) {
    for (TaskStatus task : tasks) {
      lane(task)
          .ifPresent(lane -> lane.release(execution.getMetadata().getUid() + "/" + task.id()));
    }
  }

  private void send(ObjectKey key, String uid, Run run, TaskStatus task, Errand errand) {
    Optional<Lane> lane = lane(task);
    if (lane.isEmpty()) {
      return;
    }
    Ticket ticket = Orders.ticket(uid, run, task);
    if (!lane.get().holds(ticket.key())) {
      // After a restart.
      reclaim(lane.get(), key, uid, run, ticket, task);
    }
    OwnTrouble registry = new OwnTrouble(orders.source(uid, run, task));
    lane.get()
        .send(
            ticket,
            registry,
            errand,
            outcome -> {
              if (outcome instanceof Submission.Accepted accepted) {
                OrderSource source = orders.source(uid, run, task);
                if (accepted.adopted()) {
                  lane.get().follow(ticket, accepted.jobId(), started(task), source);
                } else {
                  lane.get().follow(ticket, accepted.jobId(), source);
                }
              }
              if (outcome instanceof Submission.Concluded concluded) {
                remember(uid, task, concluded.outcome());
              }
              Submission told = registry.met() ? outcome : words(task, key).of(outcome);
              tell(key, new News.Sent(task.id(), task.attempts(), told));
            });
  }

  /** Asking and evicting can be done twice, so they need no looking for what was begun. */
  private static Errand errand(Run run, Errand preheat) {
    return switch (run.operation()) {
      case PREHEAT -> preheat;
      case VERIFY -> Errand.VERIFY;
      case EVICT -> Errand.EVICT;
    };
  }

  private void cancel(ObjectKey key, String uid, Run run, TaskStatus task) {
    String job = task.jobID();
    if (task.state() != TaskState.CANCELLED || job == null) {
      return;
    }
    lane(task)
        .ifPresent(lane ->
            lane.cancel(
                job,
                started(task),
                orders.source(uid, run, task),
                outcome ->
                    log.atInfo()
                        .addKeyValue("execution", key)
                        .addKeyValue("provider", task.provider())
                        .addKeyValue("job", job)
                        .log("Cancelled at the provider: {}", outcome)));
  }

  private void remember(String uid, TaskStatus task, Observation observation) {
    if (observation instanceof Observation.Finished finished
        && finished.warmth().remainder() != null) {
      orders.remember(uid, task.id(), task.attempts(), finished.warmth().remainder());
    }
  }

  private void reclaim(
      Lane lane, ObjectKey key, String uid, Run run, Ticket ticket, TaskStatus task) {
    lane.reclaim(
        ticket,
        run.group(),
        observation -> {
          remember(uid, task, observation);
          seen(key, task, observation);
        });
  }

  private void seen(ObjectKey key, TaskStatus task, Observation observation) {
    tell(key, new News.Seen(task.id(), task.attempts(), words(task, key).of(observation)));
  }

  private static ProviderWords words(TaskStatus task, ObjectKey execution) {
    return ProviderWords.of(provider(task), execution);
  }

  private void tell(ObjectKey key, News news) {
    inbox.put(key, news);
    wakeups.wake(key);
  }

  private void release(String uid, Run run, TaskStatus task) {
    lane(task).ifPresent(lane -> lane.release(Orders.ticket(uid, run, task).key()));
  }

  private Optional<Lane> lane(TaskStatus task) {
    return lanes.find(provider(task));
  }

  private static ObjectKey provider(TaskStatus task) {
    return ObjectKey.parse(task.provider());
  }

  private static Instant started(TaskStatus task) {
    return task.startTime() == null ? Instant.EPOCH : task.startTime();
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
    private final String uid;
    private final Run run;
    private final TaskMachine machine;
    private final Map<String, TaskStatus> tasks;
    private final Instant now;
    private final List<TaskStatus> toSend = new ArrayList<>();
    private final List<TaskStatus> toResume = new ArrayList<>();
    private final List<TaskStatus> toFollow = new ArrayList<>();
    private Instant next;

    Pass(
        PreheatExecution execution,
        Run run,
        TaskMachine machine,
        Map<String, TaskStatus> tasks,
        Instant now) {
      this.execution = execution;
      this.key = ObjectKey.of(execution);
      this.uid = execution.getMetadata().getUid();
      this.run = run;
      this.machine = machine;
      this.tasks = tasks;
      this.now = now;
      this.next = now.plus(lookAgain());
    }

    private Duration lookAgain() {
      boolean onlyWaits =
          tasks.values().stream()
              .allMatch(task -> task.state() == TaskState.WAITING || task.state().terminal());
      return onlyWaits ? lookAgainAmong(lanes.mostWaiting()) : LOOK_AGAIN;
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

    /** Places of tasks that need none: another operator moved them on, as after a lost lease. */
    void giveBack() {
      for (TaskStatus task : tasks.values()) {
        if (!task.state().inFlight()) {
          release(uid, run, task);
        }
      }
    }

    void admit() {
      Map<ObjectKey, List<TaskStatus>> byProvider = new LinkedHashMap<>();
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
        } else if (task.retryTime() != null && !TaskMachine.due(task.retryTime(), now)) {
          soonest(task.retryTime());
        } else {
          byProvider.computeIfAbsent(provider(task), ignored -> new ArrayList<>()).add(task);
        }
      }
      byProvider.forEach(this::admit);
    }

    private void admit(ObjectKey provider, List<TaskStatus> waiting) {
      Optional<ProviderGate.Closed> closed = closedTo(provider);
      if (closed.isPresent()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        waiting.forEach(task -> hold(task, closed.get().reason(), closed.get().message()));
        return;
      }
      Optional<Lane> lane = lanes.find(provider);
      if (lane.isEmpty()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        waiting.forEach(task ->
            hold(
                task, Reason.WAITING_FOR_PROVIDER, "provider " + provider + " was not probed yet"));
        return;
      }
      Optional<String> missing =
          lane.get().missing(run.target()).or(() -> lane.get().missing(run.operation()));
      if (missing.isPresent()) {
        waiting.forEach(task ->
            tasks.put(
                task.id(),
                machine.end(
                    task,
                    TaskState.FAILED,
                    Reason.NOT_SUPPORTED,
                    "provider " + provider + ": " + missing.get(),
                    now)));
        return;
      }
      lane.get().begin(() -> Orders.inFlight(executions.get(), provider, sources));
      List<Ticket> tickets = waiting.stream().map(task -> Orders.ticket(uid, run, task)).toList();
      List<Admission> admissions =
          lane.get()
              .admit(
                  new Lane.Asker(key, run.group(), run.settings().priority()),
                  tickets,
                  planned(),
                  (ticket, observation) -> {
                    TaskStatus task = tasks.get(ticket.key().substring(uid.length() + 1));
                    if (task != null) {
                      remember(uid, task, observation);
                      seen(key, task, observation);
                    }
                  });
      for (int i = 0; i < tickets.size(); i++) {
        TaskStatus task = waiting.get(i);
        TaskStatus after = machine.admitted(task, words(task, key).of(admissions.get(i)), now);
        tasks.put(task.id(), after);
        if (after.state() == TaskState.SUBMITTING) {
          toSend.add(after);
        }
      }
    }

    private Optional<ProviderGate.Closed> closedTo(ObjectKey provider) {
      return gate.check(provider, key.namespace(), run.operation());
    }

    /** Takes up what a crash, or an answer that never came, left in flight. */
    void recover() {
      for (TaskStatus task : List.copyOf(tasks.values())) {
        Optional<Lane> lane = lane(task);
        if (lane.isEmpty()) {
          cutOff(task);
          continue;
        }
        if (toSend.contains(task)) {
          continue;
        }
        String ticket = Orders.ticket(uid, run, task).key();
        if (task.state() == TaskState.RUNNING && !lane.get().holds(ticket)) {
          toFollow.add(task);
        } else if (task.state() == TaskState.SUBMITTING) {
          boolean here = lane.get().holds(ticket);
          Instant due = TaskMachine.resumeDue(task, started(task), here, now);
          boolean asked = task.retryTime() != null || !here;
          Optional<ProviderGate.Closed> closed =
              asked ? closedTo(provider(task)) : Optional.empty();
          Optional<Admission.Wait> held = lane.get().held();
          if (closed.isPresent()) {
            wakeups.await(new Wakeups.Subject("P2PProvider", provider(task)), key);
            tasks.put(
                task.id(), machine.shutOut(task, closed.get().reason(), closed.get().message()));
          } else if (asked && held.isPresent()) {
            tasks.put(task.id(), machine.adoptingLater(task, waits(task, held.get())));
            wakeups.await(new Wakeups.Subject("P2PProvider", provider(task)), key);
          } else if (asked) {
            if (TaskMachine.due(due, now)) {
              toResume.add(task);
            } else {
              soonest(due);
            }
          }
        }
      }
      for (TaskStatus task : toResume) {
        // The next look for the same task comes only after this one had its time.
        tasks.put(task.id(), machine.resuming(task, now));
      }
    }

    private String waits(TaskStatus task, Admission.Wait held) {
      return words(task, key).waits(held).message();
    }

    /** A task whose provider was deleted under its hands. */
    private void cutOff(TaskStatus task) {
      ObjectKey provider = provider(task);
      if (task.state().inFlight()) {
        wakeups.await(new Wakeups.Subject("P2PProvider", provider), key);
        closedTo(provider)
            .ifPresent(closed ->
                tasks.put(task.id(), machine.cutOff(task, closed.reason(), closed.message())));
      }
    }

    Step outcome(List<TaskStatus> before) {
      List<TaskStatus> toRelease = new ArrayList<>();
      for (TaskStatus task : before) {
        TaskStatus after = tasks.get(task.id());
        if (after != null && !after.state().inFlight() && task.state().inFlight()) {
          toRelease.add(after);
        }
      }
      Duration wait = Duration.between(now, next);
      return new Step(
          List.copyOf(tasks.values()),
          toSend,
          toResume.stream().map(task -> resumed(task)).toList(),
          toFollow,
          toRelease,
          wait.isPositive() ? wait : Duration.ofMillis(50));
    }

    private TaskStatus resumed(TaskStatus task) {
      TaskStatus after = tasks.get(task.id());
      return after == null ? task : after;
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
