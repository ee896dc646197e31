package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import io.goharbor.preheat.api.builder.PreheatPolicySpecBuilder;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong gets the right answer, and says what to mend. */
class FaultsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final EmbeddedKube KUBE = EmbeddedKube.start();
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch, KUBE);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> "Ready".equals(reason(PreheatPolicy.class, "shop")));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    assertThat(world.operator().terminate(Duration.ofSeconds(20)))
        .as("SIGTERM ends the operator")
        .isTrue();
    world.close();
  }

  @Test
  void a_policy_names_the_provider_that_does_not_exist() {
    create(policy("no-provider", "nowhere", null));
    awaitCondition("no-provider", "ProviderNotFound", "spec.providerRefs[0]: P2PProvider nowhere");
  }

  @Test
  void a_policy_names_the_pattern_that_is_malformed() {
    create(policy("bad-pattern", "dragonfly", "v{1,2"));
    awaitCondition("bad-pattern", "InvalidSpec", "spec.selector.tags.include[0]: pattern 'v{1,2'");
  }

  @Test
  void a_registry_with_a_wrong_secret_says_so() {
    world
        .client()
        .resource(
            new io.fabric8.kubernetes.api.model.SecretBuilder()
                .withNewMetadata()
                .withName("wrong-robot")
                .withNamespace("default")
                .endMetadata()
                .addToStringData("username", "robot$preheat")
                .addToStringData("password", "wrong")
                .build())
        .create();
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder().withName("wrong").withNamespace("default").build());
    registry.setSpec(
        new HarborRegistrySpec(
            world.harbor().url(),
            null,
            new LocalRef("wrong-robot"),
            null,
            null,
            new HarborRegistrySpec.Webhook(new SecretKeyRef("missing", "key"), null),
            null));
    world.client().resource(registry).create();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> "Unauthorized".equals(reason(HarborRegistry.class, "wrong")));
    assertThat(world.operator().output()).doesNotContain("password");
  }

  @Test
  void a_run_without_its_policy_waits_and_says_why() {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder().withName("orphan").withNamespace("default").build());
    execution.setSpec(spec("no-such-policy", false));
    world.client().resource(execution).create();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(find("orphan").getStatus())
                .isNotNull()
                .satisfies(status -> {
                  assertThat(status.phase()).isEqualTo(Phase.PENDING);
                  assertThat(status.message()).contains("no-such-policy");
                  assertThat(Conditions.isTrue(status.conditions(), "Stalled")).isTrue();
                }));
  }

  @Test
  void a_dry_run_sends_nothing_and_tells_what_it_would_do() {
    int before = world.dragonfly().preheated().size();
    world.harbor().createProject("quiet", true);
    world.harbor().push("shop", "dry", "1.0", Map.of("dry", 1000L));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> world.dragonfly().preheated().size() == before + 1);
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(new ObjectMetaBuilder().withName("dry").withNamespace("default").build());
    execution.setSpec(spec("shop", true));
    world.client().resource(execution).create();
    await().atMost(Duration.ofSeconds(20)).until(() -> phase("dry") == Phase.SUCCEEDED);
    assertThat(find("dry").getStatus().message()).contains("dry run: 1 tasks would be sent");
    assertThat(world.dragonfly().preheated()).hasSize(before + 1);
  }

  @Test
  void the_webhook_answers_as_it_should() throws Exception {
    assertThat(post("/hooks/default/main", null, "{}")).isEqualTo(401);
    assertThat(post("/hooks/default/main", "Bearer wrong", "{}")).isEqualTo(401);
    assertThat(post("/hooks/default/nowhere", World.WEBHOOK_SECRET, "{}"))
        .as("names of registries cannot be guessed")
        .isEqualTo(401);
    assertThat(post("/elsewhere", World.WEBHOOK_SECRET, "{}")).isEqualTo(404);
    assertThat(post("/hooks/default/main", World.WEBHOOK_SECRET, "x".repeat(10_000_000)))
        .isEqualTo(413);
    assertThat(post("/hooks/default/main", World.WEBHOOK_SECRET, "[1]")).isEqualTo(400);
    assertThat(post("/hooks/default/main", World.WEBHOOK_SECRET, "{\"type\":\"NEW\"}"))
        .isEqualTo(202);
  }

  @Test
  void what_cannot_be_stored_is_not_acknowledged() throws Exception {
    String event =
        """
        {"type":"PUSH_ARTIFACT","occur_at":1,"event_data":{
          "resources":[{"digest":"sha256:%s","tag":"9"}],
          "repository":{"repo_full_name":"shop/unstored"}}}
        """
            .formatted("a".repeat(64));
    KUBE.available(false);
    try {
      assertThat(post("/hooks/default/main", World.WEBHOOK_SECRET, event)).isEqualTo(503);
    } finally {
      KUBE.available(true);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> post("/hooks/default/main", World.WEBHOOK_SECRET, event) == 202);
  }

  private static int post(String path, @Nullable String authorization, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(world.operator().webhookUrl() + path))
            .version(HttpClient.Version.HTTP_1_1)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static PreheatExecutionSpec spec(String policy, boolean dryRun) {
    return Serialization.unmarshal(
        "policyRef: {name: " + policy + "}\ndryRun: " + dryRun, PreheatExecutionSpec.class);
  }

  private static PreheatPolicy policy(String name, String provider, @Nullable String tag) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    policy.setSpec(
        PreheatPolicySpecBuilder.builder()
            .harborRef(new LocalRef("main"))
            .providerRefs(List.of(new ProviderRef(provider, null)))
            .selector(
                tag == null
                    ? null
                    : ArtifactSelectorBuilder.builder()
                        .tags(new PatternSet(List.of(tag), null))
                        .build())
            .build());
    return policy;
  }

  private static void create(PreheatPolicy policy) {
    world.client().resource(policy).create();
  }

  private static void awaitCondition(String policy, String reason, String words) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          PreheatPolicy found =
              world
                  .client()
                  .resources(PreheatPolicy.class)
                  .inNamespace("default")
                  .withName(policy)
                  .get();
          assertThat(found.getStatus()).isNotNull();
          Condition ready = Conditions.find(found.getStatus().conditions(), "Ready").orElseThrow();
          assertThat(ready.getReason()).isEqualTo(reason);
          assertThat(ready.getMessage()).contains(words);
        });
  }

  private static String reason(
      Class<? extends io.fabric8.kubernetes.api.model.HasMetadata> kind, String name) {
    Object found = world.client().resources(kind).inNamespace("default").withName(name).get();
    List<Condition> conditions =
        switch (found) {
          case HarborRegistry registry when registry.getStatus() != null ->
              registry.getStatus().conditions();
          case PreheatPolicy policy when policy.getStatus() != null ->
              policy.getStatus().conditions();
          case null, default -> List.of();
        };
    return Conditions.find(conditions, "Ready").map(Condition::getReason).orElse("");
  }

  private static PreheatExecution find(String name) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withName(name)
        .get();
  }

  private static Phase phase(String name) {
    PreheatExecution execution = find(name);
    return execution == null || execution.getStatus() == null
        ? Phase.PENDING
        : execution.getStatus().effectivePhase();
  }
}
