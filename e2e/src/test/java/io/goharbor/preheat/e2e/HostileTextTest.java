package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of strangers, and values that cannot be sent, on their whole way. */
class HostileTextTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String ESC = "\u001b";

  /** What a terminal obeys, what the API server refuses, and what turns the line. */
  private static final String SAID = "quota" + ESC + "[31m\u0085\u009b2J\u202e\u2028gone\u007f";

  @TempDir private Path scratch;
  private World world;
  private HttpServer hostile;
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws IOException {
    world = new World(ROOT, scratch);
    hostile = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hostile.createContext(
        "/",
        exchange -> {
          asked.add(String.valueOf(exchange.getRequestHeaders().entrySet()));
          String echo =
              String.join(" ", exchange.getRequestHeaders().getOrDefault("X-Key", List.of()));
          byte[] body =
              ("{\"errors\":[{\"code\":\"X\",\"message\":\""
                      + SAID.replace(ESC, "\\u001b")
                      + echo
                      + "\"}]}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(500, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    hostile.start();
  }

  @AfterEach
  void stop() {
    hostile.stop(0);
    world.close();
  }

  private String url() {
    return "http://127.0.0.1:" + hostile.getAddress().getPort();
  }

  @Test
  void what_a_server_says_can_be_written_and_shown() throws Exception {
    world.startOperator();
    registry("hostile", "");
    provider("hostile", "");
    for (Class<? extends HasMetadata> kind : List.of(HarborRegistry.class, P2PProvider.class)) {
      Condition ready = awaitReason(kind, "hostile", "Unreachable");
      assertThat(ready.getMessage()).contains("answered 500", "quota\ufffd[31m");
      assertThat(ready.getMessage()).doesNotContain(ESC, "\u0085", "\u009b", "\u202e", "\u2028");
    }
    assertClean();
  }

  @Test
  void a_value_that_no_header_can_carry_is_a_condition_and_is_never_sent() throws Exception {
    secret("broken", "key", "Bearer-Werk\nstück-4711");
    secret("letters", "key", "geheimnis-äöü-0815");
    world.startOperator();
    provider(
        "line", "auth: {type: Header, headerName: X-Key, secretRef: {name: broken, key: key}}");
    provider("bearer", "auth: {type: Bearer, secretRef: {name: letters, key: key}}");
    registry(
        "hook",
        "webhook: {authorizationSecretRef: {name: letters, key: key}, registration: {address: 'http://127.0.0.1:1'}}",
        world.harbor().url());

    assertThat(awaitReason(P2PProvider.class, "line", "SecretUnusable").getMessage())
        .contains("key key of Secret broken", "U+000A at position 12");
    assertThat(awaitReason(P2PProvider.class, "bearer", "SecretUnusable").getMessage())
        .contains("Secret letters", "U+00E4 at position 11");
    assertThat(awaitReason(HarborRegistry.class, "hook", "SecretUnusable").getMessage())
        .contains("Secret letters", "U+00E4 at position 11");
    assertThat(asked).isEmpty();
    assertThat(world.harbor().webhookPolicies("shop")).isEmpty();
    assertClean();
    assertHidden("Bearer-Werk\nstück-4711");
    assertHidden("geheimnis-äöü-0815");
  }

  @Test
  void a_secret_that_comes_back_in_an_error_is_not_shown() throws Exception {
    secret("good", "key", "wander-falke-9f8e7d");
    world.startOperator();
    provider("echo", "auth: {type: Header, headerName: X-Key, secretRef: {name: good, key: key}}");
    awaitReason(P2PProvider.class, "echo", "Unreachable");
    assertThat(asked).anyMatch(headers -> headers.contains("wander-falke-9f8e7d"));
    assertHidden("wander-falke-9f8e7d");
  }

  @Test
  void a_status_that_is_refused_is_replaced_once_by_one_that_says_so() throws Exception {
    CustomResourceDefinition crd =
        world
            .client()
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName("p2pproviders.preheat.goharbor.io")
            .get();
    crd.getSpec()
        .getVersions()
        .forEach(version ->
            property(property(version.getSchema().getOpenAPIV3Schema(), "status"), "lastProbeTime")
                .setMaxLength(3L));
    world.client().resource(crd).update();
    world.startOperator();
    provider("any", "");

    assertThat(awaitReason(P2PProvider.class, "any", "StatusRefused").getMessage())
        .contains("status.lastProbeTime", "answered 422");
    await().during(Duration.ofSeconds(6)).atMost(Duration.ofSeconds(8)).until(() -> true);
    assertThat(
            world.operator().output().lines().filter(line -> line.contains("Status not written")))
        .hasSize(1);
    assertThat(world.operator().output()).doesNotContain("KubernetesClientException");
  }

  private void assertClean() throws IOException {
    assertThat(NoSecrets.everything(world))
        .doesNotContain(ESC, "\\e[", "\u0085", "\u009b", "\u202e", "\u2028", "\u007f");
  }

  private void assertHidden(String secret) throws IOException {
    NoSecrets.check(NoSecrets.everything(world), secret);
  }

  private <R extends HasMetadata> Condition awaitReason(Class<R> kind, String name, String reason) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(ready(kind, name))
                .hasValueSatisfying(ready ->
                    assertThat(ready.getReason()).as(ready.getMessage()).isEqualTo(reason)));
    return ready(kind, name).orElseThrow();
  }

  private <R extends HasMetadata> Optional<Condition> ready(Class<R> kind, String name) {
    HasMetadata object = world.client().resources(kind).inNamespace("default").withName(name).get();
    return switch (object) {
      case P2PProvider provider when provider.getStatus() != null ->
          Conditions.find(provider.getStatus().conditions(), "Ready");
      case HarborRegistry registry when registry.getStatus() != null ->
          Conditions.find(registry.getStatus().conditions(), "Ready");
      default -> Optional.empty();
    };
  }

  private void secret(String name, String key, String value) {
    world
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .addToData(
                    key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
                .build())
        .create();
  }

  private void provider(String name, String more) {
    world
        .client()
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: preheat.goharbor.io/v1alpha1
                kind: P2PProvider
                metadata: {name: %s, namespace: default}
                spec:
                  type: Dragonfly
                  dragonfly: {url: "%s"}
                  healthCheck: {interval: 2s, timeout: 2s}
                  %s
                """
                    .formatted(name, url(), more),
                P2PProvider.class))
        .create();
  }

  private void registry(String name, String more) {
    registry(name, more, url());
  }

  private void registry(String name, String more, String url) {
    world
        .client()
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: preheat.goharbor.io/v1alpha1
                kind: HarborRegistry
                metadata: {name: %s, namespace: default}
                spec:
                  url: "%s"
                  %s
                """
                    .formatted(name, url, more),
                HarborRegistry.class))
        .create();
  }

  private static JSONSchemaProps property(JSONSchemaProps of, String name) {
    return Objects.requireNonNull(of.getProperties().get(name));
  }
}
