package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSimulator;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A simulated Kraken, and a provider for it.
 *
 * @param verifiable whether the provider knows the origins
 */
record KrakenSubject(KrakenSimulator simulator, boolean verifiable) implements Subject {
  /** The origins' own account at the registry. */
  static final String USER = "kraken";

  /** Its password. */
  static final String PASSWORD = "origin-password-71c3d09ae8";

  /** What is sent to Kraken's gateway, if there is one. */
  private static final String TOKEN = "kraken-gateway-2b8f60e1d4";

  @Override
  public P2PProviderSpec spec() {
    return P2PProviderSpecBuilder.builder()
        .type(P2PProviderSpec.Type.KRAKEN)
        .kraken(
            new P2PProviderSpec.Kraken(
                simulator.proxyUrl(), verifiable ? simulator.originUrl() : null, null))
        .limits(new P2PProviderSpec.Limits(32, 500))
        .healthCheck(new P2PProviderSpec.HealthCheck("30s", "2s"))
        .build();
  }

  @Override
  public Credential credential() {
    return new Credential.Bearer(TOKEN);
  }

  @Override
  public List<String> secrets() {
    return List.of(PASSWORD, TOKEN);
  }

  @Override
  public List<SimServer> servers() {
    List<SimServer> all = new ArrayList<>(List.of(simulator.proxy()));
    for (int i = 0; i < simulator.origins(); i++) {
      all.add(simulator.origin(i));
    }
    return all;
  }

  @Override
  public Predicate<Ask> sends() {
    return Faults.on("POST", "/prefetch").or(Faults.on("POST", "/registry/notifications"));
  }

  /** Kraken knows blobs only: work that was given twice is a blob whose download began twice. */
  @Override
  public int begun() {
    return simulator.downloads().values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  @Override
  public boolean holds(ImageManifest manifest) {
    return KrakenBench.digests(manifest).stream().allMatch(simulator::warm);
  }

  /** Kraken has no jobs. */
  @Override
  public boolean forgetJobs() {
    return false;
  }

  @Override
  public void close() {
    simulator.close();
  }
}
