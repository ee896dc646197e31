package io.goharbor.preheat.execution;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Histories of executions, providers, registries and processes at random. More of them run with
 * {@code -Dsimulation.histories=1000000}; one is told step by step with {@code -Dsimulation.seed},
 * histories one more than that, and {@code -Dsimulation.trace=true}.
 */
class EngineSimulationTest {
  private static final int HISTORIES = Integer.getInteger("simulation.histories", 10_000);
  private static final long FIRST = Long.getLong("simulation.seed", 0);

  /** Each is played in one thread, and several at the same time. */
  @Test
  void every_history_keeps_the_rules_and_ends() {
    LongStream.range(FIRST, Math.max(HISTORIES, FIRST + 1))
        .parallel()
        .forEach(seed -> {
          try {
            new Simulation(seed).run();
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
          }
        });
  }
}
