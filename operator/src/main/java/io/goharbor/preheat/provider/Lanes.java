package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/** The lanes of all providers, and the drivers' factories. */
public final class Lanes implements AutoCloseable {
  private final Map<P2PProviderSpec.Type, P2PDriverFactory> factories =
      new EnumMap<>(P2PProviderSpec.Type.class);
  private final ConcurrentHashMap<ObjectKey, Lane> lanes = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, DriverSettings> settings = new ConcurrentHashMap<>();
  private final InstantSource clock;
  private final Wakeups wakeups;
  private final Supervisor supervisor;

  /** Lanes with the drivers that the class path offers. */
  public Lanes(InstantSource clock, Wakeups wakeups, Supervisor supervisor) {
    this.clock = clock;
    this.wakeups = wakeups;
    this.supervisor = supervisor;
    for (P2PDriverFactory factory : ServiceLoader.load(P2PDriverFactory.class)) {
      factories.put(factory.type(), factory);
    }
  }

  /** The lane of a provider; empty until the provider was reconciled once. */
  public Optional<Lane> find(ObjectKey provider) {
    return Optional.ofNullable(lanes.get(provider));
  }

  /** Executions that wait for places, in the lane where most do. */
  public int mostWaiting() {
    return lanes.values().stream().mapToInt(Lane::waiting).max().orElse(0);
  }

  /** Forgets that an execution waits anywhere. */
  public void forget(ObjectKey execution) {
    lanes.values().forEach(lane -> lane.forget(execution));
  }

  /** Opens the driver anew when its settings differ from those in use, and probes it. */
  public Health probe(ObjectKey provider, DriverSettings wanted) {
    Lane lane = lane(provider);
    DriverSettings before = settings.get(provider);
    if (!wanted.equals(before)) {
      P2PDriverFactory factory = factories.get(wanted.spec().type());
      if (factory == null) {
        throw new IllegalStateException("no driver for " + wanted.spec().type());
      }
      lane.use(factory.open(wanted), wanted.spec());
      settings.put(provider, wanted);
    }
    return lane.probe();
  }

  /** Holds a lane whose provider cannot be opened. */
  void hold(ObjectKey provider, Health.Unusable why) {
    lane(provider).probed(why);
  }

  private Lane lane(ObjectKey provider) {
    return lanes.computeIfAbsent(provider, key -> new Lane(key, clock, wakeups, supervisor));
  }

  /** Closes the lane of a provider that was deleted. */
  void close(ObjectKey provider) {
    settings.remove(provider);
    Lane lane = lanes.remove(provider);
    if (lane != null) {
      lane.close();
    }
  }

  @Override
  public void close() {
    lanes.keySet().forEach(this::close);
  }
}
