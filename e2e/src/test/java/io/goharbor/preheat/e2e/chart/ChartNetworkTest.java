package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each value does that says who reaches the operator, and whom it reaches. */
class ChartNetworkTest {
  private static final String WEBHOOK = Rendered.NAME + "-webhook";
  private static final Map<String, Object> MONITORING =
      Map.of(
          "namespaceSelector",
          Map.of("matchLabels", Map.of("kubernetes.io/metadata.name", "monitoring")));

  @Test
  void webhook_service_for_other_networks() {
    Service service =
        Rendered.with(
                "webhook.service",
                Map.of(
                    "annotations",
                    Map.of("a", "b"),
                    "ipFamilyPolicy",
                    "PreferDualStack",
                    "loadBalancerSourceRanges",
                    List.of("192.0.2.0/24")))
            .only(Service.class, WEBHOOK);
    assertThat(service.getMetadata().getAnnotations()).isEqualTo(Map.of("a", "b"));
    assertThat(service.getSpec().getIpFamilyPolicy()).isEqualTo("PreferDualStack");
    assertThat(service.getSpec().getLoadBalancerSourceRanges()).containsExactly("192.0.2.0/24");
  }

  @Test
  void metrics_service_annotations() {
    assertThat(
            Rendered.with("metrics.service.annotations", Map.of("a", "b"))
                .only(Service.class, Rendered.NAME + "-metrics")
                .getMetadata()
                .getAnnotations())
        .isEqualTo(Map.of("a", "b"));
  }

  @Test
  void the_service_says_which_protocol_the_operator_speaks() {
    assertThat(port(Rendered.byDefault()))
        .satisfies(port -> {
          assertThat(port.getName()).isEqualTo("http");
          assertThat(port.getAppProtocol()).isEqualTo("http");
        });
    Rendered tls =
        Rendered.of(
            Map.of(
                "webhook",
                Map.of(
                    "tls",
                    Map.of("secretName", "hook-cert"),
                    "ingress",
                    Map.of("enabled", true, "host", "p.example.com"))));
    assertThat(port(tls))
        .satisfies(port -> {
          assertThat(port.getName()).isEqualTo("https");
          assertThat(port.getAppProtocol()).isEqualTo("https");
        });
    assertThat(
            tls.only(Ingress.class, Rendered.NAME)
                .getSpec()
                .getRules()
                .getFirst()
                .getHttp()
                .getPaths()
                .getFirst()
                .getBackend()
                .getService()
                .getPort()
                .getName())
        .isEqualTo("https");
  }

  @Test
  void webhook_tls_certificate() {
    assertThat(Rendered.byDefault().kind("Certificate")).isEmpty();
    Map<String, Object> certificate = new HashMap<>();
    certificate.put("enabled", true);
    certificate.put("issuerRef", Map.of("name", "internal", "kind", "ClusterIssuer"));
    certificate.put("dnsNames", List.of("preheat.example.com"));
    certificate.put("duration", "2160h");
    certificate.put("renewBefore", "360h");
    Rendered rendered = Rendered.with("webhook.tls.certificate", certificate);
    GenericKubernetesResource made = rendered.only("Certificate");
    assertThat(made.getApiVersion()).isEqualTo("cert-manager.io/v1");
    assertThat(made.<Map<String, String>>get("spec", "issuerRef"))
        .isEqualTo(Map.of("group", "cert-manager.io", "kind", "ClusterIssuer", "name", "internal"));
    String host = WEBHOOK + "." + ChartRenderer.NAMESPACE;
    assertThat(made.<List<String>>get("spec", "dnsNames"))
        .containsExactly(WEBHOOK, host, host + ".svc", "preheat.example.com");
    assertThat(made.<String>get("spec", "duration")).isEqualTo("2160h");
    assertThat(made.<String>get("spec", "renewBefore")).isEqualTo("360h");
    // The Secret that cert-manager fills is the one that the operator reads.
    assertThat(rendered.pod().getSpec().getVolumes())
        .filteredOn(volume -> volume.getName().equals("webhook-tls"))
        .extracting(volume -> volume.getSecret().getSecretName())
        .containsExactly(made.<String>get("spec", "secretName"));
    assertThat(rendered.environment()).containsKey("PREHEAT_WEBHOOK_TLS_CERT_FILE");
  }

