package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Manager that takes connections and never answers. */
class ManagerTimeoutTest {
  private static final PreheatOrder ORDER =
      new PreheatOrder(
          "o",
          new ImageManifest("https://h", "shop", "web", "sha256:m", "m", List.of()),
          null,
          null,
          Target.DEFAULT,
          Duration.ofHours(1),
          () -> PullAuthorization.ANONYMOUS);

  @Test
  void a_time_out_leaves_the_outcome_open() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RemoteSystem system =
          new HttpClients()
              .open(
                  "Dragonfly Manager a/b",
                  ConnectionSettings.of(
                      "http://127.0.0.1:" + silent.getLocalPort(),
                      new Credential.None(),
                      TlsSettings.SYSTEM,
                      100))
              .withReadTimeout(Duration.ofMillis(100));
      OpenApiDriver driver =
          new OpenApiDriver(
              new DragonflyManager(system, system, system),
              List.of(1),
              new TaskIds(P2PProviderSpec.Dragonfly.TaskIDs.AUTO, false),
              null,
              java.time.Duration.ofSeconds(1),
              Clock.systemUTC());

      assertThat(driver.submit(ORDER)).isInstanceOf(Submission.Unknown.class);
      assertThat(driver.adopt(ORDER))
          .as("the look for the job failed before anything was sent")
          .isInstanceOfSatisfying(
              Submission.NotNow.class, notNow -> assertThat(notNow.patience()).isTrue());
      assertThat(driver.observe(List.of(new RunningJob("7", ORDER, Instant.EPOCH))))
          .hasEntrySatisfying(
              "7", seen -> assertThat(seen).isInstanceOf(Observation.NoAnswer.class));
      assertThat(driver.probe()).isInstanceOf(Health.Unusable.class);
    }
  }
}
