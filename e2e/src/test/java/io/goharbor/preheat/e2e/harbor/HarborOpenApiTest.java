package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.PublishedDescription;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.HarborPreheat;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.importer.ImportHarbor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the client asks and what the simulator answers, against Harbor's published description. */
class HarborOpenApiTest {
  private static final String USER = "robot$preheat";
  private static final String SECRET = "s";

  /** All that the operator and its import ever ask of the described API. */
  private static final String[] ALL_CALLS = {
    "delete /projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}",
    "get /p2p/preheat/instances",
    "get /projects",
    "get /projects/{project_name_or_id}/artifacts",
    "get /projects/{project_name_or_id}/webhook/policies",
    "get /projects/{project_name}/preheat/policies",
    "get /projects/{project_name}/preheat/providers",
    "get /projects/{project_name}/repositories",
    "get /projects/{project_name}/repositories/{repository_name}/artifacts",
    "get /projects/{project_name}/repositories/{repository_name}/artifacts/{reference}",
    "get /systeminfo",
    "post /projects/{project_name_or_id}/webhook/policies",
    "put /projects/{project_name_or_id}/webhook/policies/{webhook_policy_id}"
  };

  @Test
  void requests_and_answers_are_those_of_the_description() throws Exception {
    PublishedDescription api = PublishedDescription.load("harbor-openapi-v2.0.yaml", Set.of());
    try (HarborSimulator harbor = new HarborSimulator(Clock.systemUTC(), 0.01)) {
      harbor.addRobot(USER, SECRET);
      harbor.createProject("shop", false);
      harbor.pushIndex(
          "shop", "api/web", "1.0", List.of("linux/amd64", "linux/arm64"), Map.of("l", 10L));
      harbor.addLabel("shop", "api/web", "1.0", "prod");
      harbor.addAccessory("shop", "api/web", "1.0", "signature.cosign");
      harbor.scanned("shop", "api/web", "1.0", "High");
      post(
          harbor,
          "/p2p/preheat/instances",
          """
          {"name": "eu", "vendor": "dragonfly", "endpoint": "http://manager:8080",
           "auth_mode": "OAUTH", "auth_info": {"token": "t"}, "enabled": true}
          """);
      long instance = new HarborPreheat(open(harbor)).instances().getFirst().id();
      post(
          harbor,
          "/projects/shop/preheat/policies",
          """
          {"name": "all", "provider_id": %d, "enabled": true,
           "filters": "[{\\"type\\":\\"tag\\",\\"value\\":\\"**\\"}]",
           "trigger": "{\\"type\\":\\"manual\\",\\"trigger_setting\\":{}}",
           "extra_attrs": "{\\"scope\\":\\"all_peers\\"}"}
          """
              .formatted(instance));
      harbor.server().clearLog();
      useAll(harbor);
      importAll(harbor);
      Set<String> checked = new TreeSet<>();
      for (Ask ask : harbor.server().log()) {
        if (api.covers(ask)) {
          checked.add(api.checkRequest(ask));
        }
      }
      assertThat(checked).containsExactly(ALL_CALLS);
      String details = "?with_tag=true&with_label=true&with_accessory=true&with_scan_overview=true";
      answer(harbor, api, "/systeminfo", "/systeminfo");
      answer(harbor, api, "/projects", "/projects");
      answer(
          harbor,
          api,
          "/projects/{project_name_or_id}/artifacts",
          "/projects/shop/artifacts" + details);
      answer(
          harbor,
          api,
          "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}",
          "/projects/shop/repositories/api%252Fweb/artifacts/1.0" + details);
      answer(
          harbor,
          api,
          "/projects/{project_name}/repositories",
          "/projects/shop/repositories?page_size=100");
      answer(harbor, api, "/health", "/health");
      answer(
          harbor,
          api,
          "/projects/{project_name_or_id}/webhook/policies",
          "/projects/shop/webhook/policies");
      answer(harbor, api, "/p2p/preheat/instances", "/p2p/preheat/instances");
      answer(
          harbor,
          api,
          "/projects/{project_name}/preheat/policies",
          "/projects/shop/preheat/policies");
      answer(
          harbor,
          api,
          "/projects/{project_name}/preheat/providers",
          "/projects/shop/preheat/providers");
    }
  }

