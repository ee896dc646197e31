package io.goharbor.preheat.e2e.harbor;

import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** A simulated Harbor with a private project, and clients for it. */
abstract class HarborBench {
  static final String ROBOT = "robot$preheat";
  static final String SECRET = "robot-secret-2e9d";
  static final Map<String, Long> LAYERS = Map.of("base", 5_000L, "app", 2_000L);

  final HarborSimulator harbor = new HarborSimulator(Clock.systemUTC(), 0.002);

  HarborBench() {
    harbor.addRobot(ROBOT, SECRET);
    harbor.createProject("shop", false);
  }

  @AfterEach
  void stop() {
    harbor.close();
  }

  HarborClient client() {
    return client(new Credential.Basic(ROBOT, SECRET));
  }

  HarborClient client(Credential credential) {
    return client(harbor.url(), credential, TlsSettings.SYSTEM);
  }

  static HarborClient client(String url, Credential credential, TlsSettings tls) {
    return new HarborClient(
        new HttpClients()
            .open(
                "Harbor default/main",
                ConnectionSettings.of(url, credential, tls, 1000)
                    .withReadTimeout(Duration.ofSeconds(5))),
        url);
  }

  static List<HarborArtifact> list(HarborClient client, String project, ArtifactQuery query)
      throws RemoteCallException {
    List<HarborArtifact> found = new ArrayList<>();
    client.artifacts(project, query, found::add);
    return found;
  }

  static ArtifactQuery tagged() {
    return new ArtifactQuery(null, null, true, HarborArtifact.Detail.BASIC);
  }
}
