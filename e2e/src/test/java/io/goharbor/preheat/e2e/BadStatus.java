package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Statuses that every API server with our CRDs refuses, and with which answer. */
final class BadStatus {
  private static final String OBJECT =
      """
      {"apiVersion":"preheat.goharbor.io/v1alpha1","kind":"HarborRegistry",
       "metadata":{"name":"twice","namespace":"default"},"spec":{"url":"http://127.0.0.1:1"}}
      """;

  private BadStatus() {}

  /**
   * Checks it.
   *
   * @param config how to reach the API server; a client of its own does not repeat what fails
   */
  static void check(Config config) {
    try (KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(config).withRequestRetryBackoffLimit(0).build())
            .withHttpClientFactory(new OkHttpClientFactory())
            .build()) {
      client.resource(Serialization.unmarshal(OBJECT, HarborRegistry.class)).create();
      try {
        refusesAWriteWithAKeyTwice(client);
        refusesAnApplyWithAKeyTwice(client);
        refusesAnUnknownField(client);
        takesEachOnce(client);
      } finally {
        client.resources(HarborRegistry.class).inNamespace("default").withName("twice").delete();
      }
    }
  }

  private static void refusesAWriteWithAKeyTwice(KubernetesClient client) {
    KubernetesClientException refusal =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> patch(client, PatchType.JSON_MERGE, conditions("Ready", "Ready", "Ready")));
    assertThat(refusal).isNotNull();
    assertThat(refusal.getCode()).isEqualTo(422);
    assertThat(refusal.getStatus().getReason()).isEqualTo("Invalid");
    assertThat(refusal.getStatus().getMessage())
        .isEqualTo(
            "HarborRegistry.preheat.goharbor.io \"twice\" is invalid: status.conditions[1]:"
                + " Duplicate value: {\"type\":\"Ready\"}");
    StatusCause cause = refusal.getStatus().getDetails().getCauses().getFirst();
    assertThat(cause.getReason()).isEqualTo("FieldValueDuplicate");
    assertThat(cause.getField()).isEqualTo("status.conditions[1]");
    assertThat(cause.getMessage()).isEqualTo("Duplicate value: {\"type\":\"Ready\"}");
  }

  /** An apply is refused before it is validated, with an error that is no Status of its own. */
  private static void refusesAnApplyWithAKeyTwice(KubernetesClient client) {
    KubernetesClientException refusal =
        catchThrowableOfType(
            KubernetesClientException.class, () -> apply(client, conditions("Ready", "Ready")));
    assertThat(refusal.getCode()).isEqualTo(500);
    assertThat(refusal.getStatus().getMessage())
        .isEqualTo(
            "failed to create typed patch object (default/twice;"
                + " preheat.goharbor.io/v1alpha1, Kind=HarborRegistry): .status.conditions:"
                + " duplicate entries for key [type=\"Ready\"]");
  }

  /** So does a field that the definition does not have, as when it is older than the operator. */
  private static void refusesAnUnknownField(KubernetesClient client) {
    KubernetesClientException refusal =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> apply(client, "{\"webhook\":{\"colour\":\"red\"}}"));
    assertThat(refusal.getCode()).isEqualTo(500);
    assertThat(refusal.getStatus().getMessage())
        .isEqualTo(
            "failed to create typed patch object (default/twice;"
                + " preheat.goharbor.io/v1alpha1, Kind=HarborRegistry): .status.webhook.colour:"
                + " field not declared in schema");
  }

  private static void takesEachOnce(KubernetesClient client) {
    HasMetadata written = apply(client, conditions("Ready", "Reachable"));
    assertThat(((HarborRegistry) written).getStatus().conditions()).hasSize(2);
  }

  private static HasMetadata apply(KubernetesClient client, String status) {
    return patch(client, PatchType.SERVER_SIDE_APPLY, status);
  }

  private static HasMetadata patch(KubernetesClient client, PatchType type, String status) {
    return client
        .resources(HarborRegistry.class)
        .inNamespace("default")
        .withName("twice")
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(type)
                .withFieldManager("t")
                .withForce(type == PatchType.SERVER_SIDE_APPLY ? true : null)
                .build(),
            """
            {"apiVersion":"preheat.goharbor.io/v1alpha1","kind":"HarborRegistry",
             "metadata":{"name":"twice","namespace":"default"},"status":%s}
            """
                .formatted(status));
  }

  private static String conditions(String... types) {
    return Stream.of(types)
        .map(type ->
            """
            {"type":"%s","status":"True","reason":"Ready","message":"",
             "lastTransitionTime":"2026-11-20T12:00:00Z"}
            """
                .formatted(type))
        .collect(Collectors.joining(",", "{\"conditions\":[", "]}"));
  }
}
