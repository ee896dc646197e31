package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/** All providers in use, and the drivers' factories. */
public final class Engine implements AutoCloseable {
  private final Map<P2PProviderSpec.Type, P2PDriverFactory> factories =
      new EnumMap<>(P2PProviderSpec.Type.class);
  private final ConcurrentHashMap<ObjectKey, ManagedProvider> providers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, DriverSettings> settings = new ConcurrentHashMap<>();
  private final TaskDirectory tasks;
  private final Executor executor;
  private final InstantSource clock;
  private final UnaryOperator<ManagedProvider> polling;

  /** With the drivers that the class path offers, on virtual threads. */
  public Engine(TaskDirectory tasks, InstantSource clock, Supervisor supervisor) {
    this(
        tasks,
        clock,
        action -> Thread.ofVirtual().name("provider-operation").start(action),
        provider -> provider.polled(supervisor));
    for (P2PDriverFactory factory : ServiceLoader.load(P2PDriverFactory.class)) {
      factories.put(factory.type(), factory);
    }
  }

  /** Without drivers; whoever makes it has jobs polled. */
  Engine(
      TaskDirectory tasks,
      InstantSource clock,
      Executor executor,
      UnaryOperator<ManagedProvider> polling) {
    this.tasks = tasks;
    this.clock = clock;
    this.executor = executor;
    this.polling = polling;
  }

  /** A provider; empty until it was reconciled once. */
  public Optional<ManagedProvider> find(ObjectKey provider) {
    return Optional.ofNullable(providers.get(provider));
  }

  /**
   * Takes all that an execution wants and has in flight now. With a provider that is not named it
   * has nothing any more.
   *
   * @return for each provider in use an admission for each wanted task, in order
   */
  public Map<ObjectKey, List<Admission>> sync(ObjectKey execution, Map<ObjectKey, Demand> demands) {
    Map<ObjectKey, List<Admission>> admissions = new HashMap<>();
    Demand none = Demand.none(execution);
    providers.forEach(
        (key, provider) -> admissions.put(key, provider.sync(demands.getOrDefault(key, none))));
    return admissions;
  }

  /** Executions that wait for slots, at the provider where most do. */
  public int mostWaiting() {
    return providers.values().stream().mapToInt(ManagedProvider::waiting).max().orElse(0);
  }

  /** Opens the driver again when its settings differ from those in use, and probes it. */
  public Health probe(ObjectKey key, DriverSettings wanted) {
    ManagedProvider provider = provider(key);
    if (!wanted.equals(settings.get(key))) {
      P2PDriverFactory factory = factories.get(wanted.spec().type());
      if (factory == null) {
        throw new IllegalStateException("no driver for " + wanted.spec().type());
      }
      provider.use(factory.open(wanted), wanted.spec());
      settings.put(key, wanted);
    }
    return provider.probe();
  }

  /** Uses a given driver. */
  ManagedProvider use(ObjectKey key, P2PDriver driver, P2PProviderSpec spec) {
    ManagedProvider provider = provider(key);
    provider.use(driver, spec);
    return provider;
  }

  /** Holds a provider that cannot be opened. */
  void hold(ObjectKey key, Health.Unusable why) {
    provider(key).probed(why);
  }

  private ManagedProvider provider(ObjectKey key) {
    return providers.computeIfAbsent(
        key, made -> polling.apply(new ManagedProvider(made, tasks, executor, clock)));
  }

  /** Closes a provider that was deleted. */
  void close(ObjectKey key) {
    settings.remove(key);
    ManagedProvider provider = providers.remove(key);
    if (provider != null) {
      provider.close();
    }
  }

  @Override
  public void close() {
    providers.keySet().forEach(this::close);
  }
}
