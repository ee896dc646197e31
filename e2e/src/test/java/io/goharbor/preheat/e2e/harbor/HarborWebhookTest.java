package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.WebhookJobs.Delivery;
import io.goharbor.preheat.harbor.WebhookPolicy;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which events the simulated Harbor sends, in which form, and how stubbornly. */
class HarborWebhookTest extends HarborBench {
  private final SimServer receiver =
      new SimServer("receiver", Clock.systemUTC())
          .route("POST", "/hook", ask -> Answer.status(202))
          .start();

  @AfterEach
  void stopReceiver() {
    receiver.close();
  }

  @Test
  void an_index_is_an_event_for_each_child_by_digest_and_one_by_tag() throws Exception {
    hook("Default");
    String index =
        harbor.pushIndex("shop", "a/web", "1.0", List.of("linux/amd64", "linux/arm64"), LAYERS);
    List<JsonNode> events = events();
    assertThat(events).hasSize(3).allMatch(e -> e.path("type").asText().equals("PUSH_ARTIFACT"));
    List<JsonNode> byTag =
        events.stream().filter(e -> resource(e).path("tag").asText().equals("1.0")).toList();
    assertThat(byTag)
        .singleElement()
        .satisfies(event -> {
          assertThat(resource(event).path("digest").asText()).isEqualTo(index);
          assertThat(resource(event).path("resource_url").asText())
              .isEqualTo(harbor.host() + "/shop/a/web:1.0");
          assertThat(event.at("/event_data/repository/name").asText()).isEqualTo("a/web");
          assertThat(event.at("/event_data/repository/repo_full_name").asText())
              .isEqualTo("shop/a/web");
          assertThat(event.path("occur_at").isIntegralNumber()).isTrue();
        });
    assertThat(events)
        .filteredOn(e -> !byTag.contains(e))
        .allSatisfy(event ->
            assertThat(resource(event).path("tag")).isEqualTo(resource(event).path("digest")));
  }

  @Test
  void a_scan_is_an_event_for_each_child_without_a_tag() throws Exception {
    harbor.pushIndex("shop", "web", "1.0", List.of("linux/amd64", "linux/arm64"), LAYERS);
    hook("CloudEvents");
    harbor.scanned("shop", "web", "1.0", "High");
    List<JsonNode> events = events();
    assertThat(events).hasSize(2);
    assertThat(events)
        .allSatisfy(event -> {
          assertThat(event.path("type").asText()).isEqualTo("harbor.scan.completed");
          assertThat(event.path("specversion").asText()).isEqualTo("1.0");
          assertThat(event.path("source").asText()).matches("/projects/\\d+/webhook/policies/\\d+");
          assertThat(event.at("/data/resources/0").has("tag")).isFalse();
          assertThat(
                  event
                      .at("/data/resources/0/scan_overview")
                      .elements()
                      .next()
                      .path("severity")
                      .asText())
              .isEqualTo("High");
        });
    assertThat(receiver.log())
        .allSatisfy(
            ask -> assertThat(ask.header("Content-Type")).contains("application/cloudevents+json"));
  }

  @Test
  void labels_and_tags_of_the_console_are_no_events_and_others_are_not_asked_for()
      throws Exception {
    String digest = harbor.push("shop", "web", "1.0", LAYERS);
    hook("Default");
    harbor.addLabel("shop", "web", "1.0", "prod");
    harbor.tagInConsole("shop", "web", "1.0", "stable");
    client().manifest("shop", "web", digest);
    harbor.retag("shop", "web", "1.0", "1");
    harbor.addAccessory("shop", "web", "1.0", "signature.cosign");
    harbor.delete("shop", "web", digest);
    assertThat(events())
        .extracting(event -> resource(event).path("tag").asText().replaceFirst(":.*", ""))
        .containsExactlyInAnyOrder("1", "sha256");
  }

  @Test
  void the_request_is_that_of_a_go_program_with_the_header_as_it_was_set() throws Exception {
    hook("Default");
    harbor.push("shop", "web", "1.0", LAYERS);
    events();
    Ask ask = receiver.log().getFirst();
    assertThat(ask.header("Authorization")).contains("Bearer hook-value");
    assertThat(ask.header("Content-Type")).contains("application/json");
    assertThat(ask.header("User-Agent")).contains("Go-http-client/1.1");
  }

  @Test
  void a_receiver_that_is_down_at_first_gets_the_same_event_later() throws Exception {
    hook("CloudEvents");
    receiver.faults().next(1, ask -> true, new Fault.Drop());
    receiver.faults().next(1, ask -> true, Fault.status(503, "busy"));
    harbor.push("shop", "web", "1.0", LAYERS);
    assertThat(deliveries())
        .singleElement()
        .satisfies(delivery -> {
          assertThat(delivery.delivered()).isTrue();
          assertThat(delivery.tries()).hasSize(3).endsWith("503", "202");
        });
    assertThat(receiver.log())
        .extracting(Ask::text)
        .hasSize(3)
        .containsOnly(receiver.log().getFirst().text());
  }

  @Test
  void after_three_tries_the_event_is_lost() throws Exception {
    hook("Default");
    receiver.stop();
    harbor.push("shop", "web", "1.0", LAYERS);
    assertThat(deliveries())
        .singleElement()
        .satisfies(delivery -> {
          assertThat(delivery.delivered()).isFalse();
          assertThat(delivery.tries()).hasSize(3);
        });
  }

  @Test
  void a_disabled_policy_gets_nothing_and_each_enabled_one_its_own_job() throws Exception {
    hook("Default");
    hook("CloudEvents");
    client()
        .createWebhookPolicy(
            "shop",
            new WebhookPolicy(
                0,
                "off",
                "",
                false,
                Set.of("PUSH_ARTIFACT"),
                receiver.url() + "/hook",
                "",
                false,
                "Default"));
    harbor.push("shop", "web", "1.0", Map.of("l", 1L));
    assertThat(deliveries()).hasSize(2);
  }

  private void hook(String format) {
    harbor.addWebhook("shop", receiver.url() + "/hook", "Bearer hook-value", format);
  }

  private List<Delivery> deliveries() {
    await().atMost(Duration.ofSeconds(10)).until(() -> harbor.webhookJobs().underWay() == 0);
    return harbor.webhookJobs().deliveries();
  }

  private List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (Delivery delivery : deliveries()) {
      events.add(new ObjectMapper().readTree(delivery.payload()));
    }
    return events;
  }

  private static JsonNode resource(JsonNode event) {
    return event.at("/event_data/resources/0");
  }
}
