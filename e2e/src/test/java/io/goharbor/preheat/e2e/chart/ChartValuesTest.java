package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.goharbor.preheat.runtime.OperatorConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What each value does; those of the roles are in {@link ChartRbacTest}. */
class ChartValuesTest {
  @Test
  void image() {
    String repository = "ghcr.io/goharbor/harbor-preheat-operator";
    String digest = "sha256:" + "a".repeat(64);
    assertThat(Rendered.byDefault().container().getImage()).isEqualTo(repository + ":0.1.0");
    assertThat(Rendered.with("image.tag", "0.2.0").container().getImage())
        .isEqualTo(repository + ":0.2.0");
    assertThat(Rendered.with("image.repository", "r.example.com/x").container().getImage())
        .isEqualTo("r.example.com/x:0.1.0");
    assertThat(
            Rendered.of(Map.of("image", Map.of("tag", "0.2.0", "digest", digest)))
                .container()
                .getImage())
        .isEqualTo(repository + "@" + digest);
    assertThat(Rendered.with("image.pullPolicy", "Always").container().getImagePullPolicy())
        .isEqualTo("Always");
  }

  @Test
  void imagePullSecrets() {
    assertThat(pod("imagePullSecrets", List.of(Map.of("name", "pull"))).getImagePullSecrets())
        .containsExactly(new LocalObjectReference("pull"));
  }

  @Test
  void replicas() {
    Rendered one = Rendered.with("replicas", 1);
    assertThat(one.deployment().getReplicas()).isEqualTo(1);
    // It would keep a node from being drained.
    assertThat(one.kind("PodDisruptionBudget")).isEmpty();
  }

  @Test
  void podDisruptionBudget() {
    assertThat(Rendered.byDefault().kind("PodDisruptionBudget")).hasSize(1);
    assertThat(Rendered.with("podDisruptionBudget.enabled", false).kind("PodDisruptionBudget"))
        .isEmpty();
  }

  @Test
  void crds_enabled() {
    Rendered without = Rendered.with("crds.enabled", false);
    assertThat(without.all(CustomResourceDefinition.class)).isEmpty();
    assertThat(without.objects()).isNotEmpty();
  }

  @Test
  void crds_keep() {
    assertThat(Rendered.with("crds.keep", false).all(CustomResourceDefinition.class))
        .hasSize(4)
        .allSatisfy(crd ->
            assertThat(crd.getMetadata().getAnnotations())
                .doesNotContainKey("helm.sh/resource-policy"));
  }

  @Test
  void logging() {
    assertThat(Rendered.with("logging.level", "debug").environment())
        .containsEntry("PREHEAT_LOG_LEVEL", "debug");
    assertThat(Rendered.with("logging.format", "console").environment())
        .containsEntry("PREHEAT_LOG_FORMAT", "console");
  }

  @Test
  void webhook_service() {
    Service service =
        Rendered.of(
                Map.of("webhook", Map.of("service", Map.of("type", "LoadBalancer", "port", 8443))))
            .only(Service.class, Rendered.NAME + "-webhook");
    assertThat(service.getSpec().getType()).isEqualTo("LoadBalancer");
    assertThat(service.getSpec().getPorts())
        .singleElement()
        .satisfies(port -> {
          assertThat(port.getPort()).isEqualTo(8443);
          assertThat(port.getTargetPort().getValue()).isEqualTo("webhook");
        });
  }

  @Test
  void webhook_tls() {
    assertThat(Rendered.byDefault().environment())
        .doesNotContainKey("PREHEAT_WEBHOOK_TLS_CERT_FILE");
    Rendered rendered =
        Rendered.of(Map.of("webhook", Map.of("tls", Map.of("secretName", "hook-cert"))));
    OperatorConfig.Tls tls = OperatorConfig.from(rendered.environment()).webhook().tls();
    Path certFile = Objects.requireNonNull(tls.certFile());
    Path keyFile = Objects.requireNonNull(tls.keyFile());
    assertThat(rendered.container().getVolumeMounts())
        .filteredOn(mount -> certFile.startsWith(mount.getMountPath()))
        .singleElement()
        .satisfies(mount -> {
          assertThat(keyFile.getParent()).hasToString(mount.getMountPath());
          // Else a renewal would not be seen.
          assertThat(mount.getSubPath()).isNull();
          assertThat(rendered.pod().getSpec().getVolumes())
              .filteredOn(volume -> volume.getName().equals(mount.getName()))
              .extracting(volume -> volume.getSecret().getSecretName())
              .containsExactly("hook-cert");
        });
  }

