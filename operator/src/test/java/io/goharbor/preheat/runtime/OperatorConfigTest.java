package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.http.HttpLimits;
import io.goharbor.preheat.ingest.IngestLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorConfigTest {
  @TempDir private Path folder;

  @Test
  void nothing_set_gives_the_defaults() {
    OperatorConfig config = OperatorConfig.from(Map.of());
    assertThat(config.webhook().port()).isEqualTo(8080);
    assertThat(config.webhook().tls()).isEqualTo(new OperatorConfig.Tls(null, null));
    assertThat(config.management().port()).isEqualTo(8081);
    assertThat(config.namespaces()).isEmpty();
    assertThat(config.leaderElection().enabled()).isTrue();
    assertThat(config.leaderElection().leaseNamespace()).isEqualTo("default");
    assertThat(config.leaderElection().leaseName()).isEqualTo("harbor-preheat-operator");
    assertThat(config.ingestLimits()).isEqualTo(IngestLimits.DEFAULT);
    assertThat(config.httpLimits()).isEqualTo(HttpLimits.DEFAULT);
    assertThat(config.logging()).isEqualTo(new OperatorConfig.Logging("info", "console", Map.of()));
    assertThat(config.sources()).containsOnlyKeys("default");
  }

  @Test
  void what_listens_can_be_bound_to_one_address() throws IOException {
    OperatorConfig config =
        of("webhook: {bindAddress: 127.0.0.1, port: 9}\nmanagement: {bindAddress: '::1'}");
    assertThat(config.webhook().address())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9));
    assertThat(config.management().address())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("::1"), 8081));
    assertThat(of("").webhook().address().getAddress().isAnyLocalAddress()).isTrue();
  }

  @Test
  void namespaces_are_a_list() throws IOException {
    assertThat(OperatorConfig.from(Map.of("PREHEAT_NAMESPACES", "b, a,")).namespaces())
        .containsExactly("a", "b");
    assertThat(of("namespaces: [b, a]").namespaces()).containsExactly("a", "b");
    assertThat(of("namespaces: b, a").namespaces()).containsExactly("a", "b");
  }

  @Test
  void the_file_sets_any_key() throws IOException {
    OperatorConfig config =
        of(
            """
            webhook:
              port: 9090
              tls: {certFile: /tls/tls.crt, keyFile: /tls/tls.key}
              maxBody: 2Mi
            ingest.gather: 5ms
            reconcile:
            leaderElection:
              enabled: false
              leaseDuration: 30s
            logging:
              levels:
                io.goharbor.preheat.harbor: debug
                io.fabric8: "off"
            """);
    assertThat(config.webhook().port()).isEqualTo(9090);
    assertThat(config.webhook().tls())
        .isEqualTo(new OperatorConfig.Tls(Path.of("/tls/tls.crt"), Path.of("/tls/tls.key")));
    assertThat(config.ingestLimits().body()).isEqualTo(2 * 1024 * 1024);
    assertThat(config.ingest().gather()).isEqualTo(Duration.ofMillis(5));
    assertThat(config.leaderElection().enabled()).isFalse();
    assertThat(config.leaderElection().leaseDuration()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.logging().levels())
        .isEqualTo(Map.of("io.goharbor.preheat.harbor", "debug", "io.fabric8", "off"));
  }

  @Test
  void a_value_may_be_written_once_and_used_twice() throws IOException {
    OperatorConfig config =
        of("namespaces: [&own team-a, b]\nleaderElection: {leaseNamespace: *own, leaseName: *own}");
    assertThat(config.namespaces()).containsExactly("b", "team-a");
    assertThat(config.leaderElection().leaseNamespace()).isEqualTo("team-a");
    assertThat(config.leaderElection().leaseName()).isEqualTo("team-a");
  }

  @Test
  void a_variable_wins_over_the_file_and_each_value_tells_where_it_is_from() throws IOException {
    OperatorConfig config =
        of(
            "webhook: {port: 9090}\nmanagement: {port: 9091}",
            "PREHEAT_WEBHOOK_PORT",
            "7070",
            "PREHEAT_MANAGEMENT_PORT",
            "",
            "PREHEAT_LOG_LEVELS",
            "io.fabric8=info, root=error");
    assertThat(config.webhook().port()).isEqualTo(7070);
    assertThat(config.management().port()).isEqualTo(9091);
    assertThat(config.logging().levels()).isEqualTo(Map.of("io.fabric8", "info", "root", "error"));
    assertThat(config.sources().get("environment"))
        .containsOnlyKeys("webhook.port", "logging.levels")
        .containsEntry("webhook.port", "7070");
    assertThat(config.sources().get(file().toString()))
        .isEqualTo(Map.of("management.port", "9091"));
    assertThat(config.sources().get("default")).containsEntry("ingest.gather", "25ms");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "webhook: {prot: 1}|:1: webhook.prot: unknown key; did you mean webhook.port?",
        "webhok: {port: 1}|:1: webhok: unknown key; did you mean webhook?",
        "port: 1|:1: port: unknown key; known are http, ingest, kubernetes, leaderElection",
        "logging: {gather: 5ms}|:1: logging.gather: unknown key; did you mean ingest.gather?",
        "webhook: {zzzzzzzzzz: 1}|webhook.zzzzzzzzzz: unknown key; known are bindAddress, body",
        "webhook: 8080|:1: webhook: must hold keys (bindAddress, body",
        "- webhook|:1: the file: must hold keys (http, ingest, ",
        "webhook: {port: high}|:1: webhook.port: must be a port from 0 to 65535, not 'high'",
        "webhook: {port: 70000}|webhook.port: must be a port from 0 to 65535, not '70000'",
        "webhook: {port: [1]}|webhook.port: must be a port from 0 to 65535, not a list",
        "webhook: {port: {a: 1}}|webhook.port: must be a port from 0 to 65535, not a mapping",
        "webhook: {bindAddress: localhost}|webhook.bindAddress: must be an IP address of this host",
        "leaderElection: {enabled: yes}|leaderElection.enabled: must be true or false, not 'yes'",
        "ingest: {gather: 5}|ingest.gather: must be a duration from 0ms to 1s, such as",
        "ingest: {gather: 2s}|ingest.gather: must be a duration from 0ms to 1s, such as",
        "webhook: {maxBody: 1MB}|webhook.maxBody: must be a number of bytes from 4Ki to 16Mi",
        "webhook: {maxBody: 4096.5}|webhook.maxBody: must be a number of bytes from 4Ki to 16Mi",
        "namespaces: [Team A]|namespaces: must be a list of Kubernetes names, not 'Team A'",
        "namespaces: [[a]]|:1: namespaces: must be a list of Kubernetes names",
        "logging: {level: loud}|logging.level: must be one of off, error, warn, info, debug",
        "logging: {levels: {a.b: loud}}|logging.levels: must be a mapping of packages to levels",
        "logging: {levels: [a]}|logging.levels: must be a mapping of packages to levels",
        "webhook: {port: 1, port: 2}|webhook.port: is there twice; remove one",
        "webhook: {tls: {keyFile: key.pem}}|keyFile: must be an absolute path of a file",
        "'webhook: {'|:1: not YAML: ",
        "leaderElection: {renewDeadline: 15s}|renewDeadline: must be less than leaseDuration",
        "leaderElection: {retryPeriod: 10s}|retryPeriod: must be less than renewDeadline",
        "management: {port: 8080}|must not be the same port",
      })
  void a_fault_in_the_file_names_line_key_and_fix(String text, String told) {
    assertThatThrownBy(() -> of(text))
        .isInstanceOf(OperatorConfig.ConfigException.class)
        .hasMessageContaining(told)
        .hasMessageStartingWith(text.contains("management") ? "" : file().toString());
  }

  @Test
  void all_faults_are_told_at_once() {
    assertThatThrownBy(() ->
            of(
                "webhook:\n  prot: 1\n  maxConnections: 0\n---\na: b",
                "PREHEAT_WEBHOK_PORT",
                "1",
                "PREHEAT_LEADER_ELECTION",
                "yes"))
        .hasMessage(
            """
            the configuration has 5 problems:
              - PREHEAT_WEBHOK_PORT is not known; did you mean PREHEAT_WEBHOOK_PORT?
              - FILE:5: only one YAML document is read; join them
              - FILE:2: webhook.prot: unknown key; did you mean webhook.port?
              - FILE:3: webhook.maxConnections: must be a whole number from 8 to 65536, not '0'
              - PREHEAT_LEADER_ELECTION (leaderElection.enabled): must be true or false, not 'yes'\
            """
                .replace("FILE", file().toString()));
  }

  @Test
  void a_file_that_is_not_there_is_a_fault_and_an_empty_one_is_not() throws IOException {
    Map<String, String> environment = Map.of("PREHEAT_CONFIG_FILE", file().toString());
    assertThatThrownBy(() -> OperatorConfig.from(environment))
        .hasMessage(file() + ": there is no such file; mount it, or unset PREHEAT_CONFIG_FILE");
    assertThat(of("").webhook().port()).isEqualTo(8080);
    assertThat(of("# nothing\nwebhook:\n  port:\n").webhook().port()).isEqualTo(8080);
  }

  @Test
  void tls_takes_two_files() {
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

  @Test
  void no_two_keys_share_a_variable() {
    assertThat(ConfigKey.ALL).extracting(ConfigKey::variable).doesNotHaveDuplicates();
    assertThat(ConfigKey.ALL).extracting(ConfigKey::name).doesNotHaveDuplicates();
    assertThat(ConfigKey.ALL)
        .extracting(ConfigKey::variable)
        .containsAll(
            Set.of(
                "PREHEAT_WEBHOOK_PORT",
                "PREHEAT_WEBHOOK_TLS_CERT_FILE",
                "PREHEAT_WEBHOOK_TLS_KEY_FILE",
                "PREHEAT_MANAGEMENT_PORT",
                "PREHEAT_NAMESPACES",
                "PREHEAT_LEADER_ELECTION",
                "PREHEAT_LEASE_NAME",
                "PREHEAT_LOG_LEVEL",
                "PREHEAT_LOG_FORMAT",
                "POD_NAMESPACE"));
  }

  private OperatorConfig of(String text, String... variables) throws IOException {
    Files.writeString(file(), text);
    Map<String, String> environment = new HashMap<>();
    environment.put("PREHEAT_CONFIG_FILE", file().toString());
    List<String> pairs = Arrays.asList(variables);
    for (int i = 0; i < pairs.size(); i += 2) {
      environment.put(pairs.get(i), pairs.get(i + 1));
    }
    return OperatorConfig.from(environment);
  }

  private Path file() {
    return folder.resolve("config.yaml");
  }
}
