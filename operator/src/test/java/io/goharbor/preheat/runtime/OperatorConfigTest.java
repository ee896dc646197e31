package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperatorConfigTest {
  @Test
  void nothing_set_gives_the_defaults() {
    assertThat(OperatorConfig.from(Map.of()))
        .isEqualTo(
            new OperatorConfig(
                8080, null, 8081, Set.of(), true, "default", "harbor-preheat-operator"));
  }

  @Test
  void namespaces_are_a_list() {
    assertThat(OperatorConfig.from(Map.of("PREHEAT_NAMESPACES", "b, a,")).namespaces())
        .containsExactly("a", "b");
  }

  @Test
  void a_fault_names_the_variable() {
    assertThatThrownBy(() -> OperatorConfig.from(Map.of("PREHEAT_WEBHOOK_PORT", "high")))
        .hasMessageContaining("PREHEAT_WEBHOOK_PORT");
    assertThatThrownBy(() -> OperatorConfig.from(Map.of("PREHEAT_WEBHOK_PORT", "1")))
        .hasMessageContaining("PREHEAT_WEBHOK_PORT is not known");
    assertThatThrownBy(() -> OperatorConfig.from(Map.of("PREHEAT_LEADER_ELECTION", "yes")))
        .hasMessageContaining("must be true or false");
  }

  @Test
  void tls_takes_two_files() {
    assertThat(
            OperatorConfig.from(
                    Map.of(
                        "PREHEAT_WEBHOOK_TLS_CERT_FILE", "/tls/tls.crt",
                        "PREHEAT_WEBHOOK_TLS_KEY_FILE", "/tls/tls.key"))
                .webhookTls())
        .isEqualTo(new OperatorConfig.WebhookTls(Path.of("/tls/tls.crt"), Path.of("/tls/tls.key")));
    for (String one : List.of("PREHEAT_WEBHOOK_TLS_CERT_FILE", "PREHEAT_WEBHOOK_TLS_KEY_FILE")) {
      assertThatThrownBy(() -> OperatorConfig.from(Map.of(one, "/tls/file")))
          .hasMessageContaining("must be set together");
    }
  }

  @Test
  void what_kubernetes_sets_for_services_is_no_fault() {
    assertThat(
            OperatorConfig.from(
                Map.of(
                    "PREHEAT_METRICS_SERVICE_HOST", "10.0.0.1",
                    "PREHEAT_METRICS_PORT", "tcp://10.0.0.1:80",
                    "PREHEAT_METRICS_PORT_80_TCP_ADDR", "10.0.0.1")))
        .isNotNull();
  }
}