  @Test
  void a_certificate_goes_to_the_secret_that_is_named() {
    Rendered rendered =
        Rendered.with(
            "webhook.tls",
            Map.of(
                "secretName",
                "hook-cert",
                "certificate",
                Map.of("enabled", true, "issuerRef", Map.of("name", "internal"))));
    GenericKubernetesResource made = rendered.only("Certificate");
    assertThat(made.<String>get("spec", "secretName")).isEqualTo("hook-cert");
    assertThat(made.<String>get("spec", "issuerRef", "kind")).isEqualTo("Issuer");
    assertThat(made.<Map<String, Object>>get("spec")).doesNotContainKeys("duration", "renewBefore");
    assertThatThrownBy(() -> Rendered.with("webhook.tls.certificate.enabled", true))
        .hasMessageContaining("webhook.tls.certificate.issuerRef.name must be set");
  }

  @Test
  void webhook_httpRoute() throws IOException {
    assertThat(Rendered.byDefault().kind("HTTPRoute")).isEmpty();
    Map<String, Object> route =
        Map.of(
            "enabled",
            true,
            "parentRefs",
            List.of(Map.of("name", "public", "namespace", "gateways")),
            "hostnames",
            List.of("preheat.example.com"),
            "annotations",
            Map.of("a", "b"));
    Map<String, Object> values = Rendered.nested("webhook.httpRoute", route);
    GenericKubernetesResource made = Rendered.of(values).only("HTTPRoute");
    assertThat(made.getApiVersion()).isEqualTo("gateway.networking.k8s.io/v1");
    assertThat(made.getMetadata().getAnnotations()).isEqualTo(Map.of("a", "b"));
    assertThat(made.<List<Object>>get("spec", "parentRefs"))
        .isEqualTo(List.of(Map.of("name", "public", "namespace", "gateways")));
    assertThat(made.<List<String>>get("spec", "hostnames")).containsExactly("preheat.example.com");
    assertThat(made.<String>get("spec", "rules", 0, "matches", 0, "path", "value"))
        .isEqualTo("/hooks");
    assertThat(made.<Map<String, Object>>get("spec", "rules", 0, "backendRefs", 0))
        .isEqualTo(Map.of("name", WEBHOOK, "port", 80));
    assertThat(ChartRenderer.notes(values)).contains("preheat.example.com/hooks/");
    assertThatThrownBy(() -> Rendered.with("webhook.httpRoute.enabled", true))
        .hasMessageContaining("webhook.httpRoute.parentRefs must name a Gateway");
  }

  @Test
  void networkPolicy_lets_in_what_calls_the_two_ports() {
    assertThat(Rendered.byDefault().all(NetworkPolicy.class)).isEmpty();
    Rendered rendered =
        Rendered.with(
            "networkPolicy",
            Map.of(
                "enabled",
                true,
                "webhookFrom",
                List.of(Map.of("ipBlock", Map.of("cidr", "192.0.2.0/24"))),
                "metricsFrom",
                List.of(MONITORING)));
    NetworkPolicy policy = rendered.only(NetworkPolicy.class, Rendered.NAME);
    assertThat(rendered.pod().getMetadata().getLabels())
        .containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
    assertThat(policy.getSpec().getIngress())
        .extracting(rule -> rule.getPorts().getFirst().getPort())
        .containsExactly(new IntOrString("webhook"), new IntOrString("management"));
    assertThat(policy.getSpec().getIngress().getFirst().getFrom())
        .extracting(peer -> peer.getIpBlock().getCidr())
        .containsExactly("192.0.2.0/24");
    assertThat(policy.getSpec().getIngress().getLast().getFrom())
        .extracting(
            peer -> peer.getNamespaceSelector().getMatchLabels().get("kubernetes.io/metadata.name"))
        .containsExactly("monitoring");
  }

