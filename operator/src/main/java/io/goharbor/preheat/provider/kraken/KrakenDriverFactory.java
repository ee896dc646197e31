package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import java.time.Duration;

/** Opens drivers for Kraken clusters. */
public final class KrakenDriverFactory implements P2PDriverFactory {
  /** A notification is answered when the manifest was fetched, which may take a while. */
  private static final Duration NOTIFY_TIMEOUT = Duration.ofSeconds(60);

  @Override
  public P2PProviderSpec.Type type() {
    return P2PProviderSpec.Type.KRAKEN;
  }

  @Override
  public P2PDriver open(DriverSettings settings) {
    P2PProviderSpec.Kraken kraken = settings.spec().kraken();
    if (kraken == null) {
      throw new IllegalArgumentException("spec.kraken is not set");
    }
    ConnectionSettings proxy =
        ConnectionSettings.of(
                kraken.proxyURL(),
                settings.credential(),
                settings.tls(),
                settings.spec().effectiveLimits().requestRate())
            .withReadTimeout(NOTIFY_TIMEOUT);
    KrakenOrigins origins =
        kraken.originURL() == null
            ? null
            : new KrakenOrigins(
                settings.clients(),
                "Kraken origin of " + settings.name(),
                // Every blob is asked for at every origin: the limit counts tasks' starts, not
                // these.
                new ConnectionSettings(
                    kraken.originURL(),
                    settings.credential(),
                    settings.tls(),
                    1000,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20)));
    return new KrakenDriver(
        new KrakenProxy(
            settings.clients().open("Kraken proxy of " + settings.name(), proxy),
            settings
                .clients()
                .open(
                    "Kraken proxy of " + settings.name(),
                    proxy.withReadTimeout(settings.spec().effectiveHealthCheck().limit())),
            settings.clock()),
        origins,
        kraken.template());
  }
}
