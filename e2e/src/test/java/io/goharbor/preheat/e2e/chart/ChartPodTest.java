package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What each value does that changes how the operator's pods are made, named and placed. */
class ChartPodTest {
  @Test
  void config_is_mounted_and_named() throws IOException {
    Rendered without = Rendered.byDefault();
    assertThat(without.all(ConfigMap.class)).isEmpty();
    assertThat(without.environment()).doesNotContainKey("PREHEAT_CONFIG_FILE");
    assertThat(without.pod().getMetadata().getAnnotations()).doesNotContainKey("checksum/config");

    Map<String, Object> config = Map.of("some", Map.of("list", List.of(1, "a: b"), "on", true));
    Rendered with = Rendered.with("config", config);
    String name = Rendered.NAME + "-config";
    String file = with.only(ConfigMap.class, name).getData().get("config.yaml");
    assertThat(ChartRenderer.YAML.readValue(file, new TypeReference<Map<String, Object>>() {}))
        .isEqualTo(config);
    assertThat(with.environment()).containsEntry("PREHEAT_CONFIG_FILE", "/etc/preheat/config.yaml");
    assertThat(with.container().getVolumeMounts())
        .filteredOn(mount -> mount.getMountPath().equals("/etc/preheat"))
        .singleElement()
        .satisfies(mount -> {
          assertThat(mount.getReadOnly()).isTrue();
          assertThat(with.pod().getSpec().getVolumes())
              .filteredOn(volume -> volume.getName().equals(mount.getName()))
              .extracting(volume -> volume.getConfigMap().getName())
              .containsExactly(name);
        });
  }

  @Test
  void another_config_makes_other_pods() {
    String one = checksum(Rendered.with("config", Map.of("a", 1)));
    assertThat(checksum(Rendered.with("config", Map.of("a", 1)))).isEqualTo(one);
    assertThat(checksum(Rendered.with("config", Map.of("a", 2)))).isNotEqualTo(one);
  }

  private static String checksum(Rendered rendered) {
    return Objects.requireNonNull(
        rendered.pod().getMetadata().getAnnotations().get("checksum/config"));
  }

  @Test
  void names() {
    assertThat(Rendered.with("fullnameOverride", "warm").only(Deployment.class, "warm"))
        .isNotNull();
    Rendered named = Rendered.with("nameOverride", "warm");
    assertThat(named.only(Deployment.class, "preheat-warm").getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/name", "warm");
  }

  @Test
  void commonLabels_are_on_every_object() {
    assertThat(Rendered.with("commonLabels", Map.of("team", "images")).objects())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            object -> assertThat(object.getMetadata().getLabels()).containsEntry("team", "images"));
  }

  @Test
  void strategy() {
    Rendered rendered =
        Rendered.with(
            "strategy",
            Map.of("type", "RollingUpdate", "rollingUpdate", Map.of("maxUnavailable", "50%")));
    assertThat(rendered.deployment().getStrategy().getRollingUpdate().getMaxUnavailable())
        .isEqualTo(new IntOrString("50%"));
    assertThat(Rendered.byDefault().deployment().getStrategy()).isNull();
  }

  @Test
  void podDisruptionBudget_limits() {
    assertThat(budget(Map.of("maxUnavailable", "25%")))
        .containsEntry("maxUnavailable", "25%")
        .doesNotContainKey("minAvailable");
    // An API server refuses both.
    assertThat(budget(Map.of("minAvailable", 1)))
        .containsEntry("minAvailable", 1)
        .doesNotContainKey("maxUnavailable");
  }

  private static Map<String, Object> budget(Map<String, Object> values) {
    return Rendered.with("podDisruptionBudget", values).only("PodDisruptionBudget").get("spec");
  }

  @Test
  void probes() {
    var container =
        Rendered.with(
                "probes",
                Map.of(
                    "startup",
                    Map.of("failureThreshold", 300),
                    "liveness",
                    Map.of("periodSeconds", 60),
                    "readiness",
                    Map.of("initialDelaySeconds", 3)))
            .container();
    assertThat(container.getStartupProbe().getFailureThreshold()).isEqualTo(300);
    assertThat(container.getStartupProbe().getPeriodSeconds()).isEqualTo(1);
    assertThat(container.getLivenessProbe().getPeriodSeconds()).isEqualTo(60);
    assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(container.getReadinessProbe().getInitialDelaySeconds()).isEqualTo(3);
  }

  @Test
  void the_user_can_be_left_to_the_cluster() {
    Map<String, Object> none = new HashMap<>();
    none.put("runAsUser", null);
    none.put("runAsGroup", null);
    none.put("fsGroup", null);
    var security = Rendered.with("podSecurityContext", none).pod().getSpec().getSecurityContext();
    assertThat(security.getRunAsUser()).isNull();
    assertThat(security.getRunAsGroup()).isNull();
    assertThat(security.getFsGroup()).isNull();
    assertThat(security.getRunAsNonRoot()).isTrue();
    assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
  }

