package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.dragonfly.DragonflyDriverFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A simulated Dragonfly that finishes at once, with a registry, and drivers for it. */
abstract class DragonflyBench {
  static final String PULL = "Bearer " + DriverContract.PULL_TOKEN;
  static final Predicate<Ask> CREATE = Faults.on("POST", "/oapi/v1/jobs");
  static final Predicate<Ask> READ = Faults.on("GET", "/oapi/v1/jobs/");

  final ContractRegistry registry = new ContractRegistry(Set.of(PULL));
  final DragonflySimulator dragonfly =
      new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN);
  final ImageManifest image = registry.push("shop", "web", 2);

  DragonflyBench() {
    dragonfly.finishAtOnce();
  }

  @AfterEach
  void close() {
    dragonfly.close();
    registry.close();
  }

  P2PDriver driver() {
    return driver(dragonfly.url(), List.of(1), DragonflySubject.TOKEN);
  }

  static P2PDriver driver(String url, @Nullable List<Integer> clusters, String token) {
    return driver(new P2PProviderSpec.Dragonfly(url, clusters), token);
  }

  static P2PDriver driver(P2PProviderSpec.Dragonfly dragonfly, String token) {
    return new DragonflyDriverFactory()
        .open(
            new DriverSettings(
                "default/faults",
                DragonflySubject.spec(dragonfly),
                new Credential.Bearer(token),
                TlsSettings.SYSTEM,
                new HttpClients(),
                Clock.systemUTC()));
  }

  PreheatOrder order(String id) {
    return order(id, new Target(Scope.ALL_SEED_PEERS, null, null, null));
  }

  PreheatOrder order(String id, Target target) {
    return new PreheatOrder(
        id,
        image,
        "1.0",
        null,
        target,
        Duration.ofMinutes(10),
        () -> new PullAuthorization(PULL, null));
  }

  static String accepted(Submission submission) {
    assertThat(submission).isInstanceOf(Submission.Accepted.class);
    return ((Submission.Accepted) submission).jobId();
  }

  static Observation look(P2PDriver driver, PreheatOrder order, String job) {
    return driver
        .observe(List.of(new RunningJob(job, order, Instant.now())))
        .values()
        .iterator()
        .next();
  }

  static int warmPercent(Observation seen) {
    assertThat(seen).isInstanceOf(Observation.Finished.class);
    return ((Observation.Finished) seen).warmth().percent();
  }
}
