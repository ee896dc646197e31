package io.goharbor.preheat.registry;

import io.goharbor.preheat.kube.ObjectKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What registries tell Prometheus. */
public final class RegistryMetrics {
  private final MeterRegistry meters;

  /** Registers with the given meters. */
  public RegistryMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Shows the counters of a registry before they count: a first step is not an increase. */
  public void begin(ObjectKey registry) {
    missed(registry);
    repaired(registry);
    sweeps(registry);
  }

  Counter missed(ObjectKey registry) {
    return Counter.builder("preheat.catchup.missed")
        .description("Artifacts that only the catch-up sweep found")
        .tag("registry", registry.toString())
        .register(meters);
  }

  Counter repaired(ObjectKey registry) {
    return Counter.builder("preheat.webhooks.repaired")
        .description("Webhooks in Harbor that were put right")
        .tag("registry", registry.toString())
        .register(meters);
  }

  Timer sweeps(ObjectKey registry) {
    return Timer.builder("preheat.catchup.sweep")
        .description("Duration of catch-up sweeps, also of those that go on later")
        .tag("registry", registry.toString())
        .register(meters);
  }
}