  @Test
  void webhook_ingress() {
    assertThat(Rendered.byDefault().all(Ingress.class)).isEmpty();
    Ingress ingress =
        ingress(
            Map.of(
                "enabled",
                true,
                "host",
                "p.example.com",
                "className",
                "nginx",
                "tlsSecretName",
                "cert",
                "annotations",
                Map.of("a", "b")));
    assertThat(ingress.getMetadata().getAnnotations()).containsEntry("a", "b");
    assertThat(ingress.getSpec().getIngressClassName()).isEqualTo("nginx");
    assertThat(ingress.getSpec().getTls())
        .singleElement()
        .satisfies(tls -> {
          assertThat(tls.getSecretName()).isEqualTo("cert");
          assertThat(tls.getHosts()).containsExactly("p.example.com");
        });
    var rule = ingress.getSpec().getRules().getFirst();
    assertThat(rule.getHost()).isEqualTo("p.example.com");
    assertThat(rule.getHttp().getPaths())
        .singleElement()
        .satisfies(path -> {
          assertThat(path.getPath()).isEqualTo("/hooks/");
          assertThat(path.getPathType()).isEqualTo("Prefix");
          assertThat(path.getBackend().getService().getName())
              .isEqualTo(Rendered.NAME + "-webhook");
          assertThat(path.getBackend().getService().getPort().getName()).isEqualTo("http");
        });
  }

  @Test
  void webhook_ingress_without_tls_or_class() {
    Ingress plain = ingress(Map.of("enabled", true, "host", "p.example.com"));
    assertThat(plain.getSpec().getTls()).isEmpty();
    assertThat(plain.getSpec().getIngressClassName()).isNull();
    assertThatThrownBy(() -> ingress(Map.of("enabled", true)))
        .hasMessageContaining("webhook.ingress.host must be set");
  }

