package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import java.time.Duration;

/** Opens drivers for Kraken clusters. */
public final class KrakenDriverFactory implements P2PDriverFactory {
  /** A notification is answered when the manifest was fetched, which may take a while. */
  private static final Duration NOTIFY_TIMEOUT = Duration.ofSeconds(60);

  /** An origin with all its workers busy waits 5 s before it says so. */
  private static final Duration ORIGIN_TIMEOUT = Duration.ofSeconds(20);

  // Every blob is asked for at every owner, so limits.requestsPerSecond, which is meant for what
  // starts work, would stretch a look over minutes; the driver bounds the calls at once instead.
  private static final int ORIGIN_RATE = 1000;

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
    if (kraken.proxyURL() == null && kraken.originURL() == null) {
      throw new IllegalArgumentException(
          "neither spec.kraken.proxyURL nor spec.kraken.originURL is set");
    }
    Duration wanted = settings.spec().effectiveHealthCheck().limit();
    Duration probeLimit =
        wanted.compareTo(AnswerLimit.PROBE_TIME) < 0 ? wanted : AnswerLimit.PROBE_TIME;
    return new KrakenDriver(
        kraken.proxyURL() == null ? null : proxy(settings, kraken.proxyURL(), probeLimit),
        kraken.originURL() == null ? null : origins(settings, kraken.originURL(), probeLimit),
        new NamespaceTemplate(kraken.template()),
        probeLimit,
        settings.clock());
  }

  private static KrakenProxy proxy(DriverSettings settings, String url, Duration probeLimit) {
    ConnectionSettings connection =
        ConnectionSettings.of(
                url,
                settings.credential(),
                settings.tls(),
                settings.spec().effectiveLimits().requestRate())
            .withReadTimeout(NOTIFY_TIMEOUT);
    String name = "Kraken proxy of " + settings.name();
    return new KrakenProxy(
        settings.clients().open(name, connection),
        settings.clients().open(name, connection.withReadTimeout(probeLimit)),
        settings.clock());
  }

  private static KrakenOrigins origins(DriverSettings settings, String url, Duration probeLimit) {
    return new KrakenOrigins(
        settings.clients(),
        "Kraken origin of " + settings.name(),
        new ConnectionSettings(
            url,
            settings.credential(),
            settings.tls(),
            ORIGIN_RATE,
            Duration.ofSeconds(5),
            ORIGIN_TIMEOUT),
        probeLimit);
  }
}
