package io.goharbor.preheat.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real operator writes: JSON with fields, no secrets, and nothing when nothing happens. */
class LogsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static World world;

  @BeforeAll
  static void play(@TempDir Path scratch) throws Exception {
    world = new World(MetricsTest.ROOT, scratch);
    world.operator().with("PREHEAT_LOG_FORMAT", "json").with("PREHEAT_LOG_LEVEL", "debug");
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    world.registry().patch("{\"spec\":{\"catchUp\":{\"interval\":\"30s\"}}}");
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> {
          PreheatPolicy policy =
              world
                  .client()
                  .resources(PreheatPolicy.class)
                  .inNamespace("default")
                  .withName("shop")
                  .get();
          return policy.getStatus() != null
              && Conditions.isTrue(policy.getStatus().conditions(), "Ready")
              && !world.harbor().webhookPolicies("shop").isEmpty();
        });
    world.harbor().push("shop", "web", "1.4.2", Map.of("base", 9_000_000L));
    PreheatExecution missing = (PreheatExecution) world.load("argocd-gate.yaml").getFirst();
    missing.getMetadata().setName("missing");
    missing.getMetadata().setNamespace("default");
    Objects.requireNonNull(missing.getSpec().images())
        .set(0, world.harbor().host() + "/shop/web:9.9.9");
    world.client().resource(missing).create();
    await().atMost(Duration.ofSeconds(40)).until(() -> ended() == 2);
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  private static long ended() {
    return lines().stream().filter(line -> text(line, "message").startsWith("Ended: ")).count();
  }

  /** Every line but those of the JVM itself before logging is set up is JSON. */
  private static List<JsonNode> lines() {
    return world
        .operator()
        .output()
        .lines()
        .filter(line -> !line.startsWith("WARNING: "))
        .map(line -> {
          try {
            return JSON.readTree(line);
          } catch (IOException e) {
            throw new UncheckedIOException(line, e);
          }
        })
        .toList();
  }

  private static String text(JsonNode line, String field) {
    return line.path(field).asText("");
  }

  private static JsonNode line(String message) {
    return lines().stream()
        .filter(line -> text(line, "message").startsWith(message))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void each_line_is_an_object_with_time_level_logger_and_message() {
    assertThat(lines())
        .hasSizeGreaterThan(5)
        .allSatisfy(line -> {
          assertThat(text(line, "time")).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
          assertThat(text(line, "level")).isIn("DEBUG", "INFO", "WARN", "ERROR");
          assertThat(text(line, "logger")).isNotEmpty();
          assertThat(text(line, "message")).isNotEmpty();
        });
  }

  @Test
  void lines_say_by_fields_what_they_are_about() {
    JsonNode task = line("Task ended");
    assertThat(text(task, "provider")).isEqualTo("default/dragonfly");
    assertThat(text(task, "policy")).isEqualTo("shop");
    assertThat(text(task, "artifact")).isEqualTo("shop/web:1.4.2");
    assertThat(text(task, "digest")).startsWith("sha256:");
    assertThat(text(task, "state")).isEqualTo("Succeeded");
    assertThat(text(task, "execution")).startsWith("default/shop-");
    assertThat(text(task, "kind")).isEqualTo("PreheatExecution");
    assertThat(text(task, "namespace")).isEqualTo("default");
    assertThat("default/" + text(task, "name")).isEqualTo(text(task, "execution"));
    assertThat(text(line("Event stored"), "registry")).isEqualTo("default/main");
    assertThat(text(line("Policy: "), "policy")).isEqualTo("default/shop");
  }

  @Test
  void no_secret_is_logged() {
    assertThat(world.operator().output())
        .doesNotContain(
            World.ROBOT_SECRET,
            World.WEBHOOK_SECRET.replace("Bearer ", ""),
            World.DRAGONFLY_TOKEN,
            "sim.");
  }

  /** Probes come every two seconds here, and a sweep after half a minute. */
  @Test
  void at_rest_nothing_is_said() {
    Scrape before = Scrape.of(world);
    int said = lines().size();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          Scrape now = Scrape.of(world);
          return count(now, "preheat_catchup_sweep_seconds_count", Map.of())
                  > count(before, "preheat_catchup_sweep_seconds_count", Map.of())
              && count(now, PROBES, Map.of("operation", "probe"))
                  >= count(before, PROBES, Map.of("operation", "probe")) + 5;
        });
    assertThat(lines().subList(said, lines().size()))
        .filteredOn(line -> Set.of("INFO", "WARN", "ERROR").contains(text(line, "level")))
        .isEmpty();
  }

  private static final String PROBES = "preheat_provider_request_duration_seconds_count";

  private static double count(Scrape scrape, String name, Map<String, String> with) {
    return scrape.sum(name, with);
  }
}
