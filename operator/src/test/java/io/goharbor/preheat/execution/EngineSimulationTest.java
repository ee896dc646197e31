package io.goharbor.preheat.execution;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Histories of executions, providers, registries and processes at random. More of them run with
 * {@code -Dsimulation.histories=1000000}; one is told step by step with {@code -Dsimulation.seed},
 * histories one more than that, and {@code -Dsimulation.trace=true}.
 */
class EngineSimulationTest {
  private static final int HISTORIES = Integer.getInteger("simulation.histories", 10_000);
  private static final int CHUNKS = 8;

  static IntStream chunks() {
    return IntStream.range(0, CHUNKS);
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void every_history_keeps_the_rules_and_ends(int chunk) {
    for (long seed = Long.getLong("simulation.seed", chunk); seed < HISTORIES; seed += CHUNKS) {
      try {
        new Simulation(seed).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
