package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admission policy in force, towards people who administer a namespace. */
class AdmissionRealApiServerTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path scratch;
  private RealKube kube;
  private KubernetesClient client;

  @BeforeEach
  void start() throws Exception {
    kube = RealKubes.startOrSkip(scratch.resolve("kube"));
    client = kube.client();
    namespace(ChartRenderer.NAMESPACE);
    AdmissionCases.NAMESPACES.forEach(this::namespace);
    install(Map.of());
    Tenant.aggregate(client);
    AdmissionCases.NAMESPACES.forEach(name -> Tenant.bind(client, "tenant", "admin", name));
  }

  @AfterEach
  void stop() {
    if (kube != null) {
      client.close();
      kube.close();
    }
  }

  private void namespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  private void install(Map<String, Object> values) {
    for (HasMetadata object : ChartRenderer.render(values)) {
      client.resource(object).createOr(NonDeletingOperation::update);
    }
  }

  @Test
  void it_refuses_what_is_above_the_limits_and_lets_go_what_was_there_before() {
    try (Tenant tenant = Tenant.of(kube, "tenant")) {
      AdmissionCases.Case bad =
          AdmissionCases.all().stream()
              .filter(one -> one.policy().equals(AdmissionCases.REGISTRIES))
              .filter(one -> one.refusal() != null)
              .findFirst()
              .orElseThrow();
      await().atMost(SOON).until(() -> tenant.create(bad, "before").isEmpty());
      install(AdmissionCases.VALUES);
      // They are in force some moments after they are stored, each on its own.
      for (AdmissionCases.Case one : AdmissionCases.all()) {
        if (one.refusal() != null) {
          await().atMost(SOON).untilAsserted(() -> assertRefused(tenant, one));
        }
      }
      int number = 0;
      for (AdmissionCases.Case one : AdmissionCases.all()) {
        if (one.refusal() == null) {
          assertThat(tenant.create(one, "good-" + number++)).as(one.toString()).isEmpty();
        }
      }
      assertThat(number).isGreaterThan(10);

      String marked =
          "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"finalizers\":[\"example.com/f\"]}}";
      assertThat(tenant.patchRegistry("shop", "before", marked)).isEmpty();
      assertThat(tenant.patchRegistry("shop", "before", "{\"spec\":{\"requestsPerSecond\":7}}"))
          .contains("not allowed");
      assertThat(
              tenant.patchRegistry(
                  "shop", "before", "{\"spec\":{\"url\":\"https://harbor.example.com\"}}"))
          .isEmpty();
      assertThat(tenant.patchRegistry("shop", "before", "{\"metadata\":{\"finalizers\":null}}"))
          .isEmpty();
      assertThat(tenant.deletesRegistry("shop", "before")).isTrue();
    }
  }

  /** One that got in too early is taken away again. */
  private void assertRefused(Tenant tenant, AdmissionCases.Case one) {
    String refusal = tenant.create(one, "bad");
    if (refusal.isEmpty()) {
      client.resource(ChartRenderer.objects(one.yaml("bad")).getFirst()).delete();
    }
    assertThat(refusal).as(one.toString()).contains(one.refusal());
  }
}