  @Test
  void metrics_serviceMonitor() {
    assertThat(Rendered.byDefault().kind("ServiceMonitor")).isEmpty();
    Rendered rendered =
        Rendered.of(
            Map.of("metrics", Map.of("serviceMonitor", Map.of("enabled", true, "interval", "1m"))));
    List<HasMetadata> monitors = rendered.kind("ServiceMonitor");
    assertThat(monitors).hasSize(1);
    GenericKubernetesResource monitor = (GenericKubernetesResource) monitors.getFirst();
    assertThat(monitor.<String>get("spec", "endpoints", 0, "port")).isEqualTo("metrics");
    assertThat(monitor.<String>get("spec", "endpoints", 0, "path")).isEqualTo("/metrics");
    assertThat(monitor.<String>get("spec", "endpoints", 0, "interval")).isEqualTo("1m");
    Map<String, String> selector = monitor.get("spec", "selector", "matchLabels");
    assertThat(rendered.all(Service.class))
        .filteredOn(service ->
            service.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
        .extracting(service -> service.getMetadata().getName())
        .containsExactly(Rendered.NAME + "-metrics");
  }

  @Test
  void serviceAccount() {
    Rendered named =
        Rendered.of(
            Map.of(
                "serviceAccount",
                Map.of("name", "preheater", "annotations", Map.of("team", "images"))));
    assertThat(named.only(ServiceAccount.class, "preheater").getMetadata().getAnnotations())
        .containsEntry("team", "images");
    assertUsed(named, "preheater");
  }

  @Test
  void serviceAccount_of_somebody_else() {
    Rendered other =
        Rendered.of(Map.of("serviceAccount", Map.of("create", false, "name", "theirs")));
    assertThat(other.all(ServiceAccount.class)).isEmpty();
    assertUsed(other, "theirs");
    assertThatThrownBy(() -> Rendered.with("serviceAccount.create", false))
        .hasMessageContaining("serviceAccount.name must be set");
  }

  @Test
  void resources() {
    assertThat(
            Rendered.with("resources", Map.of("requests", Map.of("cpu", "2")))
                .container()
                .getResources()
                .getRequests())
        .containsEntry("cpu", new Quantity("2"))
        .containsEntry("memory", new Quantity("192Mi"));
  }

  @Test
  void javaOptions() {
    assertThat(Rendered.with("javaOptions", "-Xmx1g").environment())
        .containsEntry("JAVA_TOOL_OPTIONS", "-Xmx1g");
  }

  @Test
  void extraEnv() {
    assertThat(
            Rendered.with("extraEnv", List.of(Map.of("name", "HTTPS_PROXY", "value", "http://p")))
                .environment())
        .containsEntry("HTTPS_PROXY", "http://p")
        .containsKey("PREHEAT_WEBHOOK_PORT");
  }

  @Test
  void podLabels_and_podAnnotations() {
    Rendered rendered =
        Rendered.of(
            Map.of("podLabels", Map.of("team", "images"), "podAnnotations", Map.of("note", "x")));
    assertThat(rendered.pod().getMetadata().getLabels())
        .containsEntry("team", "images")
        .containsAllEntriesOf(rendered.deployment().getSelector().getMatchLabels());
    assertThat(rendered.pod().getMetadata().getAnnotations()).containsEntry("note", "x");
  }

  @Test
  void nodeSelector() {
    assertThat(pod("nodeSelector", Map.of("pool", "tools")).getNodeSelector())
        .isEqualTo(Map.of("pool", "tools"));
  }

  @Test
  void tolerations() {
    assertThat(pod("tolerations", List.of(Map.of("key", "gpu"))).getTolerations())
        .singleElement()
        .satisfies(toleration -> assertThat(toleration.getKey()).isEqualTo("gpu"));
  }

  @Test
  void affinity() {
    Object required =
        List.of(
            Map.of(
                "topologyKey",
                "kubernetes.io/hostname",
                "labelSelector",
                Map.of("matchLabels", Map.of("a", "b"))));
    assertThat(
            pod(
                    "affinity",
                    Map.of(
                        "podAntiAffinity",
                        Map.of("requiredDuringSchedulingIgnoredDuringExecution", required)))
                .getAffinity()
                .getPodAntiAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution())
        .singleElement()
        .satisfies(term -> assertThat(term.getTopologyKey()).isEqualTo("kubernetes.io/hostname"));
  }

  @Test
  void topologySpreadConstraints() {
    assertThat(
            pod(
                    "topologySpreadConstraints",
                    List.of(
                        Map.of(
                            "maxSkew",
                            1,
                            "topologyKey",
                            "zone",
                            "whenUnsatisfiable",
                            "DoNotSchedule")))
                .getTopologySpreadConstraints())
        .singleElement()
        .satisfies(constraint -> assertThat(constraint.getTopologyKey()).isEqualTo("zone"));
  }

  @Test
  void priorityClassName() {
    assertThat(pod("priorityClassName", "high").getPriorityClassName()).isEqualTo("high");
    assertThat(Rendered.byDefault().pod().getSpec().getPriorityClassName()).isNull();
  }

  private static PodSpec pod(String path, Object value) {
    return Rendered.with(path, value).pod().getSpec();
  }

  private static Ingress ingress(Map<String, Object> values) {
    return Rendered.with("webhook.ingress", values).only(Ingress.class, Rendered.NAME);
  }

  private static void assertUsed(Rendered rendered, String account) {
    assertThat(rendered.pod().getSpec().getServiceAccountName()).isEqualTo(account);
    assertThat(rendered.all(ClusterRoleBinding.class))
        .flatExtracting(ClusterRoleBinding::getSubjects)
        .singleElement()
        .satisfies(subject -> assertThat(subject.getName()).isEqualTo(account));
    assertThat(rendered.all(RoleBinding.class))
        .flatExtracting(RoleBinding::getSubjects)
        .singleElement()
        .satisfies(subject -> assertThat(subject.getName()).isEqualTo(account));
  }
}
