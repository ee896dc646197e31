package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A tenant who takes all that he can get: places, priorities and processor time. */
@Isolated("measures what another suite beside it would change")
class GreedyTenantTest extends OnEmbeddedCluster implements GreedyTenantRows {
  private static final String OWN_SECRET = "Bearer own-webhook-secret-6e6e";

  @Test
  void patterns_that_backtrack_cost_nobody_else_a_moment() {
    HostileServer harbor = cluster.server(Conducts.harbor());
    cluster.secret(SharedCluster.TENANT, "own-webhook", "authorization", OWN_SECRET);
    cluster.create(
        SharedCluster.TENANT,
        "HarborRegistry",
        "own",
        "{url: '%s', webhook: {authorizationSecretRef: {name: own-webhook, key: authorization}}}"
            .formatted(harbor.url()));
    Map<String, String> objects = new LinkedHashMap<>();
    patterns()
        .forEach((name, pattern) -> {
          for (int i = 0; i < 5; i++) {
            objects.put("PreheatPolicy " + name + "-" + i, policy(pattern, i));
          }
        });
    // Whatever limits there are now: these may have been there before.
    cluster.old(objects);
    String deep = "a" + "/a".repeat(126);
    String flat = "a".repeat(255);
    List<Thread> posts = new ArrayList<>();
    cluster
        .victim()
        .checkAsQuick(
            "preheats beside patterns that backtrack",
            cluster.victim()::warm,
            3,
            () -> {
              for (int i = 0; i < 8; i++) {
                String repository = i % 2 == 0 ? flat : deep;
                String tag = "t" + posts.size();
                posts.add(Thread.ofVirtual().start(() -> post(repository, tag)));
              }
            },
            () -> {});
    cluster.pulse().check();
  }

  /** What takes exponential or cubic time when it is tried one after the other. */
  private static Map<String, String> patterns() {
    Map<String, String> patterns = new LinkedHashMap<>();
    patterns.put("stars", "*a".repeat(126) + "b%02d");
    patterns.put("deep", "**/a/".repeat(50) + "b%02d");
    patterns.put("braces", "{a,aa}".repeat(40) + "b%02d");
    patterns.put("nested", "{".repeat(30) + "a" + ",aa}".repeat(30) + "*".repeat(60) + "b%02d");
    patterns.put("mixed", "{*a,**a,?}".repeat(24) + "b%02d");
    return patterns;
  }

  private static String policy(String pattern, int policy) {
    return """
    {harborRef: {name: own}, providerRefs: [{name: shared, namespace: platform}],\
     triggers: {events: [Pushed]}, selector: {repositories: {include: [%s]}}}\
    """
        .formatted(
            IntStream.range(0, 64)
                .mapToObj(i -> "'" + pattern.formatted((policy * 64 + i) % 100) + "'")
                .collect(Collectors.joining(", ")));
  }

  private static void post(String repository, String tag) {
    String event =
        """
        {"type":"PUSH_ARTIFACT","occur_at":%d,"operator":"admin","event_data":{"resources":[\
        {"digest":"%s","tag":"%s","resource_url":"x/evil/%s:%s"}],"repository":{\
        "date_created":1700000000,"name":"%s","namespace":"evil","repo_full_name":"evil/%s",\
        "repo_type":"private"}}}\
        """
            .formatted(
                System.currentTimeMillis() / 1000,
                Conducts.DIGEST,
                tag,
                repository,
                tag,
                repository,
                repository);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(cluster.world().operator().webhookUrl() + "/hooks/tenant/own"))
                  .timeout(Duration.ofSeconds(20))
                  .header("Authorization", OWN_SECRET)
                  .POST(HttpRequest.BodyPublishers.ofString(event))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isLessThan(500);
    } catch (IOException e) {
      // Slow for himself; the others count.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
