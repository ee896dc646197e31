package io.goharbor.preheat.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.e2e.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The objects of the quick start in a namespace of their own, and how they are deleted. */
record Departure(World world, String namespace) {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What no one who deletes has to wait longer for. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** The objects in the order of the file. */
  List<HasMetadata> objects() {
    List<HasMetadata> objects = world.load("quickstart-dragonfly.yaml");
    objects.forEach(object -> object.getMetadata().setNamespace(namespace));
    return objects;
  }

  /** Applies them in a new namespace, and waits until the webhook is in Harbor. */
  Departure arrive() {
    world
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    objects().forEach(object -> world.client().resource(object).create());
    await().atMost(SOON).until(() -> !webhooks("shop").isEmpty() && !webhooks("library").isEmpty());
    await()
        .atMost(SOON)
        .until(() -> {
          HarborRegistryStatus status = registry().getStatus();
          return status != null
              && status.webhook() != null
              && status.webhook().registeredProjects() != null;
        });
    return this;
  }

  HarborRegistry registry() {
    return requireNonNull(
        world
            .client()
            .resources(HarborRegistry.class)
            .inNamespace(namespace)
            .withName("main")
            .get());
  }

  /** As {@code kubectl delete -f} does: one request for each object, and then it waits. */
  void deleteFile(boolean backwards) {
    List<HasMetadata> objects = new ArrayList<>(objects());
    if (backwards) {
      Collections.reverse(objects);
    }
    objects.forEach(object -> world.client().resource(object).delete());
    assertGone(
        () -> objects().stream().allMatch(object -> world.client().resource(object).get() == null));
  }

  /** As {@code kubectl delete namespace} does. */
  void deleteNamespace() {
    world.client().namespaces().withName(namespace).delete();
    assertGone(() -> world.client().namespaces().withName(namespace).get() == null);
  }

  private void assertGone(java.util.concurrent.Callable<Boolean> gone) {
    await()
        .alias("the deletion of all that is in " + namespace)
        .pollInterval(Duration.ofMillis(100))
        .atMost(LIMIT)
        .until(gone);
  }

  /** The operator's webhooks in a project of Harbor. */
  List<JsonNode> webhooks(String project) {
    return world.harbor().webhookPolicies(project).stream()
        .filter(
            policy -> policy.path("name").asText().startsWith("preheat-" + namespace + "-main-"))
        .toList();
  }

  void assertNothingIsLeftInHarbor() {
    assertThat(webhooks("shop")).isEmpty();
    assertThat(webhooks("library")).isEmpty();
  }
}
