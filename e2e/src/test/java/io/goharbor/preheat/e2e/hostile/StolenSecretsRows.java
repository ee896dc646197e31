package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No Secret of another namespace is read, and none is seen that is read. */
interface StolenSecretsRows {
  /** Names that lead elsewhere when they become part of a URL as they are. */
  List<String> PATHS =
      List.of(
          "../../platform/secrets/harbor-robot",
          "x/../../../platform/secrets/harbor-robot",
          "..%2f..%2fplatform%2fsecrets%2fharbor-robot",
          "%2e%2e/%2e%2e/platform/secrets/harbor-robot",
          "..\\\\..\\\\platform\\\\secrets\\\\harbor-robot",
          "../../platform/secrets/harbor-robot?",
          "../../platform/secrets/harbor-robot#");

  Duration SOON = Duration.ofSeconds(60);

  SharedCluster cluster();

  /** Specs that refer to a Secret, by the kind of the object and a word; NAME is its name. */
  private Map<String, String> references(HostileServer server) {
    String webhook =
        """
        {url: "%s", webhook: {authorizationSecretRef: {name: "NAME", key: password},\
         registration: {address: "http://127.0.0.1:9"}}}\
        """
            .formatted(server.url());
    Map<String, String> specs = new LinkedHashMap<>();
    for (String type : List.of("Bearer", "Basic", "Header")) {
      specs.put(
          "P2PProvider auth-" + type.toLowerCase(java.util.Locale.ROOT),
          """
          {type: Dragonfly, dragonfly: {url: "%s", schedulerClusterIDs: [1]},\
           auth: {type: %s%s, secretRef: {name: "NAME", key: password}}}\
          """
              .formatted(
                  server.url(), type, type.equals("Header") ? ", headerName: X-Stolen" : ""));
    }
    for (String kind : List.of("Secret", "ConfigMap")) {
      specs.put(
          "P2PProvider ca-" + kind.toLowerCase(java.util.Locale.ROOT),
          """
          {type: Dragonfly, dragonfly: {url: "%s", schedulerClusterIDs: [1]},\
           tls: {caBundleRef: {kind: %s, name: "NAME", key: password}}}\
          """
              .formatted(server.url(), kind));
    }
    specs.put(
        "P2PProvider client-certificate",
        """
        {type: Dragonfly, dragonfly: {url: "%s", schedulerClusterIDs: [1]},\
         tls: {clientCertificateSecretRef: {name: "NAME"}}}\
        """
            .formatted(server.url()));
    specs.put("HarborRegistry webhook", webhook);
    specs.put(
        "HarborRegistry robot",
        "{url: \"%s\", credentialsSecretRef: {name: \"NAME\"}}".formatted(server.url()));
    return specs;
  }

  @Test
  default void a_name_that_is_a_path_is_refused() {
    HostileServer server = cluster().server(Conducts.harbor());
    for (String path : PATHS) {
      references(server)
          .forEach((what, spec) ->
              assertThat(cluster().tried(what.split(" ", 2)[0], "path", spec.replace("NAME", path)))
                  .as("%s %s", what, path)
                  .isNotNull());
    }
  }