  private static RemoteSystem open(HarborSimulator harbor) {
    return new HttpClients()
        .open(
            "Harbor",
            ConnectionSettings.of(
                harbor.url(), new Credential.Basic(USER, SECRET), TlsSettings.SYSTEM, 1000));
  }

  /** Makes the client use every call that it knows. */
  private static void useAll(HarborSimulator harbor) throws RemoteCallException {
    HarborClient client = new HarborClient(open(harbor), harbor.url());
    HarborArtifact.Detail all = new HarborArtifact.Detail(true, true, true);
    client.systemInfo();
    client.projects();
    client.artifact("shop", "api/web", "1.0", all);
    client.artifacts("shop", new ArtifactQuery(null, Instant.EPOCH, true, all), artifact -> {});
    client.artifacts("shop", new ArtifactQuery("api/web", null, true, all), artifact -> {});
    client.createWebhookPolicy(
        "shop",
        new WebhookPolicy(
            0,
            "w",
            "d",
            true,
            Set.of("PUSH_ARTIFACT"),
            "http://127.0.0.1:9/",
            "x",
            false,
            "Default"));
    WebhookPolicy policy = client.webhookPolicies("shop").getFirst();
    client.updateWebhookPolicy("shop", policy);
    client.deleteWebhookPolicy("shop", policy.id());
    client.createWebhookPolicy("shop", policy.withId(0));
    // Harbor before 2.12 is asked in another way.
    harbor.version("v2.11.2");
    List<HarborArtifact> found = new ArrayList<>();
    client.artifacts("shop", new ArtifactQuery(null, Instant.EPOCH, true, all), found::add);
    assertThat(found).hasSize(1);
    harbor.version("v2.14.4");
    String digest = found.getFirst().digest();
    assertThat(client.anyManifest("shop", "api/web", digest)).isPresent();
    assertThat(client.manifest("shop", "api/web", found.getFirst().children().getFirst().digest()))
        .isPresent();
    assertThat(client.pullAuthorization("shop", "api/web").headerValue()).startsWith("Bearer ");
    HarborPreheat preheat = new HarborPreheat(open(harbor));
    assertThat(preheat.about().version()).isEqualTo("v2.14.4");
    assertThat(preheat.instances()).hasSize(1);
    assertThat(preheat.projects()).hasSize(1);
    assertThat(preheat.policies("shop")).hasSize(1);
    assertThat(preheat.providersOf("shop").getFirst().endpoint()).isEqualTo("http://manager:8080");
  }

  /** The command, as one who may list instances and as one who is shown them by project only. */
  private static void importAll(HarborSimulator harbor) {
    harbor.addRobot("robot$modest", SECRET, "project:read", "project:list", "preheat-policy:list");
    for (String user : List.of(USER, "robot$modest")) {
      StringWriter said = new StringWriter();
      int code =
          new CommandLine(
                  new ImportHarbor(
                      Map.of("HARBOR_PASSWORD", SECRET), new ByteArrayInputStream(new byte[0])))
              .setOut(new PrintWriter(said))
              .setErr(new PrintWriter(said))
              .execute("--url", harbor.url(), "--username", user);
      assertThat(code).as(said.toString()).isZero();
    }
  }

  private static void post(HarborSimulator harbor, String path, String body)
      throws IOException, InterruptedException {
    assertThat(PreheatCalls.post(harbor.url(), USER, SECRET, path, body)).isEqualTo(201);
  }

  private static void answer(
      HarborSimulator harbor, PublishedDescription api, String path, String used)
      throws IOException, InterruptedException {
    String basic =
        Base64.getEncoder().encodeToString((USER + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
    try (HttpClient client = HttpClient.newHttpClient()) {
      String body =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(harbor.url() + "/api/v2.0" + used))
                      .header("Authorization", "Basic " + basic)
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      JsonNode json = new ObjectMapper().readTree(body);
      assertThat(json).as(used).isNotEmpty();
      api.checkAnswer(path, json);
    }
  }
}
