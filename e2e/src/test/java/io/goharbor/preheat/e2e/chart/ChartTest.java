package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The chart, rendered by Helm's own engine. */
class ChartTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path CHART = ROOT.resolve("charts/harbor-preheat-operator");

  @Test
  void its_crds_are_those_of_the_repository() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("crds"))) {
      List<Path> crds =
          files.filter(file -> file.getFileName().toString().startsWith("preheat")).toList();
      assertThat(crds).hasSize(4);
      for (Path crd : crds) {
        assertThat(CHART.resolve("files/crds").resolve(crd.getFileName()))
            .as("copy crds/%s into the chart", crd.getFileName())
            .hasSameTextualContentAs(crd);
      }
    }
  }

  @Test
  void an_api_server_accepts_every_object() {
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      List<HasMetadata> objects =
          render("webhook.ingress.enabled=true", "webhook.ingress.host=preheat.example.com");
      assertThat(objects).hasSizeGreaterThan(12);
      for (HasMetadata object : objects) {
        client.resource(object).create();
      }
      assertThat(client.apps().deployments().inNamespace("default").list().getItems()).hasSize(1);
      assertThat(client.apiextensions().v1().customResourceDefinitions().list().getItems())
          .hasSize(4);
    }
  }

  @Test
  void the_operator_may_do_what_it_needs_and_no_more() {
    ClusterRole role = only(render(), ClusterRole.class, "preheat-harbor-preheat-operator");
    assertThat(role.getRules())
        .extracting(ChartTest::text)
        .containsExactlyInAnyOrder(
            "preheat.goharbor.io harborregistries,p2pproviders,preheatpolicies:"
                + " get,list,watch,patch,update",
            "preheat.goharbor.io preheatexecutions: get,list,watch,create,patch,update,delete",
            "preheat.goharbor.io harborregistries/status,p2pproviders/status,preheatpolicies/status,"
                + "preheatexecutions/status: get,patch,update",
            " secrets,configmaps: get",
            " events: create,patch",
            " namespaces: get");
    assertThat(only(render(), Role.class, "preheat-harbor-preheat-operator-leader").getRules())
        .extracting(ChartTest::text)
        .containsExactly("coordination.k8s.io leases: get,create,update,patch");
  }

  @Test
  void watched_namespaces_get_roles_in_place_of_a_cluster_role() {
    List<HasMetadata> objects =
        render("watchNamespaces[0]=shop", "watchNamespaces[1]=team-a", "rbac.aggregate=false");
    assertThat(objects).noneMatch(object -> object.getKind().startsWith("ClusterRole"));
    assertThat(objects)
        .filteredOn(object -> object instanceof Role)
        .extracting(object -> object.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("shop", "team-a", "default");
    assertThat(environment(objects, "PREHEAT_NAMESPACES")).isEqualTo("shop,team-a");
  }

  @Test
  void the_pod_is_locked_down() {
    Deployment deployment = only(render(), Deployment.class, "preheat-harbor-preheat-operator");
    var pod = deployment.getSpec().getTemplate().getSpec();
    var container = pod.getContainers().getFirst();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(container.getImage()).isEqualTo("ghcr.io/goharbor/harbor-preheat-operator:0.1.0");
  }

  @Test
  void toggles_do_what_they_say() {
    assertThat(render("crds.enabled=false"))
        .noneMatch(object -> object.getKind().equals("CustomResourceDefinition"));
    assertThat(render("crds.keep=false"))
        .filteredOn(object -> object.getKind().equals("CustomResourceDefinition"))
        .allMatch(object ->
            object.getMetadata().getAnnotations() == null
                || object.getMetadata().getAnnotations().isEmpty());
    assertThat(render("replicas=1"))
        .noneMatch(object -> object.getKind().equals("PodDisruptionBudget"));
    assertThat(render("podDisruptionBudget.enabled=false"))
        .noneMatch(object -> object.getKind().equals("PodDisruptionBudget"));
    assertThat(render("metrics.serviceMonitor.enabled=true"))
        .filteredOn(object -> object.getKind().equals("ServiceMonitor"))
        .hasSize(1);
    assertThat(render("rbac.create=false")).noneMatch(object -> object.getKind().contains("Role"));
    assertThat(render("serviceAccount.create=false"))
        .noneMatch(object -> object.getKind().equals("ServiceAccount"));
    assertThat(environment(render("logging.level=debug"), "PREHEAT_LOG_LEVEL")).isEqualTo("debug");
    Ingress ingress =
        only(
            render(
                "webhook.ingress.enabled=true",
                "webhook.ingress.host=p.example.com",
                "webhook.ingress.tlsSecretName=cert"),
            Ingress.class,
            "preheat-harbor-preheat-operator");
    assertThat(ingress.getSpec().getRules().getFirst().getHost()).isEqualTo("p.example.com");
    assertThat(ingress.getSpec().getTls().getFirst().getSecretName()).isEqualTo("cert");
    String digest = "sha256:" + "a".repeat(64);
    assertThat(
            only(
                    render("image.digest=" + digest),
                    Deployment.class,
                    "preheat-harbor-preheat-operator")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage())
        .endsWith("@" + digest);
  }

  @Test
  void a_misspelt_value_is_refused() {
    assertThatThrownBy(() -> render("replcas=3")).hasMessageContaining("replcas");
    assertThatThrownBy(() -> render("logging.format=xml")).hasMessageContaining("format");
    assertThatThrownBy(() -> render("webhook.ingress.enabled=true"))
        .hasMessageContaining("webhook.ingress.host");
  }

  private static List<HasMetadata> render(String... values) {
    TemplateCommand command =
        new Helm(CHART).template().withName("preheat").withNamespace("default");
    for (String value : values) {
      int equals = value.indexOf('=');
      command.set(value.substring(0, equals), value.substring(equals + 1));
    }
    List<HasMetadata> objects = new ArrayList<>();
    for (String document : command.call().split("(?m)^---\\s*$", -1)) {
      if (!document.isBlank() && document.contains("kind:")) {
        objects.add(new KubernetesSerialization().unmarshal(document));
      }
    }
    return objects;
  }

  private static <T extends HasMetadata> T only(
      List<HasMetadata> objects, Class<T> kind, String name) {
    return objects.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String environment(List<HasMetadata> objects, String name) {
    return only(objects, Deployment.class, "preheat-harbor-preheat-operator")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getEnv()
        .stream()
        .filter(variable -> variable.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static String text(PolicyRule rule) {
    return String.join(",", rule.getApiGroups())
        + " "
        + String.join(",", rule.getResources())
        + ": "
        + String.join(",", rule.getVerbs());
  }
}
