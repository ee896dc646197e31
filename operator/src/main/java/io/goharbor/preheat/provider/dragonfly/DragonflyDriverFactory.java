package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import java.time.Duration;
import java.util.List;

/** Opens drivers for Dragonfly Managers. */
public final class DragonflyDriverFactory implements P2PDriverFactory {
  /** A submission waits for the self-test, so it must not take long. */
  private static final Duration PROXY_TIMEOUT = Duration.ofSeconds(10);

  @Override
  public P2PProviderSpec.Type type() {
    return P2PProviderSpec.Type.DRAGONFLY;
  }

  @Override
  public P2PDriver open(DriverSettings settings) {
    P2PProviderSpec.Dragonfly dragonfly = settings.spec().dragonfly();
    if (dragonfly == null) {
      throw new IllegalArgumentException("spec.dragonfly is not set");
    }
    ConnectionSettings connection =
        ConnectionSettings.of(
            dragonfly.url(),
            settings.credential(),
            settings.tls(),
            settings.spec().effectiveLimits().requestRate());
    String name = "Dragonfly Manager " + settings.name();
    RemoteSystem reads = settings.clients().open(name, connection);
    RemoteSystem creates = reads.withReadTimeout(dragonfly.submitLimit());
    // Auto asks both APIs, one after the other.
    Duration probeTime =
        dragonfly.effectiveApi() == P2PProviderSpec.Dragonfly.Api.AUTO
            ? AnswerLimit.PROBE_TIME.dividedBy(2)
            : AnswerLimit.PROBE_TIME;
    RemoteSystem probes =
        settings
            .clients()
            .open(
                name,
                forProbes(
                    connection,
                    shorter(settings.spec().effectiveHealthCheck().limit(), probeTime)));
    P2PDriver openApi = openApi(settings, dragonfly, new DragonflyManager(reads, creates, probes));
    P2PDriver legacy = new LegacyDriver(new LegacyPreheats(creates, probes));
    return switch (dragonfly.effectiveApi()) {
      case OPEN_API -> openApi;
      case LEGACY -> legacy;
      case AUTO -> new AutoDriver(openApi, legacy);
    };
  }

  private static P2PDriver openApi(
      DriverSettings settings, P2PProviderSpec.Dragonfly dragonfly, DragonflyManager manager) {
    TaskIds ids = new TaskIds(dragonfly.effectiveTaskIDs(), dragonfly.proxyURL() != null);
    SelfTest selfTest =
        dragonfly.proxyURL() == null
            ? null
            : new SelfTest(
                settings
                    .clients()
                    .open(
                        "Dragonfly proxy of " + settings.name(),
                        // The provider's credential is the Manager's, and no proxy's business.
                        ConnectionSettings.of(
                                dragonfly.proxyURL(),
                                new Credential.None(),
                                settings.tls(),
                                settings.spec().effectiveLimits().requestRate())
                            .withReadTimeout(PROXY_TIMEOUT)),
                ids,
                settings.clock());
    return new OpenApiDriver(
        manager,
        dragonfly.schedulerClusterIDs() == null ? List.of() : dragonfly.schedulerClusterIDs(),
        ids,
        selfTest,
        dragonfly.submitLimit(),
        settings.clock());
  }

  private static ConnectionSettings forProbes(ConnectionSettings work, Duration limit) {
    return new ConnectionSettings(
        work.baseUrl(),
        work.credential(),
        work.tls(),
        work.requestsPerSecond(),
        shorter(work.connectTimeout(), limit),
        limit);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
