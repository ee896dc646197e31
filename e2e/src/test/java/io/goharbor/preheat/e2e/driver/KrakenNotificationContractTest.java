package io.goharbor.preheat.e2e.driver;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import okhttp3.Credentials;

/** The Kraken driver without origins: the proxy is notified, and nothing can be asked. */
class KrakenNotificationContractTest extends DriverContract {
  @Override
  Set<String> otherAuthorizations() {
    return Set.of(
        Credentials.basic(KrakenSubject.USER, KrakenSubject.PASSWORD, StandardCharsets.UTF_8));
  }

  @Override
  Subject subject(ContractRegistry from) {
    return new KrakenSubject(KrakenContractTest.simulator(from), false);
  }
}
