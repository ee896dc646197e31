package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.api.builder.RunSettingsBuilder;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Secrets;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Plan;
import io.goharbor.preheat.plan.PlanResult;
import io.goharbor.preheat.plan.Planner;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An execution of three images on one Dragonfly, and operators that come and go. */
final class CrashWorld implements AutoCloseable {
  /**
   * Where a run is killed.
   *
   * @param points counted over the whole run: before and after each write, and after each act
   * @param losesAnswers whether now and then a write is done and its answer lost
   */
  record Kills(Set<Integer> points, boolean losesAnswers) {}

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final int SPEED = 200;
  private static final Duration LONGEST_RUN = Duration.ofSeconds(30);
  private static final ObjectKey PROVIDER = new ObjectKey("default", "dragonfly");

  private final Instant base = Instant.parse("2026-11-20T12:00:00Z");
  private final long started = System.nanoTime();
  private final InstantSource clock = () -> base.plusNanos((System.nanoTime() - started) * SPEED);
  private final HarborSimulator harbor = new HarborSimulator(clock, 0.001);
  private final DragonflySimulator dragonfly = new DragonflySimulator(clock, "token");
  private final KubernetesClient kube =
      new KubernetesClientBuilder().withConfig(Config.empty()).build();
  private final PreheatExecution execution = new PreheatExecution();
  private final Run run;
  private @Nullable PreheatExecutionStatus stored;
  private long version;
  private int points;

  CrashWorld() {
    harbor.createProject("shop", true);
    for (String name : List.of("web", "api", "db")) {
      harbor.push("shop", name, "1.0", Map.of(name + "-base", 3000L, name + "-app", 1000L));
    }
    dragonfly.jobTime(Duration.ofSeconds(20));
    // The first time, one seed peer cannot fetch one blob of each image.
    Set<String> failedOnce = ConcurrentHashMap.newKeySet();
    dragonfly.blobFails((host, blob) ->
        host.equals("seed-1") && blob.compareTo("sha256:8") > 0 && failedOnce.add(blob));
    execution.setMetadata(
        new ObjectMetaBuilder().withName("e").withNamespace("default").withUid("u").build());
    execution.setSpec(
        Serialization.unmarshal(
            """
            artifacts:
              - {repository: shop/web, tag: "1.0"}
              - {repository: shop/api, tag: "1.0"}
              - {repository: shop/db, tag: "1.0"}
            """,
            PreheatExecutionSpec.class));
    run =
        new Run(
            new ObjectKey("default", "main"),
            new HarborRegistrySpec(harbor.url(), null, null, null, 1000, null, null),
            List.of(PROVIDER),
            null,
            RunSettingsBuilder.builder()
                .harborRef("main")
                .target(new Target(Target.Scope.ALL_SEED_PEERS, null, null, null))
                .verification(Verification.DEFAULT)
                .backoffLimit(3)
                .taskTimeout("1h")
                .priority(0)
                .build(),
            new ObjectKey("default", "e"),
            Operation.PREHEAT,
            true,
            false,
            Run.Control.NONE);
  }

  DragonflySimulator dragonfly() {
    return dragonfly;
  }

  synchronized PreheatExecutionStatus status() {
    return stored == null ? PreheatExecutionStatus.EMPTY : stored;
  }

  /** Runs to the end with one operator after the other; gives the number of points passed. */
  int run(Kills kills) throws InterruptedException {
    while (true) {
      Operator operator = new Operator(kills);
      try {
        operator.work(() -> false);
        return points;
      } catch (Killed killed) {
        settle();
      } finally {
        operator.close();
      }
    }
  }

  /** Runs to the end with two operators at the same time. */
  void runTwice() throws InterruptedException {
    Kills none = new Kills(Set.of(), false);
    AtomicBoolean stop = new AtomicBoolean();
    try (Operator one = new Operator(none);
        Operator two = new Operator(none)) {
      Thread other =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  two.work(stop::get);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      one.work(() -> false);
      stop.set(true);
      other.join();
    }
  }

  /** A killed process sends nothing more; here, what it has on its way is let arrive. */
  private void settle() throws InterruptedException {
    long before;
    do {
      before = dragonfly.server().requests() + harbor.server().requests();
      Thread.sleep(40);
    } while (before != dragonfly.server().requests() + harbor.server().requests());
  }

