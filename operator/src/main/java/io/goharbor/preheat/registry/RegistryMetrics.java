package io.goharbor.preheat.registry;

import io.goharbor.preheat.kube.ObjectKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What registries tell Prometheus. */
public final class RegistryMetrics {
  private final MeterProvider<Counter> missed;
  private final MeterProvider<Counter> repaired;
  private final MeterProvider<Timer> sweeps;

  /** Registers with the given meters. */
  public RegistryMetrics(MeterRegistry meters) {
    missed =
        Counter.builder("preheat.catchup.missed")
            .description("Artifacts that only the catch-up sweep found")
            .withRegistry(meters);
    repaired =
        Counter.builder("preheat.webhooks.repaired")
            .description("Webhooks in Harbor that were repaired")
            .withRegistry(meters);
    sweeps =
        Timer.builder("preheat.catchup.sweep")
            .description("Duration of catch-up sweeps, also of those that go on later")
            .withRegistry(meters);
  }

  /** Shows the counters of a registry before they count: a first step is not an increase. */
  public void begin(ObjectKey registry) {
    missed(registry);
    repaired(registry);
    sweeps(registry);
  }

  Counter missed(ObjectKey registry) {
    return missed.withTag("registry", registry.toString());
  }

  Counter repaired(ObjectKey registry) {
    return repaired.withTag("registry", registry.toString());
  }

  Timer sweeps(ObjectKey registry) {
    return sweeps.withTag("registry", registry.toString());
  }
}
