package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.runtime.OperatorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The chart as it is when nothing is set, and what holds of it whatever is set. */
class ChartTest {
  private final Rendered rendered = Rendered.byDefault();

  @Test
  void helm_finds_nothing_to_complain_about() {
    LintResult result = new Helm(ChartRenderer.CHART).lint().strict().quiet().call();
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    assertThat(result.getMessages())
        .noneMatch(message -> message.contains("[WARNING]") || message.contains("[ERROR]"));
  }

  @Test
  void its_crds_are_those_of_the_repository() throws IOException {
    try (Stream<Path> files = Files.list(ChartRenderer.ROOT.resolve("crds"))) {
      List<Path> crds =
          files.filter(file -> file.getFileName().toString().startsWith("preheat")).toList();
      assertThat(crds).hasSize(4);
      for (Path crd : crds) {
        assertThat(ChartRenderer.CHART.resolve("files/crds").resolve(crd.getFileName()))
            .as("copy crds/%s into the chart", crd.getFileName())
            .hasSameTextualContentAs(crd);
        CustomResourceDefinition expected =
            ChartRenderer.YAML.readValue(crd.toFile(), CustomResourceDefinition.class);
        assertThat(rendered.only(CustomResourceDefinition.class, expected.getMetadata().getName()))
            .extracting(CustomResourceDefinition::getSpec)
            .isEqualTo(expected.getSpec());
      }
    }
    assertThat(rendered.all(CustomResourceDefinition.class))
        .hasSize(4)
        .allSatisfy(crd ->
            assertThat(crd.getMetadata().getAnnotations())
                .containsEntry("helm.sh/resource-policy", "keep"));
  }

  /** Whatever a chart says of a spec, an upgrade would take from the replica that leads. */
  @Test
  void the_lease_goes_with_the_release_and_its_spec_is_left_to_the_operator() {
    Lease lease = rendered.only(Lease.class, Rendered.NAME);
    assertThat(lease.getSpec()).isNull();
    assertThat(lease.getMetadata().getAnnotations()).isNullOrEmpty();
    assertThat(
            rendered
                .only(Deployment.class, Rendered.NAME)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv())
        .filteredOn(variable -> variable.getName().equals("PREHEAT_LEASE_NAME"))
        .extracting(variable -> variable.getValue())
        .containsExactly(lease.getMetadata().getName());
  }

