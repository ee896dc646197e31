package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import java.time.Clock;

/** The Dragonfly driver against a simulated Manager. */
class DragonflyContractTest extends DriverContract {
  @Override
  Subject subject(ContractRegistry from) {
    DragonflySimulator simulator =
        new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN);
    simulator.timeScale(0.005);
    simulator.rateLimit(1000);
    return new DragonflySubject(simulator);
  }
}
