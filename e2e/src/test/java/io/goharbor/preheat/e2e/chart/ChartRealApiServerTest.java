package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.goharbor.preheat.e2e.kube.RealKube;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a real API server can judge: fields that it does not know, and roles in force. */
class ChartRealApiServerTest {
  private static final String ACCOUNT =
      "system:serviceaccount:" + ChartRenderer.NAMESPACE + ":" + Rendered.NAME;

  @Test
  void it_knows_every_field_and_the_roles_are_in_force(@TempDir Path scratch) throws Exception {
    Path assets =
        RealKube.assets()
            .orElseGet(() ->
                abort(
                    "skipped: KUBEBUILDER_ASSETS names no directory with kube-apiserver and"
                        + " etcd"));
    try (RealKube kube = RealKube.start(assets, scratch.resolve("kube"), Duration.ofSeconds(60));
        KubernetesClient client = kube.client()) {
      for (String name : List.of(ChartRenderer.NAMESPACE, "shop", "other")) {
        client
            .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
            .create();
      }
      List<HasMetadata> objects =
          ChartRenderer.render(
              Map.of(
                  "watchNamespaces",
                  List.of("shop"),
                  "webhook",
                  Map.of("ingress", Map.of("enabled", true, "host", "p.example.com"))));
      for (HasMetadata object : objects) {
        client.resource(object).fieldValidation(FieldValidateable.Validation.STRICT).create();
      }
      String group = "preheat.goharbor.io";
      assertMay(client, true, "shop", "watch", group, "preheatpolicies");
      assertMay(client, true, "shop", "create", group, "preheatexecutions");
      assertMay(client, true, "shop", "get", "", "secrets");
      assertMay(client, true, "shop", "create", "", "events");
      assertMay(client, true, ChartRenderer.NAMESPACE, "update", "coordination.k8s.io", "leases");
      assertMay(client, false, "shop", "list", "", "secrets");
      assertMay(client, false, "shop", "watch", "", "secrets");
      assertMay(client, false, "shop", "delete", group, "preheatpolicies");
      assertMay(client, false, "other", "get", "", "secrets");
      assertMay(client, false, "other", "watch", group, "preheatpolicies");
      assertMay(client, false, ChartRenderer.NAMESPACE, "get", "", "secrets");
      // A Role covers the Namespace that it is in: as the operator itself would read it.
      try (KubernetesClient operator = impersonated(kube)) {
        assertThat(operator.namespaces().withName("shop").get()).isNotNull();
      }
      assertMay(client, false, "other", "get", "", "namespaces");
    }
  }

  private static KubernetesClient impersonated(RealKube kube) {
    KubernetesClient client = kube.client();
    client.getConfiguration().setImpersonateUsername(ACCOUNT);
    return client;
  }

  private static void assertMay(
      KubernetesClient client,
      boolean expected,
      String namespace,
      String verb,
      String group,
      String resource) {
    assertThat(
            client
                .authorization()
                .v1()
                .subjectAccessReview()
                .create(
                    new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(ACCOUNT)
                        .withNewResourceAttributes()
                        .withNamespace(namespace)
                        .withVerb(verb)
                        .withGroup(group)
                        .withResource(resource)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed())
        .as("%s %s/%s in %s", verb, group, resource, namespace)
        .isEqualTo(expected);
  }
}
