package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.SecretMissingException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The operator's webhooks in Harbor's projects, over HTTP; time passes when the test says so. */
class ProjectWebhooksTest extends RegistryBench {
  private final HarborClient harborClient =
      new HarborClient(
          new HttpClients()
              .open(
                  "Harbor default/main",
                  ConnectionSettings.of(
                      harbor.url(),
                      new Credential.Basic("robot$preheat", "s1"),
                      TlsSettings.SYSTEM,
                      1000)),
          harbor.url());
  private ProjectWebhooks webhooks = operator();
  private int standing;
  private Condition condition = new Condition();

  private ProjectWebhooks operator() {
    return new ProjectWebhooks(secrets, events, new RegistryMetrics(new SimpleMeterRegistry()));
  }

  @Test
  void every_project_gets_one_also_beyond_the_first_page_and_those_that_are_made_later()
      throws Exception {
    IntStream.range(0, 120).forEach(i -> harbor.createProject("team-" + i, false));
    keep(registry());
    assertThat(standing).isEqualTo(123);
    assertThat(condition.getMessage()).isEqualTo("The webhook is in 123 projects.");
    JsonNode made = hooks("team-119", ADDRESS).getFirst();
    assertThat(made.path("event_types"))
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrder("PUSH_ARTIFACT", "SCANNING_COMPLETED");
    assertThat(made.at("/targets/0/address").asText()).isEqualTo(ADDRESS + "/hooks/default/main");
    assertThat(made.at("/targets/0/auth_header").asText()).isEqualTo("Bearer one");
    assertThat(made.at("/targets/0/payload_format").asText()).isEqualTo("CloudEvents");

    harbor.createProject("later", false);
    now = now.plus(EVERY);
    keep(registry());
    assertThat(hooks("later", ADDRESS)).hasSize(1);
  }

