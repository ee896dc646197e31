package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistryStatus.WebhookStatus;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects that are deleted in any order, while the operator runs. */
class GoingAwayTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final AtomicInteger limit = new AtomicInteger(100);

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    world.startOperator();
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      NoSecrets.check(NoSecrets.everything(world), World.ROBOT_SECRET);
    } finally {
      world.close();
    }
  }

  @Test
  void a_file_that_names_the_registry_first() {
    Instant began = Instant.now();
    Departure departure = new Departure(world, "registry-first").arrive();
    assertThat(Duration.between(began, Instant.now()))
        .as("the registry does not wait for its next probe when its Secrets come a moment later")
        .isLessThan(Duration.ofSeconds(15));
    departure.deleteFile(false);
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  void a_file_that_is_deleted_from_its_end_the_secrets_before_the_registry() {
    Departure departure = new Departure(world, "secrets-first").arrive();
    departure.deleteFile(true);
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  void a_secret_that_went_long_before_its_registry() {
    Departure departure = new Departure(world, "long-before").arrive();
    departure.objects().stream()
        .filter(Secret.class::isInstance)
        .forEach(secret -> world.client().resource(secret).delete());
    await()
        .atMost(SOON)
        .until(() -> {
          touch(departure);
          return Conditions.find(departure.registry().getStatus().conditions(), "Ready")
              .filter(ready -> ready.getReason().equals("SecretNotFound"))
              .isPresent();
        });
    departure.deleteFile(true);
    departure.assertNothingIsLeftInHarbor();
  }

  /** Else the next probe would come after half a minute. */
  private static void touch(Departure departure) {
    world
        .client()
        .resource(departure.registry())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"requestsPerSecond\":%d}}".formatted(limit.getAndIncrement()));
  }

  @Test
  void a_namespace() {
    Departure departure = new Departure(world, "whole-namespace").arrive();
    departure.deleteNamespace();
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  void an_account_that_harbor_does_not_know_any_more_is_told_in_the_log_with_what_is_left() {
    Departure departure = new Departure(world, "no-account").arrive();
    List<JsonNode> left = departure.webhooks("shop");
    world.harbor().removeRobot("robot$preheat");
    try {
      departure.deleteNamespace();
    } finally {
      world.harbor().addRobot("robot$preheat", World.ROBOT_SECRET);
    }
    assertThat(world.operator().output().lines())
        .anySatisfy(line ->
            assertThat(line)
                .contains("may be left in Harbor", "no-account/main", "shop")
                .contains(left.getFirst().path("id").asText()));
  }

  @Test
  void a_registry_that_is_created_again_does_not_show_its_predecessors_last_event() {
    Departure departure = new Departure(world, "again").arrive();
    world.harbor().push("shop", "again", "1.0", Map.of("again", 1000L));
    await()
        .atMost(SOON)
        .until(() -> {
          touch(departure);
          return requireNonNull(webhook(departure)).lastEventTime() != null;
        });
    departure.deleteFile(false);
    for (HasMetadata object : departure.objects()) {
      world.client().resource(object).create();
    }
    await()
        .atMost(SOON)
        .until(() -> {
          WebhookStatus told = webhook(departure);
          return told != null && told.registeredProjects() != null;
        });
    assertThat(requireNonNull(webhook(departure)).lastEventTime()).isNull();
    departure.deleteNamespace();
  }

  private static @Nullable WebhookStatus webhook(Departure departure) {
    var status = departure.registry().getStatus();
    return status == null ? null : status.webhook();
  }
}
