package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSimulator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Set;
import okhttp3.Credentials;

/** The Kraken driver, with origins to ask, against a simulated Kraken. */
class KrakenContractTest extends DriverContract {
  @Override
  Set<String> otherAuthorizations() {
    return Set.of(
        Credentials.basic(KrakenSubject.USER, KrakenSubject.PASSWORD, StandardCharsets.UTF_8));
  }

  @Override
  Subject subject(ContractRegistry from) {
    return new KrakenSubject(simulator(from), true);
  }

  static KrakenSimulator simulator(ContractRegistry from) {
    return new KrakenSimulator(
        KrakenSetup.current(from.server().url())
            .account(KrakenSubject.USER, KrakenSubject.PASSWORD),
        Clock.systemUTC());
  }
}