  @Test
  void where_all_is_well_nothing_is_asked_until_it_is_time() throws Exception {
    keep(registry());
    harbor.server().clearLog();
    now = now.plus(EVERY).minusSeconds(1);
    keep(registry());
    assertThat(harbor.server().log(ask -> ask.rawPath().contains("/projects"))).isEmpty();
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        change("it was disabled", policy -> policy.put("enabled", false)),
        change(
            "its event types were PUSH_ARTIFACT",
            policy -> policy.putArray("event_types").add("PUSH_ARTIFACT")),
        change(
            "its authorization header was another",
            policy -> target(policy).put("auth_header", "")),
        change(
            "its address was another",
            policy -> target(policy).put("address", ADDRESS + "/elsewhere")),
        change(
            "its address was another",
            policy ->
                policy
                    .withArray("targets")
                    .addObject()
                    .put("type", "http")
                    .put("address", "https://somebody.example.com")),
        change("its address was another", policy -> target(policy).put("type", "slack")),
        change("it was changed", policy -> target(policy).put("payload_format", "Default")),
        change("it was changed", policy -> target(policy).put("skip_cert_verify", true)));
  }

  private static Arguments change(String told, Consumer<ObjectNode> change) {
    return Arguments.of(told, change);
  }

  private static ObjectNode target(ObjectNode policy) {
    return (ObjectNode) policy.path("targets").path(0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void what_somebody_changes_is_put_right_and_told_and_that_of_others_is_left(
      String told, Consumer<ObjectNode> change) throws Exception {
    harbor.addWebhook("a", OTHERS, "Bearer theirs", "Default");
    keep(registry());
    JsonNode right = withoutTimes(hooks("a", ADDRESS).getFirst());
    for (JsonNode policy : harbor.webhookPolicies("a")) {
      harbor.changeWebhook("a", policy.path("id").asLong(), change);
    }
    List<JsonNode> changed = harbor.webhookPolicies("a");
    now = now.plus(EVERY);
    keep(registry());
    List<JsonNode> after = harbor.webhookPolicies("a");
    assertThat(after).hasSize(2);
    assertThat(after)
        .filteredOn(policy -> !isOurs(policy))
        .containsOnlyOnceElementsOf(changed.stream().filter(policy -> !isOurs(policy)).toList());
    assertThat(withoutTimes(after.stream().filter(this::isOurs).findFirst().orElseThrow()))
        .isEqualTo(right);
    assertThat(told("WebhookRepaired"))
        .containsExactly("project a: " + told + "; it is as it should be again");
  }

  @Test
  void one_that_was_deleted_is_made_again_and_told() throws Exception {
    keep(registry());
    harborClient.deleteWebhookPolicy("b", hooks("b", ADDRESS).getFirst().path("id").asLong());
    now = now.plus(EVERY);
    keep(registry());
    assertThat(hooks("b", ADDRESS)).hasSize(1);
    assertThat(told("WebhookRepaired"))
        .containsExactly("project b: it was gone; it is as it should be again");
  }

  @Test
  void a_rotated_secret_is_registered_at_once_and_no_repair() throws Exception {
    keep(registry());
    secret("hook", Map.of("authorization", "Bearer two"));
    now = now.plusSeconds(30);
    keep(registry());
    for (String project : List.of("a", "b", "c")) {
      assertThat(hooks(project, ADDRESS))
          .singleElement()
          .satisfies(policy ->
              assertThat(policy.at("/targets/0/auth_header").asText()).isEqualTo("Bearer two"));
    }
    assertThat(told("WebhookRepaired")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | FORBIDDEN no                  | ; the robot account needs notification-policy: list, create, update, delete there
          409 | CONFLICT taken                |
          412 | PRECONDITION too many         |
          500 | UNKNOWN internal server error |
          """)
  void one_project_that_fails_is_named_tried_again_alone_and_stops_no_other(
      int status, String words, String hint) throws Exception {
    String[] error = words.split(" ", 2);
    harbor
        .server()
        .faults()
        .always(
            Faults.on("POST", "/projects/b/webhook"),
            new Fault.Reply(
                Answer.json(
                    status,
                    Map.of("errors", List.of(Map.of("code", error[0], "message", error[1]))))));
    keep(registry());
    assertThat(standing).isEqualTo(2);
    assertThat(hooks("c", ADDRESS)).hasSize(1);
    assertThat(condition.getReason()).isEqualTo("RegistrationIncomplete");
    assertThat(condition.getMessage())
        .isEqualTo(
            "project b: Harbor default/main answered "
                + status
                + " to POST /api/v2.0/projects/b/webhook/policies: "
                + words
                + (hint == null ? "" : hint));

    harbor.server().faults().clear();
    harbor.server().clearLog();
    now = now.plusSeconds(30);
    keep(registry());
    assertThat(standing).isEqualTo(3);
    assertThat(condition.getStatus()).isEqualTo("True");
    assertThat(harbor.server().log(ask -> ask.rawPath().contains("/webhook/")))
        .allMatch(ask -> ask.rawPath().contains("/projects/b/"));
    assertThat(told("WebhookRepaired")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"401", "429", "502", "503", "504"})
  void a_harbor_that_fails_as_a_whole_is_not_asked_for_each_project(int status) {
    harbor.server().faults().always(Faults.on("GET", "/webhook/"), Fault.status(status, "no"));
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, () -> keep(registry()));
    assertThat(failure.status()).isEqualTo(status);
    assertThat(harbor.server().log(ask -> ask.rawPath().contains("/webhook/"))).hasSize(1);
  }

  @Test
  void a_missing_permission_is_named_for_three_projects_and_counted_for_more() throws Exception {
    harbor.createProject("d", false);
    harbor.addRobot("robot$preheat", "s1", "project:read", "artifact:list");
    keep(registry());
    assertThat(condition.getMessage())
        .contains(
            "project a: ",
            "project b: ",
            "project c: ",
            "notification-policy: list, create",
            "no permission for notification-policy:list in a")
        .endsWith("; and 1 more");
  }

  @Test
  void a_harbor_in_read_only_mode_is_said_to_be_that() throws Exception {
    harbor.readOnly(true);
    keep(registry());
    assertThat(condition.getMessage())
        .contains("DENIED The system is in read only mode.")
        .doesNotContain("notification-policy:");
    harbor.readOnly(false);
    now = now.plusSeconds(30);
    keep(registry());
    assertThat(condition.getStatus()).isEqualTo("True");
  }

  @Test
  void that_harbor_sends_no_events_at_all_is_told() throws Exception {
    harbor.sendsEvents(false);
    keep(registry());
    assertThat(standing).isEqualTo(3);
    assertThat(condition.getStatus()).isEqualTo("False");
    assertThat(condition.getMessage()).contains("Harbor sends no events", "notification_enable");
    harbor.sendsEvents(true);
    keep(registry());
    assertThat(condition.getStatus()).isEqualTo("True");
  }

  @Test
  void operators_of_two_clusters_leave_each_other_alone() throws Exception {
    ProjectWebhooks here = webhooks;
    ProjectWebhooks there = operator();
    HarborRegistry one = registry("uid-1", hook(ADDRESS));
    HarborRegistry other = registry("uid-2", hook("https://other.example.com"));
    for (int i = 0; i < 3; i++) {
      webhooks = here;
      keep(one);
      webhooks = there;
      keep(other);
      now = now.plus(EVERY);
    }
    for (String project : List.of("a", "b", "c")) {
      assertThat(hooks(project, ADDRESS)).hasSize(1);
      assertThat(hooks(project, "https://other.example.com")).hasSize(1);
    }
    assertThat(told("WebhookRepaired")).isEmpty();
    standing = 3;
    keep(registry("uid-2", null));
    assertThat(hooks("a", "https://other.example.com")).isEmpty();
    assertThat(hooks("a", ADDRESS)).hasSize(1);
  }

  @Test
  void that_of_a_registry_that_was_made_anew_is_replaced() throws Exception {
    keep(registry("uid-1", hook(ADDRESS)));
    webhooks = operator();
    keep(registry("uid-2", hook(ADDRESS)));
    assertThat(hooks("a", ADDRESS))
        .singleElement()
        .satisfies(policy ->
            assertThat(policy.path("name").asText())
                .isEqualTo(Registration.name(registry("uid-2", null))));
  }

  @Test
  void where_it_is_not_wanted_any_more_it_is_removed() throws Exception {
    harbor.addWebhook("b", OTHERS, "Bearer theirs", "Default");
    keep(registry());
    HarborRegistry narrowed = registry("uid-1", hook(ADDRESS, "a", "x*"));
    narrowed.getMetadata().setGeneration(2L);
    keep(narrowed);
    assertThat(standing).isEqualTo(1);
    assertThat(hooks("a", ADDRESS)).hasSize(1);
    assertThat(hooks("b", ADDRESS)).isEmpty();
    assertThat(hooks("b", OTHERS)).hasSize(1);

    harbor.server().clearLog();
    now = now.plus(EVERY);
    keep(narrowed);
    assertThat(harbor.server().log(ask -> ask.rawPath().contains("/webhook/")))
        .as("projects that do not concern it are checked once")
        .allMatch(ask -> ask.rawPath().contains("/projects/a/"));
  }

  static Stream<Arguments> off() {
    return Stream.of(
        Arguments.of(
            "no registration", new Webhook(new SecretKeyRef("hook", "authorization"), null)),
        Arguments.of("no webhook", null));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("off")
  void switching_it_off_removes_them_also_after_a_restart(String name, @Nullable Webhook webhook)
      throws Exception {
    harbor.addWebhook("a", OTHERS, "Bearer theirs", "Default");
    keep(registry());
    webhooks = operator();
    harbor.server().faults().always(Faults.on("DELETE", "/projects/b/"), Fault.status(500, "no"));
    HarborRegistry without = registry("uid-1", webhook);
    keep(without);
    assertThat(standing).isEqualTo(1);
    assertThat(condition.getMessage())
        .startsWith("the webhook is not wanted any more and could not be removed: project b: ");
    assertThat(hooks("c", ADDRESS)).isEmpty();

    harbor.server().faults().clear();
    keep(without);
    assertThat(standing).isZero();
    assertThat(condition.getReason()).isEqualTo("RegistrationOff");
    assertThat(hooks("b", ADDRESS)).isEmpty();
    assertThat(hooks("a", OTHERS)).hasSize(1);
    harbor.server().clearLog();
    keep(without);
    assertThat(harbor.server().log(ask -> ask.rawPath().contains("/projects")))
        .as("nothing is left to look for")
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "v2.7.4-5b0bcabd, ''",
    "v2.8.0-5b0bcabd, CloudEvents",
    "v2.16.0-5b0bcabd, CloudEvents"
  })
  void an_old_harbor_is_asked_for_the_format_that_it_knows(String version, String stored)
      throws Exception {
    harbor.version(version);
    keep(registry());
    assertThat(hooks("a", ADDRESS).getFirst().at("/targets/0/payload_format").asText())
        .isEqualTo(stored);
    now = now.plus(EVERY);
    keep(registry());
    assertThat(told("WebhookRepaired")).as("no one has changed it").isEmpty();
  }

  private void keep(HarborRegistry registry) throws RemoteCallException, SecretMissingException {
    Conditions conditions = new Conditions(List.of(), 1L, now);
    HarborClient.SystemInfo info = harborClient.systemInfo();
    standing =
        webhooks.keep(registry, harborClient, info, standing, EVERY, now, conditions, () -> false);
    condition = Conditions.find(conditions.list(), "WebhooksRegistered").orElseThrow();
  }

  private boolean isOurs(JsonNode policy) {
    return policy.path("name").asText().equals(Registration.name(registry()));
  }

  private static JsonNode withoutTimes(JsonNode policy) {
    ObjectNode copy = policy.deepCopy();
    copy.remove(List.of("creation_time", "update_time"));
    return copy;
  }
}
