package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.CustomResource;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operator that may not read the Secrets which objects name says so, and waits for the right.
 */
class SecretRightsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(90);

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final OkHttpClient http = new OkHttpClient();

  @Test
  void what_it_may_not_read_is_named_in_conditions_and_taken_up_when_it_may(@TempDir Path scratch)
      throws Exception {
    kube.forbid(asked -> List.of("secrets", "configmaps").contains(asked.resource()));
    try (World world = new World(ROOT, scratch, kube)) {
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      await().atMost(SOON).untilAsserted(() -> assertForbidden(registry(world)));
      await().atMost(SOON).untilAsserted(() -> assertForbidden(provider(world)));
      assertThat(webhook(world)).isEqualTo(503);
      assertThat(world.operator().output())
          .doesNotContain("KubernetesClientException")
          .doesNotContain("\\tat ")
          .contains("SecretForbidden");

      kube.forbid(asked -> false);
      await().atMost(SOON).until(() -> ready(registry(world)).getStatus().equals("True"));
      await().atMost(SOON).until(() -> ready(provider(world)).getStatus().equals("True"));
      await().atMost(SOON).until(() -> webhook(world) == 202);
    } finally {
      http.connectionPool().evictAll();
    }
  }

  private static void assertForbidden(CustomResource<?, ?> object) {
    Condition ready = ready(object);
    assertThat(ready.getStatus()).isEqualTo("False");
    assertThat(ready.getReason()).isEqualTo("SecretForbidden");
    assertThat(ready.getMessage()).contains("in namespace default", "rbac.secretNamespaces");
  }

  private static Condition ready(CustomResource<?, ?> object) {
    List<Condition> conditions =
        switch (object) {
          case HarborRegistry registry when registry.getStatus() != null ->
              registry.getStatus().conditions();
          case P2PProvider provider when provider.getStatus() != null ->
              provider.getStatus().conditions();
          default -> List.of();
        };
    return Conditions.find(conditions, "Ready").orElseGet(Condition::new);
  }

  private static HarborRegistry registry(World world) {
    return Objects.requireNonNull(world.registry().get());
  }

  private static P2PProvider provider(World world) {
    return Objects.requireNonNull(
        world
            .client()
            .resources(P2PProvider.class)
            .inNamespace("default")
            .withName("dragonfly")
            .get());
  }

  private int webhook(World world) throws IOException {
    Request request =
        new Request.Builder()
            .url(world.operator().webhookUrl() + "/hooks/default/main")
            .header("Authorization", World.WEBHOOK_SECRET)
            .post(
                RequestBody.create(
                    """
                    {"type":"PUSH_ARTIFACT","occur_at":1600000000,"operator":"admin",
                     "event_data":{"resources":[{"digest":"sha256:%s","tag":"1"}],
                      "repository":{"name":"x","namespace":"none","repo_full_name":"none/x"}}}
                    """
                        .formatted("a".repeat(64)),
                    MediaType.get("application/json")))
            .build();
    try (Response response = http.newCall(request).execute()) {
      return response.code();
    }
  }
}
