package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookCredentialCacheTest {
  private static final ObjectKey MAIN = new ObjectKey("team", "main");

  private final Map<ObjectKey, HarborRegistry> registries = new ConcurrentHashMap<>();
  private final AtomicInteger reads = new AtomicInteger();
  private volatile Instant now = Instant.parse("2026-05-02T08:11:03Z");
  private volatile String value = "first";
  private volatile @Nullable Exception failure;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private final InstantSource clock = () -> now;
  private final WebhookCredentialCache credentials =
      new WebhookCredentialCache(
          key -> Optional.ofNullable(registries.get(key)),
          () -> registries.values().stream(),
          this::read,
          clock,
          new Supervisor(_ -> {}));

  @Test
  void a_registry_that_is_not_there_or_has_no_webhook_takes_nothing() {
    assertThat(credentials.find(MAIN)).isInstanceOf(WebhookCredential.Absent.class);
    register(null);
    assertThat(credentials.find(MAIN)).isInstanceOf(WebhookCredential.Absent.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "api", "other"})
  void a_secret_that_cannot_be_read_is_a_reason_to_come_again(String kind) {
    register("hook");
    failure =
        switch (kind) {
          case "missing" -> new SecretMissingException("Secret hook does not exist");
          case "api" -> new KubernetesClientException("hidden");
          default -> new IllegalArgumentException("hidden");
        };
    assertThat(credentials.find(MAIN)).isInstanceOf(WebhookCredential.Unavailable.class);
    assertThat(credentials.find(MAIN).toString()).doesNotContain("hidden");
    assertThat(reads).as("a failure is kept for a second").hasValue(1);
    failure = null;
    now = now.plusSeconds(2);
    assertThat(accepts("first")).isTrue();
  }

  @Test
  void an_empty_value_lets_nobody_in() {
    register("hook");
    value = "";
    assertThat(credentials.find(MAIN)).isInstanceOf(WebhookCredential.Unavailable.class);
  }

  @Test
  void requests_ask_memory_only_and_a_rotation_is_seen_at_the_next_look() {
    register("hook");
    credentials.lookAtAll();
    for (int i = 0; i < 100; i++) {
      assertThat(accepts("first")).isTrue();
    }
    assertThat(reads).hasValue(1);
    value = "second";
    credentials.lookAtAll();
    assertThat(accepts("first")).isFalse();
    assertThat(accepts("second")).isTrue();
  }

  @Test
  void another_secret_in_the_spec_is_read_at_once() {
    register("hook");
    assertThat(accepts("first")).isTrue();
    value = "second";
    register("other");
    assertThat(accepts("second")).isTrue();
  }

  @Test
  void while_the_api_is_away_the_last_value_holds() {
    register("hook");
    credentials.lookAtAll();
    failure = new KubernetesClientException("away");
    now = now.plus(Duration.ofHours(1));
    credentials.lookAtAll();
    assertThat(accepts("first")).isTrue();
    failure = new SecretMissingException("gone");
    credentials.lookAtAll();
    assertThat(credentials.find(MAIN)).isInstanceOf(WebhookCredential.Unavailable.class);
  }

  @Test
  void a_slow_api_is_asked_once_however_many_ask_here() throws Exception {
    register("hook");
    gate = new CountDownLatch(1);
    failure = new KubernetesClientException("timeout");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<WebhookCredential>> asked = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        asked.add(threads.submit(() -> credentials.find(MAIN)));
      }
      gate.countDown();
      for (Future<WebhookCredential> one : asked) {
        assertThat(one.get()).isInstanceOf(WebhookCredential.Unavailable.class);
      }
    }
    assertThat(reads).hasValue(1);
  }

  private boolean accepts(String authorization) {
    return credentials.find(MAIN) instanceof WebhookCredential.Open open
        && open.expected().matches(authorization);
  }

  private String read(String namespace, SecretKeyRef ref) throws SecretMissingException {
    reads.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return switch (failure) {
      case SecretMissingException e -> throw e;
      case RuntimeException e -> throw e;
      case null, default -> value;
    };
  }

  private void register(@Nullable String secret) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(new ObjectMetaBuilder().withNamespace("team").withName("main").build());
    registry.setSpec(
        new HarborRegistrySpec(
            "https://harbor.example.com",
            null,
            null,
            null,
            null,
            secret == null ? null : new Webhook(new SecretKeyRef(secret, "authorization"), null),
            null));
    registries.put(MAIN, registry);
  }
}
