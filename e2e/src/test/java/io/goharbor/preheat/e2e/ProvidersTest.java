package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people ask of providers, and see of them, from YAML to the peers. */
class ProvidersTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    await().atMost(SOON).until(() -> policyReason("shop").equals("Ready"));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    world.operator().terminate(Duration.ofSeconds(20));
    world.close();
  }

  @Test
  void peers_are_asked_emptied_and_asked_again() {
    String image = world.harbor().host() + "/shop/kept:1.0";
    world.harbor().push("shop", "kept", "1.0", Map.of("kept", 4000L));
    run("warm-kept", "Preheat", image);
    awaitPhase("warm-kept", Phase.SUCCEEDED);

    run("verify-kept", "Verify", image);
    awaitPhase("verify-kept", Phase.SUCCEEDED);
    assertThat(task("verify-kept").warmPercent()).isEqualTo(100);

    run("evict-kept", "Evict", image);
    awaitPhase("evict-kept", Phase.SUCCEEDED);
    assertThat(task("evict-kept").reason()).isEqualTo(Reason.EVICTED);
    String digest = task("evict-kept").digest();
    assertThat(digest).startsWith("sha256:");
    world
        .harbor()
        .blobs("shop", "kept")
        .forEach(blob -> assertThat(world.dragonfly().holders(blob)).isEmpty());

    run("verify-gone", "Verify", image);
    awaitPhase("verify-gone", Phase.FAILED);
    assertThat(task("verify-gone").reason()).isEqualTo(Reason.NOT_WARM);
  }

  @Test
  void a_provider_tells_that_pulls_find_nothing_of_what_is_preheated() {
    world.dragonfly().proxiesGoByDigest(true);
    patch(
        "dragonfly",
        "{\"spec\":{\"dragonfly\":{\"proxyURL\":\"%s\"}}}"
            .formatted(world.dragonfly().proxy().url()));

    world.harbor().push("shop", "missed", "1.0", Map.of("missed", 1000L));

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(condition("dragonfly", "TaskIDsMatch"))
                .hasValueSatisfying(told -> {
                  assertThat(told.getStatus()).isEqualTo("False");
                  assertThat(told.getReason()).isEqualTo("TaskIDsDiffer");
                  assertThat(told.getMessage()).contains("enableTaskIDBasedBlobDigest");
                }));
    assertThat(condition("dragonfly", "Ready").orElseThrow().getStatus()).isEqualTo("True");
  }

  @Test
  void a_token_that_is_rotated_holds_the_queue_until_its_secret_follows() {
    world.dragonfly().rotateToken("rotated-token-91c0");
    try {
      await()
          .atMost(SOON)
          .until(() ->
              condition("dragonfly", "Ready")
                  .filter(ready -> ready.getReason().equals("Unauthorized"))
                  .isPresent());
      world.harbor().push("shop", "rotated", "1.0", Map.of("rotated", 1000L));
      run("rotated", "Preheat", world.harbor().host() + "/shop/rotated:1.0");
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(task("rotated").state()).isEqualTo(TaskState.WAITING);
            assertThat(task("rotated").message())
                .contains("provider default/dragonfly unusable since", "401");
          });
      assertThat(task("rotated").attempts()).isZero();

      secret("rotated-token-91c0");
      awaitPhase("rotated", Phase.SUCCEEDED);
    } finally {
      world.dragonfly().rotateToken(World.DRAGONFLY_TOKEN);
      secret(World.DRAGONFLY_TOKEN);
      await()
          .atMost(SOON)
          .until(() ->
              condition("dragonfly", "Ready")
                  .filter(ready -> ready.getStatus().equals("True"))
                  .isPresent());
    }
  }

  @Test
  void a_provider_that_is_away_loses_nothing_and_says_since_when() {
    // Of no policy, so that no other execution is at it.
    world.harbor().createProject("apart", false);
    world.harbor().push("apart", "away", "1.0", Map.of("away", 1000L));
    world.dragonfly().server().stop();
    run("away", "Preheat", world.harbor().host() + "/apart/away:1.0");
    try {
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(task("away").message())
                .contains("provider default/dragonfly unreachable since 20");
          });
    } finally {
      world.dragonfly().server().start();
    }
    awaitPhase("away", Phase.SUCCEEDED);
    assertThat(task("away").attempts()).isEqualTo(1);
  }

  @Test
  void a_certificate_authority_that_is_put_right_is_trusted_without_a_restart() {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
    HeldCertificate other = new HeldCertificate.Builder().build();
    try (DragonflySimulator secure =
        new DragonflySimulator(
            Clock.systemUTC(),
            World.DRAGONFLY_TOKEN,
            new HandshakeCertificates.Builder().heldCertificate(own).build().sslContext())) {
      authority(other.certificatePem());
      P2PProvider provider = new P2PProvider();
      provider.setMetadata(
          new ObjectMetaBuilder().withName("secure").withNamespace("default").build());
      provider.setSpec(
          Serialization.unmarshal(
              """
              type: Dragonfly
              dragonfly: {url: "%s", schedulerClusterIDs: [1]}
              auth: {type: Bearer, secretRef: {name: dragonfly-token, key: token}}
              tls: {caBundleRef: {kind: ConfigMap, name: authority, key: ca.crt}}
              healthCheck: {interval: 2s, timeout: 2s}
              """
                  .formatted(secure.url()),
              io.goharbor.preheat.api.P2PProviderSpec.class));
      world.client().resource(provider).create();
      await().atMost(SOON).until(() -> readyReason("secure").equals("TLSFailed"));

      authority(own.certificatePem());

      await().atMost(SOON).until(() -> readyReason("secure").equals("Ready"));
      world.client().resource(provider).delete();
    }
  }

  @Test
  void certificates_that_are_not_verified_are_told_in_a_condition_and_once_in_the_log() {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
    try (DragonflySimulator secure =
        new DragonflySimulator(
            Clock.systemUTC(),
            World.DRAGONFLY_TOKEN,
            new HandshakeCertificates.Builder().heldCertificate(own).build().sslContext())) {
      P2PProvider provider = new P2PProvider();
      provider.setMetadata(
          new ObjectMetaBuilder().withName("blind").withNamespace("default").build());
      provider.setSpec(
          Serialization.unmarshal(
              """
              type: Dragonfly
              dragonfly: {url: "%s", schedulerClusterIDs: [1]}
              auth: {type: Bearer, secretRef: {name: dragonfly-token, key: token}}
              tls: {insecureSkipVerify: true}
              healthCheck: {interval: 2s, timeout: 2s}
              """
                  .formatted(secure.url()),
              io.goharbor.preheat.api.P2PProviderSpec.class));
      world.client().resource(provider).create();
      await().atMost(SOON).until(() -> readyReason("blind").equals("Ready"));
      assertThat(condition("blind", "Insecure"))
          .hasValueSatisfying(told -> {
            assertThat(told.getStatus()).isEqualTo("True");
            assertThat(told.getReason()).isEqualTo("InsecureSkipVerify");
            assertThat(told.getMessage()).contains("spec.tls.caBundleRef");
          });
      long requests = secure.server().requests();
      await().atMost(SOON).until(() -> secure.server().requests() >= requests + 6);
      assertThat(warnings()).isEqualTo(1);

      patch("blind", "{\"spec\":{\"healthCheck\":{\"interval\":\"3s\"}}}");
      await().atMost(SOON).until(() -> warnings() == 2);

      patch("blind", "{\"spec\":{\"tls\":null}}");
      await().atMost(SOON).until(() -> readyReason("blind").equals("TLSFailed"));
      assertThat(condition("blind", "Insecure")).isEmpty();
      world.client().resource(provider).delete();
    }
  }

  private static long warnings() {
    return world
        .operator()
        .output()
        .lines()
        .filter(line -> line.contains("insecureSkipVerify is true") && line.contains("blind"))
        .count();
  }

  private static void authority(String certificate) {
    world
        .client()
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("authority")
                .withNamespace("default")
                .endMetadata()
                .addToData("ca.crt", certificate)
                .build())
        .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
  }

  private static String readyReason(String provider) {
    return condition(provider, "Ready").map(Condition::getReason).orElse("");
  }

  @Test
  void a_policy_that_asks_for_more_than_its_provider_can_is_told() {
    for (String target :
        List.of(
            "count: 3, scope: AllSeedPeers", "scope: AllPeers", "dragonfly: {application: web}")) {
      PreheatPolicy policy = new PreheatPolicy();
      policy.setMetadata(
          new ObjectMetaBuilder().withName("too-much").withNamespace("default").build());
      policy.setSpec(
          Serialization.unmarshal(
              "harborRef: {name: main}\nproviderRefs: [{name: kraken}]\ntarget: {" + target + "}",
              io.goharbor.preheat.api.PreheatPolicySpec.class));
      world.client().resource(policy).create();
      await().atMost(SOON).until(() -> policyReason("too-much").equals("NotSupported"));
      world.client().resource(policy).delete();
      await().atMost(SOON).until(() -> policyReason("too-much").isEmpty());
    }
  }

  private static void run(String name, String operation, String image) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    execution.setSpec(
        Serialization.unmarshal(
            """
            operation: %s
            harborRef: {name: main}
            providerRefs: [{name: dragonfly}]
            images: ["%s"]
            target: {scope: AllSeedPeers}
            """
                .formatted(operation, image),
            PreheatExecutionSpec.class));
    world.client().resource(execution).create();
  }

  private static void awaitPhase(String name, Phase phase) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(find(name).getStatus())
                .isNotNull()
                .satisfies(status -> assertThat(status.phase()).isEqualTo(phase)));
  }

  private static PreheatExecution find(String name) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withName(name)
        .get();
  }

  private static TaskStatus task(String execution) {
    assertThat(find(execution).getStatus()).isNotNull();
    assertThat(find(execution).getStatus().taskList()).isNotEmpty();
    return find(execution).getStatus().taskList().getFirst();
  }

  private static Optional<Condition> condition(String provider, String type) {
    P2PProvider found =
        world.client().resources(P2PProvider.class).inNamespace("default").withName(provider).get();
    return found.getStatus() == null
        ? Optional.empty()
        : Conditions.find(found.getStatus().conditions(), type);
  }

  private static String policyReason(String name) {
    @Nullable PreheatPolicy found =
        world.client().resources(PreheatPolicy.class).inNamespace("default").withName(name).get();
    return found == null || found.getStatus() == null
        ? ""
        : Conditions.find(found.getStatus().conditions(), "Ready")
            .map(Condition::getReason)
            .orElse("");
  }

  private static void patch(String provider, String merge) {
    world
        .client()
        .resources(P2PProvider.class)
        .inNamespace("default")
        .withName(provider)
        .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
  }

  private static void secret(String token) {
    world
        .client()
        .secrets()
        .inNamespace("default")
        .withName("dragonfly-token")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"stringData\":{\"token\":\"" + token + "\"}}");
  }
}
