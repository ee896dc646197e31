package io.goharbor.preheat.execution;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.RunSettingsBuilder;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.engine.ManualEngine;
import io.goharbor.preheat.engine.QueueState;
import io.goharbor.preheat.engine.TaskDirectory;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.engine.Work;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.PreheatOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One history. Everything happens in one thread, in an order that the seed decides: reconciles,
 * operations, polls, probes, what people do, what fails, and crashes of the process at any point.
 */
final class Simulation {
  private static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");
  private static final ObjectKey REGISTRY = new ObjectKey("team", "main");
  private static final HarborRegistrySpec HARBOR =
      new HarborRegistrySpec("https://h.example.com", null, null, null, null, null, null);
  private static final Window CLOSED = new Window("00:00", "00:01", "UTC", null);
  private static final Map<String, ImageManifest> IMAGES = images();
  private static final int BACKOFF_LIMIT = 2;
  private static final boolean TRACE = Boolean.getBoolean("simulation.trace");

  /** An execution as the API server has it. */
  private static final class Stored {
    private final PreheatExecution execution = new PreheatExecution();
    private final int priority;
    private final ObjectKey group;
    private List<TaskStatus> tasks;
    private boolean suspended;
    private boolean cancelled;
    private boolean outside;
    private boolean blocked;

    private Stored(String name, String uid, int priority, ObjectKey group, List<TaskStatus> tasks) {
      execution.setMetadata(
          new ObjectMetaBuilder().withNamespace("team").withName(name).withUid(uid).build());
      execution.setSpec(
          PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL));
      this.priority = priority;
      this.group = group;
      this.tasks = tasks;
    }

    private ObjectKey key() {
      return ObjectKey.of(execution);
    }

    private boolean ended() {
      return tasks.stream().allMatch(task -> task.state().terminal());
    }

    private boolean mayStart() {
      return !suspended && !cancelled && !outside && !blocked;
    }

    private RunSettings settings() {
      return RunSettingsBuilder.builder()
          .harborRef("main")
          .target(Target.DEFAULT)
          .verification(Verification.DEFAULT)
          .backoffLimit(BACKOFF_LIMIT)
          .taskTimeout("1h")
          .window(outside ? CLOSED : null)
          .priority(priority)
          .build();
    }

