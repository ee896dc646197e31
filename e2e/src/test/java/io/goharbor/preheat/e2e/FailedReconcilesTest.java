package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.EmbeddedKube.Refusal;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An exception in a reconcile, of each kind: a condition, pauses, and an end when the cause goes.
 */
class FailedReconcilesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final Refusal ODD = new Refusal(404, "NotFound", "odd, says the test");

  @Test
  void each_kind_says_so_in_a_condition_and_recovers(@TempDir Path scratch) throws Exception {
    EmbeddedKube kube = EmbeddedKube.start();
    try (World world = new World(ROOT, scratch, kube)) {
      Runs runs = new Runs(world);
      world.harbor().push("shop", "web", "v1", Map.of("web", 1000L));
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      await().atMost(SOON).until(() -> "Ready".equals(policy(world).getReason()));

      // No code of ours expects such answers.
      kube.refuse((asked, name, body) ->
          asked.resource().equals("secrets")
              ? new Refusal(400, "BadRequest", "odd, says the test")
              : asked.resource().equals("preheatexecutions/status")
                  ? new Refusal(403, "Forbidden", "no statuses, says the test")
                  : null);
      runs.patch(
          PreheatPolicy.class,
          "shop",
          "{\"spec\":{\"triggers\":{\"schedule\":{\"cron\":\"* * * * *\"}}}}");
      runs.create(
          "run",
          """
          policyRef: {name: shop}
          artifacts: [{repository: shop/web, tag: v1}]
          """);
      for (Supplier<Condition> ready :
          List.<Supplier<Condition>>of(() -> registry(world), () -> provider(world))) {
        awaitFailed(ready);
      }
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(world.operator().output())
                  .containsPattern("Reconcile failed.*no statuses.*kind=\"PreheatExecution\""));

      // The run can go on now, and the schedule cannot.
      kube.refuse((asked, name, body) -> createsExecution(asked) ? ODD : null);
      await().atMost(SOON).until(() -> "Ready".equals(registry(world).getReason()));
      await().atMost(SOON).until(() -> "Ready".equals(provider(world).getReason()));
      runs.awaitPhase("run", Phase.SUCCEEDED, SOON);
      awaitFailed(() -> policy(world));

      kube.refuse((asked, name, body) -> null);
      await().atMost(SOON).until(() -> "Ready".equals(policy(world).getReason()));
      await().atMost(SOON).until(() -> world.executions().size() > 1);
      assertThat(world.operator().output())
          .contains("Reconcile failed")
          .doesNotContain("Uncaught error");
    }
  }

  private static boolean createsExecution(EmbeddedKube.Asked asked) {
    return asked.verb().equals("create") && asked.resource().equals("preheatexecutions");
  }

  private static void awaitFailed(Supplier<Condition> ready) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(ready.get().getStatus()).isEqualTo("False");
          assertThat(ready.get().getReason()).isEqualTo("InternalError");
          assertThat(ready.get().getMessage())
              .containsPattern("The API server answered 40[04]: odd, says the test");
        });
  }

  private static Condition policy(World world) {
    PreheatPolicy policy =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName("shop").get();
    return ready(policy.getStatus() == null ? null : policy.getStatus().conditions());
  }

  private static Condition registry(World world) {
    HarborRegistry registry = world.registry().get();
    return ready(registry.getStatus() == null ? null : registry.getStatus().conditions());
  }

  private static Condition provider(World world) {
    P2PProvider provider =
        world
            .client()
            .resources(P2PProvider.class)
            .inNamespace("default")
            .withName("dragonfly")
            .get();
    return ready(provider.getStatus() == null ? null : provider.getStatus().conditions());
  }

  private static Condition ready(@Nullable List<Condition> conditions) {
    return Conditions.find(conditions, "Ready").orElseGet(Condition::new);
  }
}
