package io.goharbor.preheat.runtime;

import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what fails in background loops; a loop that never failed has a series too. */
final class LoopMetrics implements Supervisor.Listener {
  private final MeterProvider<Counter> failures;

  LoopMetrics(MeterRegistry meters) {
    failures =
        Counter.builder("preheat.loop.failures")
            .description("Steps of background loops that failed and are taken again")
            .withRegistry(meters);
  }

  @Override
  public void begins(String kind) {
    failures.withTags("loop", kind);
  }

  @Override
  public void failed(String kind) {
    failures.withTags("loop", kind).increment();
  }
}
