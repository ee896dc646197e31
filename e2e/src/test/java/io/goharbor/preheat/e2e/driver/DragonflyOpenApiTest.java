package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.dragonfly.DragonflyDriverFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What the driver asks and what the simulator answers, against the Manager's published description,
 * where that is at hand: {@code PREHEAT_SHARED_DATA} names its folder.
 */
class DragonflyOpenApiTest {
  private static final String FILE = "dragonfly-manager-openapi.yaml";
  private static final String PULL = "Bearer " + DriverContract.PULL_TOKEN;
  // The code takes these (types/job.go), the description forgot them.
  private static final Set<String> UNDESCRIBED_QUERIES = Set.of("type", "state");

  @Test
  void requests_and_answers_are_those_of_the_description() throws Exception {
    JsonNode api = description();
    try (ContractRegistry registry = new ContractRegistry(Set.of(PULL));
        DragonflySimulator dragonfly =
            new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
      dragonfly.finishAtOnce();
      useAll(dragonfly, registry);
      List<Ask> asked = dragonfly.server().log();

      assertThat(asked).hasSizeGreaterThan(5);
      for (Ask ask : asked) {
        checkRequest(api, ask);
      }
      JsonNode job = get(dragonfly, "/oapi/v1/jobs/1");
      assertThat(job.path("state").asText()).isEqualTo("SUCCESS");
      checkAnswer(api, "/oapi/v1/jobs/{id}", job);
      JsonNode jobs = get(dragonfly, "/oapi/v1/jobs?page=1");
      assertThat(jobs).isNotEmpty();
      checkAnswer(api, "/oapi/v1/jobs", jobs);
      JsonNode clusters = get(dragonfly, "/oapi/v1/clusters?page=1");
      assertThat(clusters).isNotEmpty();
      checkAnswer(api, "/oapi/v1/clusters", clusters);
    }
  }

  private static JsonNode description() throws IOException {
    String configured = System.getenv("PREHEAT_SHARED_DATA");
    Path folder = Path.of(configured == null ? "../../shared/data" : configured);
    Path file = folder.resolve(FILE);
    assumeTrue(
        Files.isRegularFile(file),
        () ->
            "skipped: "
                + FILE
                + " is not in "
                + folder
                + "; set PREHEAT_SHARED_DATA to its folder");
    return new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
  }

  /** Makes the driver use every call that it knows. */
  private static void useAll(DragonflySimulator dragonfly, ContractRegistry registry) {
    DragonflySubject subject = new DragonflySubject(dragonfly);
    P2PDriver driver =
        new DragonflyDriverFactory()
            .open(
                new DriverSettings(
                    "default/described",
                    subject.spec(),
                    subject.credential(),
                    TlsSettings.SYSTEM,
                    new HttpClients(),
                    Clock.systemUTC()));
    PreheatOrder order =
        new PreheatOrder(
            "o",
            registry.push("shop", "web", 1),
            null,
            null,
            new Target(Target.Scope.ALL_SEED_PEERS, 2, null, null),
            Duration.ofMinutes(10),
            () -> new PullAuthorization(PULL, null));
    driver.probe();
    assertThat(driver.submit(order)).isEqualTo(new Submission.Accepted("1"));
    assertThat(driver.resume(order)).isEqualTo(new Submission.Accepted("1"));
    driver.observe(List.of(new RunningJob("1", order, Instant.now())));
  }

  private static void checkRequest(JsonNode api, Ask ask) throws IOException {
    JsonNode operation =
        api.path("paths")
            .path(ask.rawPath().replaceFirst("^(/oapi/v1/jobs)/[0-9]+$", "$1/{id}"))
            .path(ask.method().toLowerCase(Locale.ROOT));
    assertThat(operation.isObject()).as("%s is described", ask).isTrue();
    ask.allQueries()
        .forEach((name, values) -> {
          Optional<JsonNode> parameter = parameter(operation, "query", name);
          if (parameter.isEmpty()) {
            assertThat(UNDESCRIBED_QUERIES).as(ask.toString()).contains(name);
          } else if (parameter.get().has("maximum")) {
            assertThat(Integer.parseInt(values.getFirst()))
                .as(ask.toString())
                .isBetween(
                    parameter.get().path("minimum").asInt(),
                    parameter.get().path("maximum").asInt());
          }
        });
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asText().equals("query") && parameter.path("required").asBoolean()) {
        assertThat(ask.allQueries())
            .as(ask.toString())
            .containsKey(parameter.path("name").asText());
      }
      if (parameter.path("in").asText().equals("body")) {
        checkValue(api, parameter.path("schema"), ask.json(), ask.toString());
      }
    }
  }

  private static Optional<JsonNode> parameter(JsonNode operation, String in, String name) {
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asText().equals(in)
          && parameter.path("name").asText().equals(name)) {
        return Optional.of(parameter);
      }
    }
    return Optional.empty();
  }

  private static void checkAnswer(JsonNode api, String path, JsonNode answer) {
    checkValue(
        api,
        api.path("paths").path(path).path("get").path("responses").path("200").path("schema"),
        answer,
        path);
  }

  /** Types, required fields, and no field that the description does not have. */
  private static void checkValue(JsonNode api, JsonNode schema, JsonNode value, String where) {
    if (schema.has("$ref")) {
      String name = schema.path("$ref").asText().replace("#/definitions/", "");
      checkValue(api, api.path("definitions").path(name), value, where);
      return;
    }
    if (value.isNull()) {
      return;
    }
    switch (schema.path("type").asText()) {
      case "object" -> {
        assertThat(value.isObject()).as(where).isTrue();
        schema
            .path("required")
            .forEach(field ->
                assertThat(value.has(field.asText())).as("%s.%s", where, field.asText()).isTrue());
        if (schema.has("properties")) {
          List<String> names = new ArrayList<>();
          value.fieldNames().forEachRemaining(names::add);
          for (String name : names) {
            JsonNode property = schema.path("properties").path(name);
            assertThat(property.isObject()).as("%s.%s is described", where, name).isTrue();
            checkValue(api, property, value.path(name), where + "." + name);
          }
        }
      }
      case "array" -> {
        assertThat(value.isArray()).as(where).isTrue();
        value.forEach(item -> checkValue(api, schema.path("items"), item, where + "[]"));
      }
      case "string" -> assertThat(value.isTextual()).as(where).isTrue();
      case "integer" -> assertThat(value.isIntegralNumber()).as(where).isTrue();
      case "boolean" -> assertThat(value.isBoolean()).as(where).isTrue();
      default -> assertThat(schema.isObject()).as("%s has a schema", where).isTrue();
    }
  }

  private static JsonNode get(DragonflySimulator dragonfly, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(dragonfly.url() + path))
                  .header("Authorization", "Bearer " + DragonflySubject.TOKEN)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return new ObjectMapper().readTree(answer.body());
    }
  }
}