  @Test
  default void a_stored_name_that_is_a_path_reads_nothing() throws Exception {
    HostileServer server = cluster().server(Conducts.harbor());
    Map<String, String> objects = new LinkedHashMap<>();
    references(server)
        .forEach((what, spec) -> {
          for (int i = 0; i < PATHS.size(); i++) {
            objects.put(what + "-" + i, spec.replace("NAME", PATHS.get(i)));
          }
        });
    cluster().old(objects);

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          for (String what : objects.keySet()) {
            String[] parts = what.split(" ", 2);
            assertThat(told(parts[0], parts[1])).as(what).isNotEmpty();
          }
        });
    assertThat(server.seen())
        .doesNotContainIgnoringCase("x-stolen")
        .doesNotContainIgnoringCase("authorization:");
    new Secrecy(cluster()).check("auth-header-0");
    for (String what : objects.keySet()) {
      String[] parts = what.split(" ", 2);
      assertThat(told(parts[0], parts[1])).as("what %s says", what).contains("name");
    }
  }

  /** What an object says of why it cannot be used; empty while it says nothing. */
  private String told(String kind, String name) {
    StringBuilder told = new StringBuilder();
    for (JsonNode condition :
        cluster().read(SharedCluster.TENANT, kind, name).at("/status/conditions")) {
      if (condition.path("status").asText().equals("False")) {
        told.append(condition.path("message").asText()).append('\n');
      }
    }
    return told.toString();
  }

  @Test
  default void a_server_that_quotes_its_caller_gets_nothing_into_the_open() throws Exception {
    cluster()
        .secret(
            SharedCluster.TENANT,
            "quoted-robot",
            Map.of(
                "username",
                "robot$tenant".getBytes(StandardCharsets.UTF_8),
                "password",
                "tenant-robot-\"q\\uoted-3c1d".getBytes(StandardCharsets.UTF_8)));
    cluster().secret(SharedCluster.TENANT, "quoted-token", "token", "tenant-token-\"q\\uoted-77aa");
    cluster()
        .secret(SharedCluster.TENANT, "quoted-account", "basic", "user:tenant-basic-quoted-91ef");
    List<Integer> statuses = List.of(200, 302, 400, 401, 403, 500);
    for (int status : statuses) {
      HostileServer server = cluster().server(Conducts.quoting(status));
      cluster()
          .create(
              SharedCluster.TENANT,
              "HarborRegistry",
              "quoting-" + status,
              "{url: '%s', credentialsSecretRef: {name: quoted-robot}}".formatted(server.url()));
      for (String auth :
          List.of(
              "Header, headerName: X-Stolen, secretRef: {name: quoted-token, key: token}",
              "Bearer, secretRef: {name: quoted-token, key: token}",
              "Basic, secretRef: {name: quoted-account, key: basic}")) {
        cluster()
            .create(
                SharedCluster.TENANT,
                "P2PProvider",
                "quoting-"
                    + status
                    + "-"
                    + auth.split(",", 2)[0].toLowerCase(java.util.Locale.ROOT),
                "{type: Dragonfly, dragonfly: {url: '%s', schedulerClusterIDs: [1]}, auth: {type: %s}}"
                    .formatted(server.url(), auth));
      }
    }
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          for (int status : statuses) {
            assertThat(told("HarborRegistry", "quoting-" + status)).as("%s", status).isNotEmpty();
            for (String auth : List.of("header", "bearer", "basic")) {
              String name = "quoting-" + status + "-" + auth;
              assertThat(
                      cluster()
                          .condition(SharedCluster.TENANT, "P2PProvider", name, "Ready")
                          .path("message")
                          .asText())
                  .as(name)
                  .isNotEmpty();
            }
          }
        });
    new Secrecy(cluster()).check("quoting-500");
  }

  @Test
  default void a_value_that_no_header_can_carry_is_named_and_not_shown() throws Exception {
    Map<String, String> values =
        Map.of(
            "accent", "geheim-\u00e9\u20ac-4711abcd",
            "break", "first-line-91ab\nsecond-line-77cd",
            "return", "first-line-92ab\r\nX-Injected: second-line-78cd",
            "nul", "before-nul-55ef\u0000after-nul-66aa",
            "escape", "before-esc-12ab\u001b[31mafter-esc-34cd",
            "high", "astral-\ud83d\udd11-value-9cc1");
    HostileServer server = cluster().server(Conducts.dragonfly());
    HostileServer harbor = cluster().server(Conducts.harbor());
    values.forEach((name, value) -> {
      cluster().secret(SharedCluster.TENANT, "odd-" + name, "odd-key", value);
      for (String auth : List.of("Header, headerName: X-Stolen", "Bearer")) {
        cluster()
            .create(
                SharedCluster.TENANT,
                "P2PProvider",
                "odd-" + name + "-" + auth.split(",", 2)[0].toLowerCase(java.util.Locale.ROOT),
                ("{type: Dragonfly, dragonfly: {url: '%s', schedulerClusterIDs: [1]},"
                        + " healthCheck: {interval: 2s},"
                        + " auth: {type: %s, secretRef: {name: odd-%s, key: odd-key}}}")
                    .formatted(server.url(), auth, name));
      }
      cluster()
          .create(
              SharedCluster.TENANT,
              "HarborRegistry",
              "odd-" + name,
              ("{url: '%s', webhook: {authorizationSecretRef: {name: odd-%s, key: odd-key},"
                      + " registration: {address: '%s'}}}")
                  .formatted(harbor.url(), name, cluster().world().operator().webhookUrl()));
    });
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          for (String name : values.keySet()) {
            for (String auth : List.of("header", "bearer")) {
              assertThat(told("P2PProvider", "odd-" + name + "-" + auth))
                  .as("P2PProvider odd-%s-%s", name, auth)
                  .contains("odd-" + name, "odd-key");
            }
            assertThat(told("HarborRegistry", "odd-" + name))
                .as("HarborRegistry odd-%s", name)
                .contains("odd-" + name, "odd-key");
          }
        });
    assertThat(harbor.requests()).noneMatch(request -> request.method().equals("POST"));
    assertThat(server.seen()).doesNotContain("X-Injected");
    new Secrecy(cluster()).check("odd-nul");
  }

  @Test
  default void a_secret_opens_the_webhook_of_its_own_registry_only() throws Exception {
    String secret = "Bearer own-hook-secret-4a4a";
    HostileServer harbor = cluster().server(Conducts.harbor());
    cluster().secret(SharedCluster.TENANT, "own-hook", "authorization", secret);
    cluster()
        .create(
            SharedCluster.TENANT,
            "HarborRegistry",
            "own-hook",
            "{url: '%s', webhook: {authorizationSecretRef: {name: own-hook, key: authorization}}}"
                .formatted(harbor.url()));
    await().atMost(SOON).until(() -> post("/hooks/tenant/own-hook", secret) == 202);
    int before = cluster().all(SharedCluster.PLATFORM, "PreheatExecution").size();
    for (String path :
        List.of(
            "/hooks/platform/main",
            "/hooks/tenant/own-hook/../../platform/main",
            "/hooks/tenant/../platform/main",
            "/hooks/tenant/..%2fplatform/main",
            "/hooks/platform%2fmain",
            "/hooks/platform/main%00",
            "/hooks/platform/main;/tenant/own-hook",
            "/hooks/platform/main?/tenant/own-hook",
            "//hooks/platform/main",
            "/hooks//platform/main",
            "/hooks/platform/main/",
            "/HOOKS/platform/main")) {
      assertThat(post(path, secret)).as(path).isBetween(400, 499);
    }
    assertThat(cluster().all(SharedCluster.PLATFORM, "PreheatExecution")).hasSize(before);
  }

  /** Sends a push of the victim's project, with a path that no client makes better. */
  private int post(String path, String secret) throws Exception {
    String event =
        """
        {"type":"PUSH_ARTIFACT","occur_at":1760000000,"operator":"x","event_data":{"resources":[\
        {"digest":"%s","tag":"1","resource_url":"x"}],"repository":{"date_created":1,"name":"app",\
        "namespace":"shop","repo_full_name":"shop/app","repo_type":"private"}}}\
        """
            .formatted(Conducts.DIGEST);
    java.net.URI url = java.net.URI.create(cluster().world().operator().webhookUrl());
    try (java.net.Socket socket = new java.net.Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              ("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                      + "Authorization: %s\r\nContent-Length: %d\r\n\r\n%s")
                  .formatted(path, secret, event.length(), event)
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return answer.length() < 12 ? 0 : Integer.parseInt(answer.substring(9));
    }
  }
}