  @Test
  void it_makes_these_objects_and_no_others() {
    assertThat(rendered.objects())
        .filteredOn(object -> !(object instanceof CustomResourceDefinition))
        .extracting(object -> object.getKind() + " " + object.getMetadata().getName())
        .containsExactlyInAnyOrder(
            "ServiceAccount " + Rendered.NAME,
            "ClusterRole " + Rendered.NAME,
            "ClusterRoleBinding " + Rendered.NAME,
            "ClusterRole " + Rendered.NAME + "-view",
            "ClusterRole " + Rendered.NAME + "-edit",
            "ClusterRole " + Rendered.NAME + "-admin",
            "Role " + Rendered.NAME + "-leader",
            "RoleBinding " + Rendered.NAME + "-leader",
            "Lease " + Rendered.NAME,
            "Service " + Rendered.NAME + "-webhook",
            "Service " + Rendered.NAME + "-metrics",
            "Deployment " + Rendered.NAME,
            "PodDisruptionBudget " + Rendered.NAME);
    assertThat(rendered.objects())
        .allSatisfy(object ->
            assertThat(object.getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/name", "harbor-preheat-operator")
                .containsEntry("app.kubernetes.io/instance", ChartRenderer.RELEASE));
  }

  @Test
  void an_api_server_accepts_every_object() {
    Rendered all =
        Rendered.of(
            Map.of(
                "webhook",
                Map.of("ingress", Map.of("enabled", true, "host", "preheat.example.com"))));
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      client
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(ChartRenderer.NAMESPACE)
                  .endMetadata()
                  .build())
          .create();
      for (HasMetadata object : all.objects()) {
        client.resource(object).create();
      }
      assertThat(client.apps().deployments().inNamespace(ChartRenderer.NAMESPACE).list().getItems())
          .hasSize(1);
      assertThat(client.apiextensions().v1().customResourceDefinitions().list().getItems())
          .hasSize(4);
    }
  }

  @Test
  void the_pod_is_locked_down() {
    var pod = rendered.pod().getSpec();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65532);
    assertThat(pod.getSecurityContext().getRunAsGroup()).isEqualTo(65532);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    var security = rendered.container().getSecurityContext();
    assertThat(security.getReadOnlyRootFilesystem()).isTrue();
    assertThat(security.getAllowPrivilegeEscalation()).isFalse();
    assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(rendered.container().getVolumeMounts())
        .singleElement()
        .satisfies(mount -> assertThat(mount.getMountPath()).isEqualTo("/tmp"));
    assertThat(pod.getVolumes())
        .singleElement()
        .satisfies(volume -> assertThat(volume.getEmptyDir()).isNotNull());
    assertThat(pod.getServiceAccountName()).isEqualTo(Rendered.NAME);
  }

  @Test
  void the_operator_understands_its_environment() {
    Map<String, String> environment = new HashMap<>(rendered.environment());
    assertThat(rendered.container().getEnv())
        .filteredOn(variable -> variable.getName().equals("POD_NAMESPACE"))
        .singleElement()
        .satisfies(variable ->
            assertThat(variable.getValueFrom().getFieldRef().getFieldPath())
                .isEqualTo("metadata.namespace"));
    environment.put("POD_NAMESPACE", ChartRenderer.NAMESPACE);
    OperatorConfig config = OperatorConfig.from(environment);
    assertThat(config.webhook().port()).isEqualTo(8080);
    assertThat(config.webhook().tls()).isEqualTo(new OperatorConfig.Tls(null, null));
    assertThat(config.management().port()).isEqualTo(8081);
    assertThat(config.namespaces()).isEmpty();
    assertThat(config.leaderElection().enabled()).isTrue();
    assertThat(config.leaderElection().leaseNamespace()).isEqualTo(ChartRenderer.NAMESPACE);
    assertThat(config.leaderElection().leaseName()).isEqualTo(Rendered.NAME);
    assertThat(environment)
        .containsEntry("PREHEAT_LOG_LEVEL", "info")
        .containsEntry("PREHEAT_LOG_FORMAT", "json")
        .doesNotContainKey("JAVA_TOOL_OPTIONS");
  }

  @Test
  void probes_and_services_reach_the_ports_that_the_operator_listens_on() {
    Map<String, Integer> ports = new HashMap<>();
    rendered
        .container()
        .getPorts()
        .forEach(port -> ports.put(port.getName(), port.getContainerPort()));
    assertThat(ports)
        .containsExactlyInAnyOrderEntriesOf(Map.of("webhook", 8080, "management", 8081));
    var container = rendered.container();
    assertThat(
            List.of(
                container.getStartupProbe(),
                container.getLivenessProbe(),
                container.getReadinessProbe()))
        .extracting(
            probe -> probe.getHttpGet().getPath(), probe -> probe.getHttpGet().getPort().getValue())
        .containsExactly(
            tuple("/livez", "management"),
            tuple("/livez", "management"),
            tuple("/readyz", "management"));
    assertService("-webhook", 80, "webhook");
    assertService("-metrics", 8081, "management");
  }

  private void assertService(String suffix, int port, String target) {
    Service service = rendered.only(Service.class, Rendered.NAME + suffix);
    assertThat(service.getSpec().getType()).isIn(null, "ClusterIP");
    assertThat(service.getSpec().getPorts())
        .singleElement()
        .satisfies(it -> {
          assertThat(it.getPort()).isEqualTo(port);
          assertThat(it.getTargetPort()).isEqualTo(new IntOrString(target));
        });
    assertThat(rendered.pod().getMetadata().getLabels())
        .containsAllEntriesOf(service.getSpec().getSelector());
  }

  @Test
  void two_replicas_of_a_known_size_end_within_half_a_minute() {
    assertThat(rendered.deployment().getReplicas()).isEqualTo(2);
    assertThat(rendered.pod().getSpec().getTerminationGracePeriodSeconds()).isEqualTo(30);
    assertThat(rendered.container().getResources().getRequests())
        .isEqualTo(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("192Mi")));
    assertThat(rendered.container().getResources().getLimits())
        .isEqualTo(Map.of("memory", new Quantity("384Mi")));
    assertThat(rendered.pod().getMetadata().getLabels())
        .containsAllEntriesOf(rendered.deployment().getSelector().getMatchLabels());
  }

  @Test
  void the_notes_give_the_address_for_harbor() throws IOException {
    assertThat(ChartRenderer.notes(Map.of()))
        .contains("http://preheat-harbor-preheat-operator-webhook.preheat-system:80/hooks/")
        .contains("It watches all namespaces.");
    assertThat(
            ChartRenderer.notes(
                Map.of(
                    "watchNamespaces",
                    List.of("shop", "team-a"),
                    "webhook",
                    Map.of(
                        "ingress",
                        Map.of(
                            "enabled", true, "host", "p.example.com", "tlsSecretName", "cert")))))
        .contains("https://p.example.com/hooks/")
        .contains("shop, team-a");
  }
}