  /** The execution as it is stored. */
  private PreheatExecution current() {
    PreheatExecution current = new PreheatExecution();
    current.setMetadata(execution.getMetadata());
    current.setSpec(execution.getSpec());
    current.setStatus(status());
    return current;
  }

  private synchronized boolean write(long expected, PreheatExecutionStatus status) {
    if (version != expected) {
      return false;
    }
    stored = status;
    version++;
    return true;
  }

  private synchronized void point(Kills kills) {
    if (kills.points().contains(++points)) {
      throw new Killed();
    }
  }

  @Override
  public void close() {
    dragonfly.close();
    harbor.close();
    kube.close();
  }

  /** One process of the operator, with memory of its own. */
  private final class Operator implements AutoCloseable {
    private final Kills kills;
    private final Wakeups wakeups = new Wakeups();
    private final HttpClients clients = new HttpClients();
    private final TaskOrders orders =
        new TaskOrders(
            new HarborClients(clients, new Secrets(kube, new Redactor(InstantSource.system()))),
            registry -> Optional.of(run.harbor()),
            () -> Stream.of(current()),
            wakeups);
    private final Engine engine = new Engine(orders, clock, new Supervisor(_ -> {}));
    private final Planner planner = new Planner(orders.manifests());
    private final TaskDriver driver =
        new TaskDriver(
            engine,
            (provider, namespace, operation) -> Optional.empty(),
            registry -> DedupKey.Source.of(registry, run.harbor()),
            wakeups);
    private final TaskCycle steps =
        new TaskCycle(driver, orders.inbox(), new ExecutionMetrics(new SimpleMeterRegistry()));
    private final Random random = new Random(7);

    Operator(Kills kills) {
      this.kills = kills;
      engine.probe(
          PROVIDER,
          new DriverSettings(
              "default/dragonfly",
              P2PProviderSpecBuilder.builder()
                  .type(P2PProviderSpec.Type.DRAGONFLY)
                  .dragonfly(new P2PProviderSpec.Dragonfly(dragonfly.url(), List.of(1)))
                  .limits(new P2PProviderSpec.Limits(2, 1000))
                  .build(),
              new Credential.Bearer("token"),
              TlsSettings.SYSTEM,
              clients,
              clock));
    }

    /** What the reconciler does, until the execution ended. */
    void work(java.util.function.BooleanSupplier stop) throws InterruptedException {
      long end = System.nanoTime() + LONGEST_RUN.toNanos();
      while (!stop.getAsBoolean() && System.nanoTime() < end) {
        long seen;
        PreheatExecution current;
        synchronized (CrashWorld.this) {
          seen = version;
          current = current();
        }
        if (status().effectivePhase().terminal()) {
          return;
        }
        step(current, seen);
        Thread.sleep(3);
      }
    }

    private void step(PreheatExecution current, long seen) {
      Instant now = clock.instant();
      PreheatExecutionStatus before = current.getStatus();
      Plan plan = null;
      try {
        if (before == null || before.tasks() == null) {
          plan =
              ((PlanResult.InPlace)
                      planner.plan(
                          run,
                          current.getSpec(),
                          orders.harbor(run.registry(), run.harbor()),
                          now,
                          Optional.empty()))
                  .plan();
        }
      } catch (io.goharbor.preheat.http.RemoteCallException e) {
        throw new IllegalStateException(e);
      }
      AtomicBoolean wrote = new AtomicBoolean();
      try {
        steps.take(
            current,
            plan == null ? before == null ? List.of() : before.taskList() : plan.tasks(),
            plan,
            run,
            new TaskStateMachine(
                run.operation(), run.verification(), run.settings().backoffLimit(), random),
            new Report(current, now),
            now,
            status -> {
              if (status.equals(before)) {
                return true;
              }
              point(kills);
              boolean written = write(seen, status);
              if (written) {
                wrote.set(true);
                point(kills);
                if (kills.losesAnswers() && random.nextInt(4) == 0) {
                  throw new IllegalStateException("the answer is lost");
                }
              }
              return written;
            });
      } catch (IllegalStateException lost) {
        // As after any failed reconciliation, it is tried again.
        return;
      }
      if (wrote.get()) {
        point(kills);
      }
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
