package io.goharbor.preheat.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.OperatorProcess;
import io.goharbor.preheat.e2e.world.World;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Two replicas: a leader that is told to stop is followed at once; both take events. */
@Isolated("measures what another suite beside it would change")
class HandoverTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration START = Duration.ofSeconds(60);
  private static final String PUSH =
      """
      {"type":"PUSH_ARTIFACT","occur_at":1600000000,"operator":"admin",
       "event_data":{"resources":[{"digest":"sha256:%s","tag":"1"}],
        "repository":{"name":"x","namespace":"none","repo_full_name":"none/x"}}}
      """
          .formatted("a".repeat(64));

  @Test
  void another_leads_within_three_seconds_after_sigterm(@TempDir Path scratch) throws Exception {
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      World.applyCrds(ROOT, client);
      Path kubeconfig = Files.writeString(scratch.resolve("kubeconfig"), kube.kubeconfig());
      try (OperatorProcess first = replica("first", kubeconfig, scratch);
          OperatorProcess second = replica("second", kubeconfig, scratch)) {
        first.start();
        first.awaitReady(START);
        await().atMost(START).until(() -> holder(client).startsWith("first_"));
        second.start();
        second.awaitReady(START);

        first.handle().destroy();

        await()
            .atMost(Duration.ofSeconds(3))
            .pollInterval(Duration.ofMillis(50))
            .until(() -> holder(client).startsWith("second_"));
        assertThat(first.terminate(Duration.ofSeconds(10))).isTrue();
        assertThat(first.output()).contains("The Lease is free", "Stopped");
        assertThat(second.output()).contains("This replica leads");
      }
    }
  }

  @Test
  void an_event_that_a_follower_takes_is_told_in_the_status(@TempDir Path scratch)
      throws Exception {
    try (World world = new World(ROOT, scratch);
        OperatorProcess follower = replica("follower", world.kubeconfig(), scratch)) {
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      await().atMost(START).until(() -> registry(world).getStatus() != null);
      follower.start();
      follower.awaitReady(START);

      assertThat(post(follower)).isBetween(200, 202);

      await().atMost(START).until(() -> lastEvent(world).isPresent());
      Instant told = lastEvent(world).orElseThrow();
      // What the leader writes later leaves it there.
      world
          .client()
          .resource(registry(world))
          .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"requestsPerSecond\":7}}");
      await()
          .atMost(START)
          .until(() ->
              Objects.equals(
                  registry(world).getStatus().observedGeneration(),
                  registry(world).getMetadata().getGeneration()));
      assertThat(lastEvent(world)).contains(told);
    }
  }

  private static int post(OperatorProcess to) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to.webhookUrl() + "/hooks/default/main"))
            .header("Authorization", World.WEBHOOK_SECRET)
            .POST(BodyPublishers.ofString(PUSH))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  private static HarborRegistry registry(World world) {
    return world.registry().get();
  }

  private static Optional<Instant> lastEvent(World world) {
    return Optional.ofNullable(registry(world).getStatus().webhook())
        .map(HarborRegistryStatus.WebhookStatus::lastEventTime);
  }

  private static OperatorProcess replica(String name, Path kubeconfig, Path scratch) {
    return new OperatorProcess(kubeconfig, scratch.resolve(name + ".log")).with("HOSTNAME", name);
  }

  private static String holder(KubernetesClient client) {
    Lease lease = client.leases().inNamespace("default").withName("harbor-preheat-operator").get();
    return lease == null || lease.getSpec() == null
        ? ""
        : String.valueOf(lease.getSpec().getHolderIdentity());
  }
}