    private Run run() {
      return new Run(
          REGISTRY,
          HARBOR,
          List.of(),
          null,
          settings(),
          group,
          Operation.PREHEAT,
          false,
          false,
          new Run.Control(suspended, cancelled, BEGIN));
    }
  }

  /** What a process has in memory. */
  private final class Replica implements TaskDirectory {
    private final Inbox inbox = new Inbox();
    private final Wakeups wakeups = new Wakeups();
    private final Set<ObjectKey> woken = new LinkedHashSet<>();
    private final Map<ObjectKey, Instant> alarms = new LinkedHashMap<>();
    private final ManualEngine manual = new ManualEngine(this, () -> now);
    private final Map<TaskKey, Integer> answers = new HashMap<>();
    private final TaskDriver driver =
        new TaskDriver(
            manual.engine(),
            (provider, namespace, operation) ->
                notAllowed
                    ? Optional.of(
                        new ProviderGate.Closed(Reason.PROVIDER_NOT_ALLOWED, "not allowed"))
                    : Optional.empty(),
            registry -> source(),
            wakeups);

    private Replica() {
      wakeups.wakeExecutionsBy(woken::add);
      providers.forEach((key, provider) -> {
        manual.use(key, provider, requireNonNull(SPECS.get(key)));
        manual.probe(key);
      });
      woken.addAll(stored.keySet());
    }

    @Override
    public PreheatOrder order(Work work) throws RemoteCallException {
      if (harborDown) {
        throw new RemoteCallException(
            FailureClass.WAIT, Reason.UNREACHABLE, 0, "Harbor is down", null, false, null);
      }
      if (harborFaulty && random.nextInt(4) == 0) {
        throw new IllegalStateException("the API server refused to read a Secret");
      }
      TaskKey key = work.key();
      return new PreheatOrder(
          key.uid() + "-" + key.task() + "-" + key.attempt(),
          requireNonNull(IMAGES.get(work.dedupKey().digest())),
          null,
          work.platform(),
          work.dedupKey().target(),
          work.timeLimit(),
          () -> PullAuthorization.ANONYMOUS);
    }

    @Override
    public Stream<Work> inFlight(ObjectKey provider) {
      return stored.values().stream()
          .flatMap(one -> work(one).inFlight(provider).stream())
          .map(Work.InFlight::work);
    }

    @Override
    public void happened(TaskEvent event) {
      if (event instanceof TaskEvent.Sent) {
        answers.merge(event.key(), 1, Integer::sum);
      }
      inbox.put(event.key().execution(), event);
      wake(event.key().execution());
    }

    @Override
    public void wake(ObjectKey execution) {
      woken.add(execution);
    }

    /** As the reconciler does. */
    private void reconcile(ObjectKey key) {
      trace("reconcile " + key);
      woken.remove(key);
      alarms.remove(key);
      Stored one = stored.get(key);
      if (one == null || one.ended()) {
        driver.drop(key);
        inbox.forget(key);
        return;
      }
      if (one.blocked) {
        manual.engine().sync(key, work(one).inFlightOnly(one.group));
        alarms.put(key, now.plusSeconds(30));
        return;
      }
      Set<TaskKey> underWay = driver.underWay(one.execution, one.tasks);
      List<TaskEvent> events = inbox.read(key);
      TaskDecision step =
          driver.step(one.execution, one.run(), machine, one.tasks, underWay, events, now);
      if (writesFail && random.nextInt(3) == 0) {
        alarms.put(key, now.plusMillis(200));
        return;
      }
      one.tasks = step.tasks();
      if (dies && random.nextInt(3) == 0) {
        crash();
        return;
      }
      inbox.taken(key, events.size());
      driver.act(step, one.execution, one.run());
      alarms.put(key, now.plus(step.next()));
      if (one.ended()) {
        driver.drop(key);
        inbox.forget(key);
        alarms.remove(key);
      }
    }

    private boolean isAtRest() {
      return woken.isEmpty() && manual.pending() == 0;
    }

    private void next() {
      if (!woken.isEmpty()) {
        List<ObjectKey> all = List.copyOf(woken);
        reconcile(all.get(random.nextInt(all.size())));
      } else {
        manual.runOne();
      }
    }
  }

  private static final ObjectKey ONE = new ObjectKey("team", "one");
  private static final ObjectKey OTHER = new ObjectKey("team", "other");
  private static final Map<ObjectKey, P2PProviderSpec> SPECS = Map.of(ONE, spec(2), OTHER, spec(4));

  private final Random random;
  private final TaskStateMachine machine;
  private final Map<ObjectKey, SimulatedProvider> providers = new LinkedHashMap<>();
  private final Map<ObjectKey, Stored> stored = new LinkedHashMap<>();
  private Instant now = BEGIN;
  private Replica process;
  private int names;
  private int credentials;
  private boolean everRotated;
  private boolean harborDown;
  private boolean harborFaulty;
  private boolean notAllowed;
  private boolean writesFail;
  private boolean dies;

  Simulation(long seed) {
    random = new Random(seed);
    machine = new TaskStateMachine(Operation.PREHEAT, Verification.DEFAULT, BACKOFF_LIMIT, random);
    providers.put(ONE, new SimulatedProvider(random, () -> now));
    providers.put(OTHER, new SimulatedProvider(random, () -> now));
    process = new Replica();
  }

  private static P2PProviderSpec spec(int slots) {
    return Serialization.unmarshal(
        "type: Dragonfly\nlimits: {maxConcurrentTasks: " + slots + "}", P2PProviderSpec.class);
  }

  private static Map<String, ImageManifest> images() {
    Map<String, ImageManifest> images = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      String digest = "sha256:" + Integer.toString(i).repeat(64);
      images.put(
          digest,
          new ImageManifest(
              "https://h.example.com",
              "shop",
              "web",
              digest,
              "application/vnd.oci.image.manifest.v1+json",
              List.of(new ImageManifest.Blob(digest, 100))));
    }
    return images;
  }

  /** Other credentials make other work of the same artifact. */
  private DedupKey.Source source() {
    return new DedupKey.Source(REGISTRY, HARBOR.pullUrl(), "robot-" + credentials);
  }

  private TaskWork work(Stored one) {
    return TaskWork.of(one.execution, one.settings(), source(), one.tasks);
  }

  void run() {
    for (int i = 20 + random.nextInt(60); i > 0; i--) {
      something();
      check();
    }
    allIsWell();
    for (int i = 0; i < 400 && !done(); i++) {
      later(Duration.ofSeconds(10));
      settle();
    }
    for (Stored one : stored.values()) {
      assertThat(one.tasks)
          .as("%s ends when all is well", one.key())
          .allMatch(task -> task.state().terminal());
    }
    for (ObjectKey provider : providers.keySet()) {
      assertThat(process.manual.state(provider).running()).as("slots in use").isZero();
      assertThat(process.manual.state(provider).queued()).as("tasks that wait").isZero();
      assertThat(process.manual.polled(provider)).as("jobs under poll").isZero();
    }
    assertThat(process.answers.values()).as("answers of an operation").allMatch(many -> many > 0);
  }

  private boolean done() {
    return stored.values().stream().allMatch(Stored::ended) && process.isAtRest();
  }

  private void something() {
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> create();
      case 3 -> any(one -> one.suspended = !one.suspended);
      case 4 -> any(one -> one.outside = !one.outside);
      case 5 -> any(one -> one.blocked = !one.blocked);
      case 6 -> {
        if (random.nextInt(4) == 0) {
          any(one -> one.cancelled = true);
        }
      }
      case 7 -> delete();
      case 8 -> rotate();
      case 9 -> harborDown = !harborDown;
      case 10 -> harborFaulty = !harborFaulty;
      case 11 -> provider().down(random.nextBoolean());
      case 12 -> crash();
      case 13 -> writesFail = !writesFail;
      case 14 -> dies = !dies;
      case 15 -> {
        notAllowed = !notAllowed;
        stored.keySet().forEach(process::wake);
      }
      case 16, 17 -> settle();
      case 18, 19, 20, 21 -> later(Duration.ofSeconds(random.nextInt(40)));
      default -> process.next();
    }
  }

  private void rotate() {
    everRotated = true;
    credentials = random.nextInt(3);
    stored.keySet().forEach(process::wake);
  }

  private void create() {
    if (stored.size() > 5) {
      return;
    }
    String name = "run-" + random.nextInt(8);
    ObjectKey key = new ObjectKey("team", name);
    if (stored.containsKey(key)) {
      return;
    }
    List<TaskStatus> tasks =
        IntStream.rangeClosed(1, 1 + random.nextInt(5)).mapToObj(this::task).toList();
    stored.put(
        key,
        new Stored(
            name,
            "uid-" + names++,
            random.nextInt(3),
            new ObjectKey("team", "policy-" + random.nextInt(2)),
            tasks));
    process.wake(key);
  }

  private TaskStatus task(int number) {
    String digest = "sha256:" + Integer.toString(random.nextInt(5)).repeat(64);
    return TaskStatusBuilder.builder()
        .id("t" + number)
        .artifact("shop/web:" + number)
        .repository("shop/web")
        .digest(digest)
        .provider((random.nextBoolean() ? ONE : OTHER).toString())
        .state(TaskState.WAITING)
        .bytes(100L)
        .build();
  }

  private void any(Consumer<Stored> change) {
    if (!stored.isEmpty()) {
      List<Stored> all = List.copyOf(stored.values());
      Stored one = all.get(random.nextInt(all.size()));
      change.accept(one);
      process.wake(one.key());
    }
  }

  private void delete() {
    any(one -> stored.remove(one.key()));
  }

  private SimulatedProvider provider() {
    return requireNonNull(providers.get(random.nextBoolean() ? ONE : OTHER));
  }

  /** What is on the wire already still arrives; the rest of the process is gone. */
  private void crash() {
    trace("crash");
    List<Runnable> operations = process.manual.takeOperations();
    process = new Replica();
    operations.stream().limit(random.nextInt(3)).forEach(Runnable::run);
  }

  private void trace(String what) {
    if (TRACE) {
      System.out.println(what + " at " + this);
    }
  }

  private void later(Duration by) {
    now = now.plus(by);
    Replica current = process;
    for (ObjectKey provider : providers.keySet()) {
      current.manual.probe(provider);
      poll(provider);
    }
    List<ObjectKey> due =
        current.alarms.entrySet().stream()
            .filter(alarm -> !alarm.getValue().isAfter(now))
            .map(Map.Entry::getKey)
            .toList();
    due.forEach(current::wake);
  }

  /** A driver may throw; its loop goes on. */
  private void poll(ObjectKey provider) {
    for (int i = 0; i < 3; i++) {
      try {
        process.manual.poll(provider);
      } catch (IllegalStateException e) {
        // The supervisor's business.
      }
      for (int j = process.manual.pending(); j > 0; j--) {
        process.manual.runOne();
      }
    }
  }

  private void settle() {
    for (int i = 0; i < 1000 && !process.isAtRest(); i++) {
      process.next();
    }
    assertThat(process.isAtRest()).as("it comes to rest").isTrue();
  }

  private void allIsWell() {
    harborDown = false;
    harborFaulty = false;
    notAllowed = false;
    writesFail = false;
    dies = false;
    providers.values().forEach(SimulatedProvider::well);
    stored
        .values()
        .forEach(one -> {
          one.suspended = false;
          one.outside = false;
          one.blocked = false;
          process.wake(one.key());
        });
  }

  private void check() {
    checkDedup();
    for (ObjectKey provider : providers.keySet()) {
      checkSlots(provider);
    }
    if (process.isAtRest()) {
      providers.keySet().forEach(this::checkWorkConserving);
    }
  }

  /** Whoever is to be reconciled may have stated something that is not so any more. */
  private boolean hasStated(ObjectKey key) {
    return !process.woken.contains(key) && !soon(key);
  }

  private boolean soon(ObjectKey key) {
    Instant alarm = process.alarms.get(key);
    return alarm != null && alarm.isBefore(now.plusSeconds(1));
  }

  private void checkSlots(ObjectKey provider) {
    long inFlight =
        stored.values().stream()
            .flatMap(one -> one.tasks.stream())
            .filter(task -> task.state().inFlight())
            .filter(task -> task.provider().equals(provider.toString()))
            .count();
    boolean all = stored.keySet().stream().allMatch(this::hasStated) && process.woken.isEmpty();
    if (all) {
      assertThat((long) process.manual.state(provider).running())
          .as("slots in use at %s are those of tasks in flight, by %s", provider, this)
          .isEqualTo(inFlight);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(now + " alarms " + process.alarms + "\n");
    for (Stored one : stored.values()) {
      text.append(one.key())
          .append(one.suspended ? " suspended" : "")
          .append(one.outside ? " outside" : "")
          .append(one.blocked ? " blocked" : "");
      for (TaskStatus task : one.tasks) {
        text.append("\n  ")
            .append(task.id() + " " + task.provider() + " " + task.digest().substring(7, 9) + " ")
            .append(task.state() + " " + task.attempts() + " " + task.reason() + " ")
            .append(task.retryTime() + " " + task.message());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private void checkDedup() {
    Set<List<Object>> seen = new HashSet<>();
    for (Stored one : stored.values()) {
      // One whose status could not be written may have a job there that has ended.
      if (!hasStated(one.key())) {
        continue;
      }
      for (TaskStatus task : one.tasks) {
        if (task.state().inFlight() && !everRotated) {
          // With other credentials it would be other work.
          assertThat(seen.add(List.of(task.provider(), task.digest())))
              .as("one job at a time for %s, by %s", task.digest(), this)
              .isTrue();
        }
      }
    }
  }

  private void checkWorkConserving(ObjectKey provider) {
    QueueState state = process.manual.state(provider);
    if (!state.usable() || state.running() >= state.slots() || notAllowed) {
      return;
    }
    for (Stored one : stored.values()) {
      if (!one.mayStart() || !hasStated(one.key())) {
        continue;
      }
      for (TaskStatus task : one.tasks) {
        boolean waits =
            task.state() == TaskState.WAITING
                && task.provider().equals(provider.toString())
                && task.reason() == Reason.WAITING_FOR_SLOT;
        assertThat(waits)
            .as("%s waits for a slot of %s while %s", task.id(), provider, state)
            .isFalse();
      }
    }
  }
}
