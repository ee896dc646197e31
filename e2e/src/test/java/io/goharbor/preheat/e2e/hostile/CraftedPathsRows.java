package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.e2e.hostile.Conducts.Route;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Requests go where they are meant to go, whatever the names in them are. */
interface CraftedPathsRows {
  /** Repositories that lead elsewhere when they become part of a URL as they are. */
  List<String> REPOSITORIES =
      List.of(
          "evil/../../api/v2.0/users",
          "evil/%2e%2e/%2e%2e/api/v2.0/users",
          "evil/app/../../../service/token",
          "evil/app#",
          "evil/app?x=y",
          "evil/app%2f..%2f..%2f..%2fapi",
          "evil/app\\\\..\\\\..",
          "evil/;param/app",
          "evil/./app",
          "../evil/app");

  List<String> TAGS =
      List.of("..", "../../../api/v2.0/users", "1?x=y", "1#x", "%2e%2e", "1/../../x", "-1");

  /** Where a request for something in the project evil may go. */
  Pattern MEANT =
      Pattern.compile(
          "/api/v2\\.0/systeminfo|/api/v2\\.0/projects|/service/token"
              + "|/api/v2\\.0/projects/evil(/[a-z]+){0,2}"
              + "|/api/v2\\.0/projects/evil/repositories/[A-Za-z0-9._%-]+/artifacts(/[A-Za-z0-9._:%-]+)?"
              + "|/v2/|/v2/evil/[a-z0-9._/-]+/(manifests|blobs)/[A-Za-z0-9._:-]+");

  SharedCluster cluster();

  private static String execution(String repository, String tag) {
    return """
    {harborRef: {name: crafted}, providerRefs: [{name: shared, namespace: platform}],\
     artifacts: [{repository: "%s", tag: "%s"}]}\
    """
        .formatted(repository, tag);
  }

  private HostileServer harbor(String name) {
    HostileServer harbor =
        cluster()
            .server(
                Conducts.harbor(
                    new Route("/v2/", Conducts.json(404, "{\"errors\":[{\"code\":\"X\"}]}"))));
    cluster()
        .secret(
            SharedCluster.TENANT,
            name,
            Map.of(
                "username",
                "robot$crafted".getBytes(StandardCharsets.UTF_8),
                "password",
                ("crafted-robot-5b5b" + name).getBytes(StandardCharsets.UTF_8)));
    cluster()
        .create(
            SharedCluster.TENANT,
            "HarborRegistry",
            name,
            "{url: '%s', credentialsSecretRef: {name: %s}}".formatted(harbor.url(), name));
    return harbor;
  }

  @Test
  default void an_artifact_whose_name_is_a_path_is_refused() {
    for (String repository : REPOSITORIES) {
      assertThat(cluster().tried("PreheatExecution", "crafted", execution(repository, "1")))
          .as("repository %s", repository)
          .isNotNull();
    }
    for (String tag : TAGS) {
      assertThat(cluster().tried("PreheatExecution", "crafted", execution("evil/app", tag)))
          .as("tag %s", tag)
          .isNotNull();
    }
  }

  @Test
  default void a_stored_artifact_whose_name_is_a_path_leads_nowhere_else() {
    HostileServer harbor = harbor("crafted");
    Map<String, String> objects = new LinkedHashMap<>();
    for (int i = 0; i < REPOSITORIES.size(); i++) {
      objects.put("PreheatExecution crafted-repository-" + i, execution(REPOSITORIES.get(i), "1"));
      objects.put(
          "PreheatExecution crafted-digest-" + i,
          execution(REPOSITORIES.get(i), "1")
              .replace("tag: \"1\"", "digest: \"" + Conducts.DIGEST + "\""));
      objects.put(
          "PreheatExecution crafted-image-" + i,
          execution("evil/app", "1")
              .replaceFirst(
                  "artifacts: .*]",
                  java.util.regex.Matcher.quoteReplacement(
                      "images: [\"%s/%s:1\"]".formatted(harbor.host(), REPOSITORIES.get(i)))));
    }
    for (int i = 0; i < TAGS.size(); i++) {
      objects.put("PreheatExecution crafted-tag-" + i, execution("evil/app", TAGS.get(i)));
    }
    // A good one that shows that the registry is asked at all.
    objects.put("PreheatExecution crafted-good", execution("evil/app", "1"));
    cluster().old(objects);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          for (String what : objects.keySet()) {
            JsonNode status =
                cluster()
                    .read(SharedCluster.TENANT, "PreheatExecution", what.split(" ", 2)[1])
                    .path("status");
            assertThat(status.path("phase").asText())
                .as("%s %s", what, objects.get(what))
                .isNotEmpty();
            if (status.path("phase").asText().equals("Pending")) {
              assertThat(status.path("message").asText())
                  .as("%s %s", what, objects.get(what))
                  .contains("spec.");
            }
          }
        });
    assertThat(harbor.requests())
        .anyMatch(request -> request.path().contains("evil/"))
        .allSatisfy(request ->
            assertThat(request.path())
                .matches(MEANT)
                .doesNotContain("..", "//", "%2e", "%2E", "%252e"));
  }

  @Test
  default void an_origin_that_is_named_by_more_than_host_and_port_is_not_called() {
    HostileServer third = cluster().server(Conducts.json(200, ""));
    try (HarborSimulator own = new HarborSimulator(Clock.systemUTC(), 0.02)) {
      own.createProject("evil", true);
      own.push("evil", "app", "1", Map.of("layer of evil", 1000L));
      cluster()
          .create(
              SharedCluster.TENANT, "HarborRegistry", "ring", "{url: '%s'}".formatted(own.url()));
      List<String> odd =
          List.of(
              "%s?x=",
              "%s/api/v2.0/users?",
              "%s#",
              "user:password@%s",
              "http://%s",
              "%s\\@127.0.0.1:1",
              "%s%%2f..",
              " %s ?",
              "//%s");
      for (int i = 0; i < odd.size(); i++) {
        HostileServer origin = origin(odd.get(i).formatted(third.host()));
        cluster()
            .create(
                SharedCluster.TENANT,
                "P2PProvider",
                "ring-" + i,
                "{type: Kraken, kraken: {originURL: '%s'}}".formatted(origin.url()));
        cluster()
            .create(
                SharedCluster.TENANT,
                "PreheatExecution",
                "ring-" + i,
                """
                {harborRef: {name: ring}, providerRefs: [{name: ring-%d}], backoffLimit: 0,\
                 target: {scope: AllSeedPeers}, artifacts: [{repository: evil/app, tag: "1"}]}\
                """
                    .formatted(i));
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() ->
                assertThat(origin.requests())
                    .anyMatch(request -> request.path().endsWith("/locations")));
      }
      assertThat(third.requests()).isEmpty();
    }
  }

  private HostileServer origin(String ring) {
    return cluster()
        .server(
            Conducts.site(
                List.of(
                    new Route("/health", Conducts.json(200, "OK")),
                    new Route("/readiness", Conducts.json(200, "OK")),
                    new Route("/blobs/", Conducts.json(200, "", "Origin-Locations: " + ring)),
                    new Route("/namespace/", Conducts.json(202, "")))));
  }
}
