package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A simulated Dragonfly, and providers for it. */
record DragonflySubject(DragonflySimulator simulator) implements Subject {
  /** The personal access token. */
  static final String TOKEN = "dragonfly-pat-5e02d7ab41";

  @Override
  public P2PProviderSpec spec() {
    return spec(simulator.url(), List.of(1));
  }

  /** A provider with other scheduler clusters. */
  static P2PProviderSpec spec(String url, @Nullable List<Integer> clusters) {
    return spec(new P2PProviderSpec.Dragonfly(url, clusters));
  }

  /** A provider with other settings. */
  static P2PProviderSpec spec(P2PProviderSpec.Dragonfly dragonfly) {
    return P2PProviderSpecBuilder.builder()
        .type(P2PProviderSpec.Type.DRAGONFLY)
        .dragonfly(dragonfly)
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
    return List.of(TOKEN);
  }

  @Override
  public List<SimServer> servers() {
    return List.of(simulator.server());
  }

  @Override
  public Predicate<Ask> sends() {
    return Faults.on("POST", "/oapi/v1/jobs");
  }

  @Override
  public int begun() {
    return simulator.preheated().size();
  }

  @Override
  public boolean holds(ImageManifest manifest) {
    return manifest.blobs().stream()
        .allMatch(
            blob -> simulator.holders(blob.digest()).containsAll(List.of("seed-0", "seed-1")));
  }

  @Override
  public boolean forgetJobs() {
    simulator.collectGarbage();
    return true;
  }

  @Override
  public void close() {
    simulator.close();
  }
}