  @Test
  void containerSecurityContext() {
    var security =
        Rendered.with(
                "containerSecurityContext", Map.of("seccompProfile", Map.of("type", "Localhost")))
            .container()
            .getSecurityContext();
    assertThat(security.getSeccompProfile().getType()).isEqualTo("Localhost");
    assertThat(security.getReadOnlyRootFilesystem()).isTrue();
  }

  @Test
  void extraEnvFrom_and_volumes() {
    Rendered rendered =
        Rendered.of(
            Map.of(
                "extraEnvFrom",
                List.of(Map.of("secretRef", Map.of("name", "proxy"))),
                "extraVolumes",
                List.of(Map.of("name", "ca", "configMap", Map.of("name", "authorities"))),
                "extraVolumeMounts",
                List.of(Map.of("name", "ca", "mountPath", "/etc/ssl/ca", "readOnly", true))));
    assertThat(rendered.container().getEnvFrom())
        .extracting(from -> from.getSecretRef().getName())
        .containsExactly("proxy");
    assertThat(rendered.pod().getSpec().getVolumes())
        .extracting(volume -> volume.getName())
        .containsExactly("tmp", "ca");
    assertThat(rendered.container().getVolumeMounts())
        .extracting(mount -> mount.getMountPath())
        .containsExactly("/tmp", "/etc/ssl/ca");
  }

  @Test
  void extraObjects() {
    Rendered rendered =
        Rendered.with(
            "extraObjects",
            List.of(
                Map.of(
                    "apiVersion",
                    "v1",
                    "kind",
                    "ConfigMap",
                    "metadata",
                    Map.of("name", "{{ .Release.Name }}-extra"))));
    assertThat(rendered.all(ConfigMap.class))
        .extracting(HasMetadata::getMetadata)
        .extracting(metadata -> metadata.getName())
        .containsExactly("preheat-extra");
  }

  @Test
  void the_accounts_token_is_only_for_the_operator() {
    Rendered rendered =
        Rendered.with("serviceAccount.labels", Map.of("example.com/identity", "preheat"));
    ServiceAccount account = rendered.only(ServiceAccount.class, Rendered.NAME);
    assertThat(account.getMetadata().getLabels()).containsEntry("example.com/identity", "preheat");
    assertThat(account.getAutomountServiceAccountToken()).isFalse();
    assertThat(rendered.pod().getSpec().getAutomountServiceAccountToken()).isTrue();
  }

  @Test
  void deploymentAnnotations() {
    assertThat(
            Rendered.with("deploymentAnnotations", Map.of("a", "b"))
                .only(Deployment.class, Rendered.NAME)
                .getMetadata()
                .getAnnotations())
        .isEqualTo(Map.of("a", "b"));
  }

  @Test
  void by_default_replicas_prefer_other_zones_and_nodes() {
    Rendered rendered = Rendered.byDefault();
    assertThat(rendered.pod().getSpec().getTopologySpreadConstraints())
        .allSatisfy(constraint -> {
          // A cluster of one node must run both replicas.
          assertThat(constraint.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
          assertThat(constraint.getLabelSelector()).isEqualTo(rendered.deployment().getSelector());
        })
        .extracting(TopologySpreadConstraint::getTopologyKey)
        .containsExactly("topology.kubernetes.io/zone", "kubernetes.io/hostname");
  }

  @Test
  void topologySpreadConstraints_may_count_other_pods_or_be_none() {
    Map<String, Object> constraint =
        Map.of(
            "maxSkew",
            1,
            "topologyKey",
            "zone",
            "whenUnsatisfiable",
            "DoNotSchedule",
            "labelSelector",
            Map.of("matchLabels", Map.of("a", "b")));
    assertThat(
            Rendered.with("topologySpreadConstraints", List.of(constraint))
                .pod()
                .getSpec()
                .getTopologySpreadConstraints())
        .singleElement()
        .satisfies(made ->
            assertThat(made.getLabelSelector().getMatchLabels()).isEqualTo(Map.of("a", "b")));
    assertThat(
            Rendered.with("topologySpreadConstraints", List.of())
                .pod()
                .getSpec()
                .getTopologySpreadConstraints())
        .isEmpty();
  }

  @Test
  void hostAliases_and_dns() {
    var pod =
        Rendered.of(
                Map.of(
                    "hostAliases",
                    List.of(Map.of("ip", "192.0.2.1", "hostnames", List.of("harbor.example.com"))),
                    "dnsPolicy",
                    "Default",
                    "dnsConfig",
                    Map.of("searches", List.of("example.com"))))
            .pod()
            .getSpec();
    assertThat(pod.getHostAliases())
        .singleElement()
        .satisfies(alias -> assertThat(alias.getHostnames()).containsExactly("harbor.example.com"));
    assertThat(pod.getDnsPolicy()).isEqualTo("Default");
    assertThat(pod.getDnsConfig().getSearches()).containsExactly("example.com");
  }
}
