package io.goharbor.preheat.engine;

import static java.util.Objects.requireNonNull;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.P2PDriver;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An engine without threads: whoever has it does the next thing by hand. */
public final class ManualEngine {
  private final Deque<Runnable> operations = new ArrayDeque<>();
  private final Map<ObjectKey, ManagedProvider> providers = new HashMap<>();
  private final Engine engine;

  /** Nothing is used yet. */
  public ManualEngine(TaskDirectory tasks, InstantSource clock) {
    engine = new Engine(tasks, clock, operations::add, provider -> provider);
  }

  /** The engine. */
  public Engine engine() {
    return engine;
  }

  /** Takes a provider into use. */
  public void use(ObjectKey key, P2PDriver driver, P2PProviderSpec spec) {
    providers.put(key, engine.use(key, driver, spec));
  }

  /** Asks a provider how it is. */
  public Health probe(ObjectKey key) {
    return provider(key).probe();
  }

  /** Checks the jobs of a provider that are due. */
  public void poll(ObjectKey key) {
    provider(key).poll();
  }

  /** Jobs of a provider that are under poll. */
  public int polled(ObjectKey key) {
    return provider(key).polled();
  }

  /** How the queue of a provider stands. */
  public QueueState state(ObjectKey key) {
    return provider(key).state();
  }

  private ManagedProvider provider(ObjectKey key) {
    return requireNonNull(providers.get(key));
  }

  /** Operations that have begun and not run yet. */
  public int pending() {
    return operations.size();
  }

  /** Runs the oldest of them, if there is one. */
  public void runOne() {
    Runnable operation = operations.poll();
    if (operation != null) {
      operation.run();
    }
  }

  /** All of them, which never run here any more. */
  public List<Runnable> takeOperations() {
    List<Runnable> taken = new ArrayList<>(operations);
    operations.clear();
    return taken;
  }
}