  @Test
  void networkPolicy_without_peers_lets_in_everybody_there_and_only_there() {
    NetworkPolicy policy =
        Rendered.with("networkPolicy.enabled", true).only(NetworkPolicy.class, Rendered.NAME);
    assertThat(policy.getSpec().getIngress())
        .hasSize(2)
        .allSatisfy(rule -> {
          assertThat(rule.getFrom()).isEmpty();
          assertThat(rule.getPorts()).hasSize(1);
        });
    assertThat(policy.getSpec().getEgress()).isEmpty();
  }

  @Test
  void networkPolicy_egress() {
    NetworkPolicy policy =
        Rendered.with(
                "networkPolicy",
                Map.of(
                    "enabled",
                    true,
                    "egress",
                    Map.of(
                        "enabled",
                        true,
                        "apiServerPorts",
                        List.of(8443),
                        "rules",
                        List.of(Map.of("to", List.of(MONITORING))))))
            .only(NetworkPolicy.class, Rendered.NAME);
    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
    assertThat(policy.getSpec().getEgress())
        .extracting(rule ->
            rule.getPorts().stream()
                .map(port -> port.getProtocol() + port.getPort().getValue())
                .toList())
        .containsExactly(List.of("UDP53", "TCP53"), List.of("TCP8443"), List.of());
    assertThat(policy.getSpec().getEgress().getLast().getTo())
        .extracting(NetworkPolicyPeer::getNamespaceSelector)
        .doesNotContainNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"service", "pod"})
  void monitors(String kind) {
    String name = kind.equals("service") ? "ServiceMonitor" : "PodMonitor";
    String list = kind.equals("service") ? "endpoints" : "podMetricsEndpoints";
    assertThat(Rendered.byDefault().kind(name)).isEmpty();
    Object drop = List.of(Map.of("action", "drop", "regex", "jvm_.*"));
    GenericKubernetesResource monitor =
        Rendered.with(
                "metrics." + kind + "Monitor",
                Map.of(
                    "enabled",
                    true,
                    "interval",
                    "1m",
                    "scrapeTimeout",
                    "10s",
                    "labels",
                    Map.of("release", "prometheus"),
                    "annotations",
                    Map.of("a", "b"),
                    "relabelings",
                    drop,
                    "metricRelabelings",
                    drop))
            .only(name);
    assertThat(monitor.getMetadata().getLabels()).containsEntry("release", "prometheus");
    assertThat(monitor.getMetadata().getAnnotations()).isEqualTo(Map.of("a", "b"));
    assertThat(monitor.<Map<String, Object>>get("spec", list, 0))
        .containsEntry("path", "/metrics")
        .containsEntry("interval", "1m")
        .containsEntry("scrapeTimeout", "10s")
        .containsEntry("relabelings", drop)
        .containsEntry("metricRelabelings", drop);
  }

  @Test
  void a_pod_monitor_finds_the_pods_and_their_port() {
    Rendered rendered = Rendered.with("metrics.podMonitor.enabled", true);
    GenericKubernetesResource monitor = rendered.only("PodMonitor");
    assertThat(rendered.pod().getMetadata().getLabels())
        .containsAllEntriesOf(monitor.<Map<String, String>>get("spec", "selector", "matchLabels"));
    assertThat(rendered.container().getPorts())
        .extracting(port -> port.getName())
        .contains(monitor.<String>get("spec", "podMetricsEndpoints", 0, "port"));
  }

  @Test
  void two_monitors_are_refused() {
    assertThatThrownBy(() ->
            Rendered.with(
                "metrics",
                Map.of(
                    "serviceMonitor",
                    Map.of("enabled", true),
                    "podMonitor",
                    Map.of("enabled", true))))
        .hasMessageContaining("would scrape everything twice");
  }

  private static ServicePort port(Rendered rendered) {
    return rendered.only(Service.class, WEBHOOK).getSpec().getPorts().getFirst();
  }
}
