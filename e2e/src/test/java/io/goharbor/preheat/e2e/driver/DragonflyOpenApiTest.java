package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.e2e.PublishedDescription;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.dragonfly.DragonflyDriverFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
    PublishedDescription api = PublishedDescription.load(FILE, UNDESCRIBED_QUERIES);
    try (ContractRegistry registry = new ContractRegistry(Set.of(PULL));
        DragonflySimulator dragonfly =
            new DragonflySimulator(Clock.systemUTC(), DragonflySubject.TOKEN)) {
      dragonfly.finishAtOnce();
      useAll(dragonfly, registry);
      List<Ask> asked = dragonfly.server().log();

      assertThat(asked).hasSizeGreaterThan(5);
      for (Ask ask : asked) {
        api.checkRequest(ask);
      }
      JsonNode job = get(dragonfly, "/oapi/v1/jobs/1");
      assertThat(job.path("state").asText()).isEqualTo("SUCCESS");
      api.checkAnswer("/oapi/v1/jobs/{id}", job);
      JsonNode jobs = get(dragonfly, "/oapi/v1/jobs?page=1");
      assertThat(jobs).isNotEmpty();
      api.checkAnswer("/oapi/v1/jobs", jobs);
      JsonNode clusters = get(dragonfly, "/oapi/v1/clusters?page=1");
      assertThat(clusters).isNotEmpty();
      api.checkAnswer("/oapi/v1/clusters", clusters);
    }
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
    assertThat(driver.adopt(order)).isEqualTo(new Submission.Accepted("1", true));
    List<RunningJob> jobs = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      jobs.add(new RunningJob(Integer.toString(i), order, Instant.now()));
    }
    driver.observe(jobs.subList(0, 1));
    driver.observe(jobs);
    assertThat(driver.verify(order)).isInstanceOf(VerificationResult.Known.class);
    assertThat(driver.evict(order)).isInstanceOf(Eviction.Evicted.class);
    String last = ((Submission.Accepted) driver.submit(again(order))).jobId();
    driver.cancel(new RunningJob(last, order, Instant.now()));
  }

  /** The rest of an order, and all that a target can ask of Dragonfly. */
  private static PreheatOrder again(PreheatOrder order) {
    return new PreheatOrder(
        "again",
        order.manifest(),
        null,
        null,
        new Target(
            Target.Scope.ALL_PEERS,
            null,
            null,
            List.of("10.0.5.10"),
            new Target.DragonflyArguments(List.of(1), 4, 20, 8, "app", "tag", List.of("sig"))),
        order.timeLimit(),
        order.pullAuthority(),
        new Remainder(
            List.of(
                new Remainder.Part(
                    "1",
                    Set.of(order.manifest().blobs().getLast().digest()),
                    List.of("10.0.5.10"),
                    1))),
        Instant.now());
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
