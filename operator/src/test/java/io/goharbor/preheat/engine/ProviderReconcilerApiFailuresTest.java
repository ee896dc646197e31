package io.goharbor.preheat.engine;

import static io.goharbor.preheat.runtime.FaultyApi.readOf;
import static io.goharbor.preheat.runtime.FaultyApi.statusOf;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Providers while the API server fails: they say so, and their work goes on. */
class ProviderReconcilerApiFailuresTest {
  private static OperatorWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    world.registry("main");
    world.awaitReason(HarborRegistry.class, "main", "Ready");
    world.api().meetAll(statusOf("p2pproviders", "unwritten"), Fault.answer(500, "no disk"));
    world.provider("unwritten");
    world.run("works", "main", "unwritten");
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @Test
  void a_secret_that_cannot_be_read_shows_in_the_condition_until_it_can() {
    world
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("token")
                .withNamespace(OperatorWorld.NAMESPACE)
                .endMetadata()
                .addToData("token", "c2VjcmV0")
                .build())
        .create();
    Runnable serverIsWell =
        world
            .api()
            .meetAll(readOf("secrets", "token"), Fault.answer(500, "no disk, says the test"));
    world.create(
        P2PProvider.class,
        "secret",
        world.kraken() + "\nauth: {type: Bearer, secretRef: {name: token, key: token}}");
    world.awaitReason(P2PProvider.class, "secret", "InternalError");
    assertThat(String.valueOf(world.ready(P2PProvider.class, "secret")))
        .contains("The API server answered 500: no disk, says the test");
    serverIsWell.run();
    world.awaitReason(P2PProvider.class, "secret", "Ready");
  }

  @Test
  void a_provider_whose_status_cannot_be_written_works_all_the_same() {
    awaiting("the run to end")
        .atMost(Duration.ofSeconds(15))
        .until(() -> {
          PreheatExecution run = world.named(PreheatExecution.class, "works").get();
          return run.getStatus() != null && run.getStatus().phase() == Phase.SUCCEEDED;
        });
    assertThat(world.reason(P2PProvider.class, "unwritten")).isEmpty();
    assertThat(world.api().calls(statusOf("p2pproviders", "unwritten")))
        .extracting(Call::code)
        .containsOnly(500);
  }
}
