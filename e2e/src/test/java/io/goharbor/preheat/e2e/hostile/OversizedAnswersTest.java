package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.e2e.hostile.Conducts.Route;
import io.goharbor.preheat.e2e.hostile.HostileServer.Conduct;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Answers that are larger than what anybody could want with them, all of them at the same time. */
@Isolated("measures what another suite beside it would change")
class OversizedAnswersTest extends OnEmbeddedCluster {
  private static final String MANIFEST =
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"layers\":[";

  @Test
  void no_answer_reaches_the_heap_of_all() {
    cluster.secret(SharedCluster.TENANT, "own-webhook", "authorization", "Bearer own-webhook-8c8c");
    cluster.secret(SharedCluster.TENANT, "own-token", "token", "own-dragonfly-token-9d9d");
    Map<String, Route> harbors = harbors();
    Map<String, Route> managers = managers();
    Map<String, Route> krakens = krakens();
    cluster
        .victim()
        .checkAsQuick(
            "oversized answers",
            cluster.victim()::warm,
            3,
            () -> {
              harbors.forEach(this::harbor);
              managers.forEach(this::manager);
              krakens.forEach(this::kraken);
              // Each of them was asked, and an answer may still be on its way.
              await()
                  .atMost(Duration.ofSeconds(60))
                  .untilAsserted(() ->
                      assertThat(cluster.servers())
                          .allSatisfy(server -> assertThat(server.requests()).isNotEmpty()));
            },
            () -> {
              for (String kind :
                  new String[] {
                    "PreheatExecution", "PreheatPolicy", "P2PProvider", "HarborRegistry"
                  }) {
                cluster.clear(kind);
              }
            });
    cluster.pulse().check();
  }

  private static Map<String, Route> harbors() {
    Map<String, Route> all = new LinkedHashMap<>();
    String info = "/api/v2.0/systeminfo";
    all.put("info-bomb", new Route(info, Conducts.bomb("{\"a\":[", "]}")));
    all.put("info-bomb-again", new Route(info, Conducts.bomb("{\"a\":[", "]}")));
    all.put("info-endless", new Route(info, Conducts.endless("{\"a\":[", "{},")));
    all.put("info-deep", new Route(info, Conducts.endless("{\"a\":", "[")));
    all.put("info-text", new Route(info, Conducts.endless("{\"harbor_version\":\"", "x")));
    all.put("info-number", new Route(info, Conducts.endless("{\"a\":1", "0")));
    all.put("info-names", new Route(info, endlessNames()));
    all.put("info-headers", new Route(info, Conducts.endlessHeaders()));
    all.put("error-bomb", new Route(info, error()));
    all.put("projects", new Route("/api/v2.0/projects", Conducts.bomb("[", "]")));
    all.put(
        "hooks", new Route("/api/v2.0/projects/evil/webhook/policies", Conducts.bomb("[", "]")));
    all.put("artifacts", new Route("/api/v2.0/projects/evil/artifacts", Conducts.bomb("[", "]")));
    all.put(
        "artifact",
        new Route("/api/v2.0/projects/evil/repositories/", Conducts.bomb("{\"tags\":[", "]}")));
    all.put("token", new Route("/service/token", Conducts.bomb("{\"token\":[", "]}")));
    all.put("manifest", new Route("/v2/", Conducts.bomb(MANIFEST, "]}")));
    all.put("pages", new Route("/api/v2.0/projects/evil/artifacts", endlessPages()));
    return all;
  }

  /** Each page says that there is another one, of things that were never there before. */
  private static Conduct endlessPages() {
    return (request, out) -> {
      StringBuilder page = new StringBuilder("[");
      long start = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        page.append(i == 0 ? "" : ",")
            .append("{\"digest\":\"sha256:%064x\",\"type\":\"IMAGE\",".formatted(start + i))
            .append("\"repository_name\":\"evil/app\",\"tags\":[{\"name\":\"t%d\"}]}".formatted(i));
      }
      Conducts.json(200, page.append(']').toString(), "X-Total-Count: 999999999")
          .answer(request, out);
    };
  }

  /** Names that a parser would keep for later. */
  private static Conduct endlessNames() {
    return (request, out) -> {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":0"
              .getBytes(StandardCharsets.US_ASCII));
      for (long i = 0; ; i++) {
        out.write(",\"field-%d\":0".formatted(i).getBytes(StandardCharsets.US_ASCII));
      }
    };
  }

  private static Conduct error() {
    return (request, out) -> {
      out.write(
          "HTTP/1.1 500 X\r\nContent-Type: application/json\r\n\r\n{\"errors\":["
              .getBytes(StandardCharsets.US_ASCII));
      while (true) {
        out.write(
            "{\"code\":\"X\",\"message\":\"y\"},".repeat(1000).getBytes(StandardCharsets.US_ASCII));
      }
    };
  }

  private static Map<String, Route> managers() {
    Map<String, Route> all = new LinkedHashMap<>();
    all.put("jobs-bomb", new Route("/oapi/v1/jobs", Conducts.bomb("[", "]")));
    all.put("jobs-endless", new Route("/oapi/v1/jobs", Conducts.endless("[", "{},")));
    all.put("clusters-bomb", new Route("/oapi/v1/clusters", Conducts.bomb("[", "]")));
    all.put("healthy-endless", new Route("/healthy", Conducts.endless("\"", "x")));
    return all;
  }

  private static Map<String, Route> krakens() {
    Map<String, Route> all = new LinkedHashMap<>();
    all.put("health-endless", new Route("/health", Conducts.endless("", "x")));
    all.put("blobs-endless", new Route("/", Conducts.endless("", "x")));
    return all;
  }

  private void harbor(String name, Route route) {
    HostileServer server = cluster.server(Conducts.harbor(route));
    cluster.create(
        SharedCluster.TENANT,
        "HarborRegistry",
        name,
        """
        {url: "%s", webhook: {authorizationSecretRef: {name: own-webhook, key: authorization},\
         registration: {address: "http://127.0.0.1:9"}}, catchUp: {interval: 30s}}\
        """
            .formatted(server.url()));
    cluster.create(
        SharedCluster.TENANT,
        "PreheatPolicy",
        name,
        "{harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}]}"
            .formatted(name));
    cluster.create(
        SharedCluster.TENANT,
        "PreheatExecution",
        name + "-all",
        "{policyRef: {name: %s}}".formatted(name));
    cluster.create(
        SharedCluster.TENANT,
        "PreheatExecution",
        name,
        """
        {harborRef: {name: %s}, providerRefs: [{name: shared, namespace: platform}],\
         artifacts: [{repository: evil/app, tag: "1"}, {repository: evil/app, digest: "%s"}]}\
        """
            .formatted(name, Conducts.DIGEST));
  }

  private void manager(String name, Route route) {
    HostileServer server = cluster.server(Conducts.dragonfly(route));
    cluster.create(
        SharedCluster.TENANT,
        "P2PProvider",
        name,
        """
        {type: Dragonfly, dragonfly: {url: "%s", schedulerClusterIDs: [1]},\
         auth: {type: Bearer, secretRef: {name: own-token, key: token}}}\
        """
            .formatted(server.url()));
  }

  private void kraken(String name, Route route) {
    HostileServer server = cluster.server(Conducts.site(java.util.List.of(route)));
    cluster.create(
        SharedCluster.TENANT,
        "P2PProvider",
        "kraken-" + name,
        "{type: Kraken, kraken: {originURL: \"%s\"}}".formatted(server.url()));
  }
}
