package io.goharbor.preheat.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistrySpec.PayloadFormat;
import io.goharbor.preheat.api.HarborRegistrySpec.Registration;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.Secrets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A simulated Harbor, an API server with its Secrets, and a clock that is set by hand. */
abstract class RegistryBench {
  static final String ADDRESS = "https://preheat.example.com";
  static final String OTHERS = "https://ci.example.com/hook";
  static final Duration EVERY = Duration.ofMinutes(10);
  static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

  final HarborSimulator harbor = new HarborSimulator(Clock.systemUTC(), 0.002);
  final EmbeddedKube kube = EmbeddedKube.start();
  final KubernetesClient client = kube.client();
  Instant now = START;
  final InstantSource clock = () -> now;
  final Redactor redactor = new Redactor(clock);
  final Secrets secrets = new Secrets(client, redactor, Duration.ZERO);
  final EventRecorder events = new EventRecorder(client, clock, redactor);

  RegistryBench() {
    harbor.addRobot("robot$preheat", "s1");
    for (String project : List.of("a", "b", "c")) {
      harbor.createProject(project, false);
    }
    secret("harbor", Map.of("username", "robot$preheat", "password", "s1"));
    secret("hook", Map.of("authorization", "Bearer one"));
  }

  @AfterEach
  void close() {
    client.close();
    kube.close();
    harbor.close();
  }

  final void secret(String name, Map<String, String> values) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withStringData(values)
                .build())
        .createOr(NonDeletingOperation::update);
  }

  /** A registry whose object has that UID, as one of that name in another cluster has another. */
  final HarborRegistry registry(String uid, @Nullable Webhook webhook) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("default")
            .withName("main")
            .withUid(uid)
            .withGeneration(1L)
            .withCreationTimestamp(START.toString())
            .build());
    registry.setSpec(
        new HarborRegistrySpec(
            harbor.url(), null, new LocalRef("harbor"), null, 1000, webhook, null));
    return registry;
  }

  final HarborRegistry registry() {
    return registry("uid-1", hook(ADDRESS));
  }

  static Webhook hook(String address, String... projects) {
    return new Webhook(
        new SecretKeyRef("hook", "authorization"),
        new Registration(
            address, projects.length == 0 ? null : List.of(projects), PayloadFormat.CLOUD_EVENTS));
  }

  /** The webhooks of a project whose address begins so. */
  final List<JsonNode> hooks(String project, String address) {
    return harbor.webhookPolicies(project).stream()
        .filter(policy ->
            StreamSupport.stream(policy.path("targets").spliterator(), false)
                .anyMatch(target -> target.path("address").asText().startsWith(address)))
        .toList();
  }

  /** Messages of the Events with that reason. */
  final List<String> told(String reason) {
    List<String> messages = new ArrayList<>();
    for (Event event : client.v1().events().inNamespace("default").list().getItems()) {
      if (reason.equals(event.getReason())) {
        messages.add(event.getMessage());
      }
    }
    return messages;
  }
}
