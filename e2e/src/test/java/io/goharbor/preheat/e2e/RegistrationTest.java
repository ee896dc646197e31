package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The operator's own webhooks in Harbor, from their creation to their removal. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RegistrationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String OTHERS = "https://ci.example.com/hook";

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static Runs runs;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    runs = new Runs(world);
    world.harbor().createProject("early", false);
    world.harbor().addWebhook("early", OTHERS, "Bearer theirs", "Default");
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    runs.patch(HarborRegistry.class, "main", "{\"spec\":{\"catchUp\":{\"interval\":\"30s\"}}}");
    await().atMost(SOON).until(() -> ours("early").size() == 1);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  @Order(1)
  void a_project_that_is_made_later_gets_the_webhook() {
    world.harbor().createProject("late", false);
    await().atMost(SOON).until(() -> ours("late").size() == 1);
    assertThat(ours("late").getFirst().path("enabled").asBoolean()).isTrue();
  }

  @Test
  @Order(2)
  void what_somebody_changes_is_put_right_and_told() {
    world.harbor().disableWebhooks("early");
    assertThat(ours("early").getFirst().path("enabled").asBoolean()).isFalse();

    await().atMost(SOON).until(() -> ours("early").getFirst().path("enabled").asBoolean());

    assertThat(others("early").getFirst().path("enabled").asBoolean())
        .as("that of others is not touched")
        .isFalse();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(events("WebhookRepaired"))
                .contains("project early: it was disabled; it is as it should be again"));
  }

  @Test
  @Order(3)
  void a_new_secret_is_registered() {
    Secret secret =
        world.client().secrets().inNamespace("default").withName("harbor-webhook").get();
    assertThat(secret).as("the Secret of the example").isNotNull();
    String key = secret.getData().keySet().iterator().next();
    String rotated = "Bearer rotated-5d1c77";
    world
        .client()
        .secrets()
        .inNamespace("default")
        .withName("harbor-webhook")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"data\":{\"%s\":\"%s\"}}"
                .formatted(
                    key,
                    Base64.getEncoder().encodeToString(rotated.getBytes(StandardCharsets.UTF_8))));
    await()
        .atMost(SOON)
        .until(() ->
            ours("early")
                .getFirst()
                .path("targets")
                .path(0)
                .path("auth_header")
                .asText()
                .equals(rotated));
    assertThat(events("WebhookRepaired")).as("no one did that but its owner").hasSize(1);
  }

  @Test
  @Order(4)
  void a_missing_permission_is_named() {
    world.harbor().removeRobot("robot$preheat");
    world
        .harbor()
        .addRobot(
            "robot$preheat",
            World.ROBOT_SECRET,
            "project:list",
            "project:read",
            "artifact:list",
            "artifact:read",
            "repository:pull");
    world.harbor().createProject("closed", false);

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Condition registered = condition("WebhooksRegistered");
          assertThat(registered.getStatus()).isEqualTo("False");
          assertThat(registered.getReason()).isEqualTo("RegistrationIncomplete");
          assertThat(registered.getMessage())
              .contains("project closed: ", "notification-policy: list, create, update, delete");
        });

    world.harbor().removeRobot("robot$preheat");
    world.harbor().addRobot("robot$preheat", World.ROBOT_SECRET);
    await().atMost(SOON).until(() -> ours("closed").size() == 1);
    await().atMost(SOON).until(() -> condition("WebhooksRegistered").getStatus().equals("True"));
  }

  @Test
  @Order(5)
  void with_the_registry_its_webhooks_go_and_no_other() {
    world.registry().delete();
    for (String project : List.of("early", "late", "closed")) {
      await().atMost(SOON).until(() -> ours(project).isEmpty());
    }
    assertThat(others("early")).hasSize(1);
  }

  private static List<JsonNode> ours(String project) {
    return world.harbor().webhookPolicies(project).stream()
        .filter(policy -> policy.path("name").asText().startsWith("preheat-default-main-"))
        .toList();
  }

  private static List<JsonNode> others(String project) {
    return world.harbor().webhookPolicies(project).stream()
        .filter(policy -> policy.path("targets").path(0).path("address").asText().equals(OTHERS))
        .toList();
  }

  private static Condition condition(String type) {
    HarborRegistry registry = world.registry().get();
    return Conditions.find(requireNonNull(registry.getStatus()).conditions(), type).orElseThrow();
  }

  private static List<String> events(String reason) {
    return world.client().v1().events().inNamespace("default").list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .map(Event::getMessage)
        .toList();
  }
}
