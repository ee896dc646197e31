package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.hostile.Conducts.Route;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Text from outside arrives as text, and can always be written. */
interface HostileTextRows {
  /** What terminals and API servers take for more than text. */
  String ODD =
      "red\u001b[31m bell\u0007 nul\u0000 del\u007f c1\u0080\u0085\u009b31m bidi\u202e\u2066"
          + " line\u2028\u2029 zero\u200b\ufeff\u00ad <script>alert(1)</script> "
          + "\ud800 tag\udb40\udc41 end";

  Pattern NOT_TEXT = Pattern.compile("[\\p{Cc}\\p{Cf}\u2028\u2029&&[^\n]]");

  String OWN_SECRET = "Bearer text-webhook-secret-2f2f";

  ObjectMapper JSON = new ObjectMapper();

  SharedCluster cluster();

  private static String quoted() {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < ODD.length(); i++) {
      char c = ODD.charAt(i);
      text.append(c == '"' || c == '\\' || c < 0x20 || c > 0x7e ? "\\u%04x".formatted((int) c) : c);
    }
    return text.append('"').toString();
  }

  private static HostileServer.Conduct words(int status) {
    return Conducts.json(
        status,
        "{\"errors\":[{\"code\":\"X\",\"message\":"
            + quoted()
            + "}],\"message\":"
            + quoted()
            + "}");
  }

  private static HostileServer.Conduct artifacts() {
    return Conducts.json(
        200,
        ("[{\"digest\":\"%s\",\"type\":\"IMAGE\",\"repository_name\":%s,\"tags\":[{\"name\":%s}]},"
                + "{\"digest\":%s,\"type\":%s,\"repository_name\":\"evil/app\",\"tags\":[{\"name\":\"1\"}]},"
                + "{\"digest\":\"%s\",\"type\":\"IMAGE\",\"repository_name\":\"evil/app\","
                + "\"manifest_media_type\":%s,\"tags\":[{\"name\":%s},{\"name\":\"2\"}]}]")
            .formatted(
                Conducts.DIGEST,
                "\"evil/" + quoted().substring(1),
                quoted(),
                quoted(),
                quoted(),
                Conducts.DIGEST.replace("ab", "cd"),
                quoted(),
                quoted()),
        "X-Total-Count: 3");
  }

  @Test
  default void what_servers_say_can_be_written_and_read() {
    cluster().secret(SharedCluster.TENANT, "text-webhook", "authorization", OWN_SECRET);
    Map<String, Route> harbors = new LinkedHashMap<>();
    harbors.put("said-500", new Route("/api/v2.0/systeminfo", words(500)));
    harbors.put("said-404", new Route("/api/v2.0/systeminfo", words(404)));
    harbors.put(
        "said-raw",
        new Route("/api/v2.0/systeminfo", Conducts.json(500, ODD.replace("\ud800", ""))));
    harbors.put(
        "said-version",
        new Route(
            "/api/v2.0/systeminfo", Conducts.json(200, "{\"harbor_version\":" + quoted() + "}")));
    harbors.put("said-hook", new Route("/api/v2.0/projects/evil/webhook", words(403)));
    harbors.put(
        "said-project",
        new Route(
            "/api/v2.0/projects",
            Conducts.json(
                200, "[{\"project_id\":1,\"name\":" + quoted() + "}]", "X-Total-Count: 1")));
    harbors.put("said-list", new Route("/api/v2.0/projects/evil/artifacts", artifacts()));
    harbors.put("said-artifact", new Route("/api/v2.0/projects/evil/repositories/", words(500)));
    harbors.put("said-token", new Route("/service/token", words(401)));
    harbors.put(
        "said-odd-token",
        new Route("/service/token", Conducts.json(200, "{\"token\":" + quoted() + "}")));
    harbors.put(
        "said-manifest",
        new Route(
            "/v2/", Conducts.json(200, "{\"schemaVersion\":2,\"mediaType\":" + quoted() + "}")));
    harbors.put(
        "said-redirect",
        new Route(
            "/api/v2.0/systeminfo",
            Conducts.json(302, "", "Location: http://127.0.0.1:1/\u009b31m\u202e\u001b[31m")));
    harbors.forEach((name, route) -> {
      HostileServer server = cluster().server(Conducts.harbor(route));
      cluster()
          .create(
              SharedCluster.TENANT,
              "HarborRegistry",
              name,
              """
              {url: "%s", catchUp: {interval: 30s},\
               webhook: {authorizationSecretRef: {name: text-webhook, key: authorization},\
               registration: {address: "http://127.0.0.1:9"}}}\
              """
                  .formatted(server.url()));
      cluster()
          .create(
              SharedCluster.TENANT,
              "PreheatPolicy",
              name,
              """
              {harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}],\
               triggers: {events: [Pushed, Labeled]}}\
              """
                  .formatted(name));
      cluster()
          .create(
              SharedCluster.TENANT, "PreheatExecution", name, "{policyRef: {name: " + name + "}}");
      cluster()
          .create(
              SharedCluster.TENANT,
              "PreheatExecution",
              name + "-one",
              """
              {harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}],\
               backoffLimit: 1, artifacts: [{repository: evil/app, tag: "1"}]}\
              """
                  .formatted(name));
    });
    Map<String, HostileServer.Conduct> providers = new LinkedHashMap<>();
    providers.put("said-jobs", Conducts.dragonfly(new Route("/oapi/v1/jobs", words(500))));
    providers.put("said-health", words(503));
    providers.put("said-forbidden", Conducts.dragonfly(new Route("/oapi/v1/jobs", words(403))));
    providers.forEach((name, conduct) ->
        cluster()
            .create(
                SharedCluster.TENANT,
                "P2PProvider",
                name,
                "{type: Dragonfly, dragonfly: {url: '%s', schedulerClusterIDs: [1]}}"
                    .formatted(cluster().server(conduct).url())));
    cluster()
        .create(
            SharedCluster.TENANT,
            "P2PProvider",
            "said-origin",
            "{type: Kraken, kraken: {originURL: '%s'}}"
                .formatted(
                    cluster()
                        .server(
                            Conducts.json(
                                200, "", "Origin-Locations: evil\u009b31m\u202e:80?x=,\u007f:1"))
                        .url()));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          for (String name : harbors.keySet()) {
            assertTold("HarborRegistry", name);
            assertTold("PreheatPolicy", name);
            for (String execution : List.of(name, name + "-one")) {
              assertThat(
                      cluster()
                          .read(SharedCluster.TENANT, "PreheatExecution", execution)
                          .at("/status/phase")
                          .asText())
                  .as(execution)
                  .isNotEmpty();
            }
          }
          for (String name : providers.keySet()) {
            assertTold("P2PProvider", name);
          }
          assertTold("P2PProvider", "said-origin");
        });
    checkText();
  }

  private void assertTold(String kind, String name) {
    assertThat(cluster().read(SharedCluster.TENANT, kind, name).at("/status/conditions"))
        .as("%s %s", kind, name)
        .isNotEmpty();
  }

  @Test
  default void what_an_event_says_can_be_written_and_read() throws Exception {
    HostileServer server = cluster().server(Conducts.harbor());
    cluster().secret(SharedCluster.TENANT, "event-webhook", "authorization", OWN_SECRET);
    cluster()
        .create(
            SharedCluster.TENANT,
            "HarborRegistry",
            "events",
            "{url: '%s', webhook: {authorizationSecretRef: {name: event-webhook, key: authorization}}}"
                .formatted(server.url()));
    cluster()
        .create(
            SharedCluster.TENANT,
            "PreheatPolicy",
            "events",
            """
            {harborRef: {name: events}, providerRefs: [{name: shared, namespace: platform}],\
             triggers: {events: [Pushed]}}\
            """);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(post(event("\"app\"", "\"good\""))).isEqualTo(202));
    List<Integer> answers = new ArrayList<>();
    for (String odd : odd()) {
      answers.add(post(event("\"app\"", odd)));
      answers.add(post(event(odd, "\"1\"")));
    }
    // Not taken, or taken as something that can be stored; never sent again for ever.
    assertThat(answers).allMatch(code -> code / 100 == 2 || code == 400 || code == 422);
    checkText();
    for (JsonNode execution : executions()) {
      assertThat(execution.at("/status/phase").asText()).as(execution.toString()).isNotEmpty();
    }
  }

  /** One that is odd in each way by itself, as JSON. */
  private static List<String> odd() {
    return List.of(
        quoted(),
        "\"v\\u0080\"",
        "\"v\\u009b31m\"",
        "\"v\\u001b[31m\"",
        "\"v\\u007f\"",
        "\"v\\u0000\"",
        "\"v\\u202e\"",
        "\"v\\u2028\"",
        "\"v\\ud800\"",
        "\"v\\n\"",
        "\"../../x\"",
        "\"x?y#z\"",
        "\"" + "x".repeat(5000) + "\"");
  }

  private static String event(String repository, String tag) {
    return """
    {"type":"PUSH_ARTIFACT","occur_at":%d,"operator":"admin","event_data":{"resources":[\
    {"digest":"%s","tag":%s,"resource_url":"x"}],"repository":{"date_created":1700000000,\
    "name":%s,"namespace":"evil","repo_full_name":%s,"repo_type":"private"}}}\
    """
        .formatted(
            System.currentTimeMillis() / 1000,
            Conducts.DIGEST,
            tag,
            repository,
            "\"evil/" + repository.substring(1));
  }

  private int post(String event) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create(
                          cluster().world().operator().webhookUrl() + "/hooks/tenant/events"))
                  .timeout(Duration.ofSeconds(20))
                  .header("Authorization", OWN_SECRET)
                  .POST(HttpRequest.BodyPublishers.ofString(event))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private List<JsonNode> executions() {
    return cluster().all(SharedCluster.TENANT, "PreheatExecution");
  }

  /** Fails when something that the operator wrote is more than text. */
  private void checkText() {
    for (String kind :
        List.of("HarborRegistry", "P2PProvider", "PreheatPolicy", "PreheatExecution")) {
      for (JsonNode object : cluster().all(SharedCluster.TENANT, kind)) {
        assertIsText(kind, object);
      }
    }
    cluster()
        .client()
        .v1()
        .events()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(event -> assertIsText("Event", JSON.valueToTree(event)));
    String output = cluster().world().operator().output();
    assertThat(NOT_TEXT.matcher(output.replace("\t", " ").replace("\r\n", "\n")).results())
        .as("characters of the log that are no text")
        .extracting(found ->
            "%04x in %s"
                .formatted(
                    (int) found.group().charAt(0),
                    output.substring(
                        Math.max(0, found.start() - 60),
                        Math.min(output.length(), found.end() + 20))))
        .isEmpty();
    assertThat(output).doesNotContain("Code: 400", "control characters are not allowed");
  }

  private static void assertIsText(String what, JsonNode node) {
    if (node.isTextual()) {
      assertThat(NOT_TEXT.matcher(node.asText()).find())
          .as("%s has more than text: %s", what, node)
          .isFalse();
    }
    node.forEach(child -> assertIsText(what, child));
  }
}
