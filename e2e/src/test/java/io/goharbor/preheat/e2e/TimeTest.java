package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens by the clock: schedules, the catch-up sweep; and what is undone at the end. */
class TimeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void schedules_and_the_sweep_start_runs_and_webhooks_go_with_their_registry(@TempDir Path scratch)
      throws Exception {
    try (World world = new World(ROOT, scratch)) {
      world.harbor().createProject("models", false);
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      world.apply("models-and-nydus.yaml");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              !world.harbor().webhookPolicies("shop").isEmpty()
                  && !world.harbor().webhookPolicies("models").isEmpty());
      world.client().resource(labelled()).create();
      await().atMost(Duration.ofSeconds(30)).until(() -> inForce(world, "labelled"));
      String image = world.harbor().push("models", "known", "1.0", Map.of("known", 5000L));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              ended(world, Trigger.EVENT, "models") && ended(world, Trigger.EVENT, "labelled"));
      // From here on no webhook tells of anything.
      patch(world, "{\"spec\":{\"catchUp\":{\"interval\":\"30s\"},\"webhook\":null}}");
      world
          .client()
          .resources(PreheatPolicy.class)
          .inNamespace("default")
          .withName("shop")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"triggers\":{\"events\":[\"Pushed\"],"
                  + "\"schedule\":{\"cron\":\"* * * * *\"}}}}");
      String copy =
          world
              .harbor()
              .attachNydus("models", "known", "1.0", null, Map.of("data", 5000L, "boot", 90L));
      world.harbor().addLabel("models", "known", "1.0", "prod");
      world.harbor().push("shop", "unheard", "1.0", Map.of("unheard", 5000L));
      awaitSucceeded(world, Trigger.SCHEDULE);
      awaitSucceeded(world, Trigger.CATCH_UP);
      await()
          .atMost(Duration.ofSeconds(150))
          .until(() -> sweptUp(world, "models", copy) && sweptUp(world, "labelled", image));
      HarborRegistry registry = world.registry().get();
      assertThat(registry.getStatus().catchUp())
          .isNotNull()
          .satisfies(sweep -> assertThat(sweep.missedArtifacts()).isGreaterThanOrEqualTo(1));
      patch(
          world,
          "{\"spec\":{\"webhook\":{\"authorizationSecretRef\":{\"name\":\"harbor-webhook\","
              + "\"key\":\"authorization\"},\"registration\":{\"address\":\""
              + world.operator().webhookUrl()
              + "\"}}}}");
      world.client().resource(registry).delete();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> world.harbor().webhookPolicies("shop").isEmpty());
      await().atMost(Duration.ofSeconds(30)).until(() -> world.registry().get() == null);
    }
  }

  private static void patch(World world, String json) {
    world.registry().patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  /** Selects by a label, which a run after the push does not find. */
  private static PreheatPolicy labelled() {
    return Serialization.unmarshal(
        """
        apiVersion: preheat.goharbor.io/v1alpha1
        kind: PreheatPolicy
        metadata: {name: labelled, namespace: default}
        spec:
          harborRef: {name: main}
          providerRefs: [{name: dragonfly}]
          selector:
            projects: {include: [models]}
            labels: {all: [prod]}
          triggers: {events: [Pushed, Labeled]}
        """,
        PreheatPolicy.class);
  }

  private static boolean inForce(World world, String policy) {
    PreheatPolicy found =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName(policy).get();
    return found.getStatus() != null && Conditions.isTrue(found.getStatus().conditions(), "Ready");
  }

  /** Whether the sweep led to a task of a policy for a digest. */
  private static boolean sweptUp(World world, String policy, String digest) {
    return executions(world, Trigger.CATCH_UP, policy)
        .filter(execution -> execution.getStatus() != null)
        .flatMap(execution -> execution.getStatus().taskList().stream())
        .anyMatch(task -> task.digest().equals(digest));
  }

  private static boolean ended(World world, Trigger trigger, String policy) {
    return executions(world, trigger, policy)
        .anyMatch(execution ->
            execution.getStatus() != null && execution.getStatus().completionTime() != null);
  }

  private static Stream<PreheatExecution> executions(World world, Trigger trigger, String policy) {
    return world.executions().stream()
        .filter(execution -> execution.getSpec().effectiveTrigger() == trigger)
        .filter(execution ->
            execution.getSpec().policyRef() != null
                && execution.getSpec().policyRef().name().equals(policy));
  }

  private static void awaitSucceeded(World world, Trigger trigger) {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() ->
            assertThat(world.executions())
                .as(() ->
                    "a run by " + trigger + "; the operator said " + world.operator().output())
                .anyMatch(execution ->
                    execution.getSpec().effectiveTrigger() == trigger
                        && execution.getStatus() != null
                        && execution.getStatus().effectivePhase() == Phase.SUCCEEDED));
  }
}
