package io.goharbor.preheat.runtime;

import static io.goharbor.preheat.runtime.ConfigTypes.address;
import static io.goharbor.preheat.runtime.ConfigTypes.bool;
import static io.goharbor.preheat.runtime.ConfigTypes.bytes;
import static io.goharbor.preheat.runtime.ConfigTypes.count;
import static io.goharbor.preheat.runtime.ConfigTypes.duration;
import static io.goharbor.preheat.runtime.ConfigTypes.file;
import static io.goharbor.preheat.runtime.ConfigTypes.levels;
import static io.goharbor.preheat.runtime.ConfigTypes.name;
import static io.goharbor.preheat.runtime.ConfigTypes.names;
import static io.goharbor.preheat.runtime.ConfigTypes.oneOf;
import static io.goharbor.preheat.runtime.ConfigTypes.port;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** All keys of the configuration; the page of the documentation is made of them. */
final class ConfigKeys {
  private static final List<ConfigKey<?>> KEYS = new ArrayList<>();
  private static final List<String> LEVELS =
      List.of("off", "error", "warn", "info", "debug", "trace");

  static final ConfigKey<Integer> WEBHOOK_PORT =
      key("webhook.port", port(), "8080", "Port of the webhook server; 0: a free one.");
  static final ConfigKey<String> WEBHOOK_ADDRESS =
      key(
          "webhook.bindAddress",
          address(),
          "",
          "IP address on which webhooks are taken; empty: all of the pod.");
  static final ConfigKey<String> WEBHOOK_CERT =
      key(
          "webhook.tls.certFile",
          file(),
          "",
          "PEM file with the certificate chain; with `webhook.tls.keyFile` webhooks are served"
              + " over HTTPS only.");
  static final ConfigKey<String> WEBHOOK_KEY =
      key("webhook.tls.keyFile", file(), "", "PEM file with the private key.");
  static final ConfigKey<Integer> WEBHOOK_CONNECTIONS =
      key(
          "webhook.maxConnections",
          count(8, 65536),
          "512",
          "Webhook connections at the same time. When all are taken, the one that has waited"
              + " longest without a valid `Authorization` gives way to a new one.");
  static final ConfigKey<Integer> WEBHOOK_STRANGERS =
      key(
          "webhook.maxUnauthenticatedPerAddress",
          count(1, 65536),
          "256",
          "Of these, how many from one address (IPv6: one network of 64 bits) may have sent no"
              + " valid `Authorization` yet; the oldest beyond are closed. An Ingress or a NAT is"
              + " one address.");
  static final ConfigKey<Duration> WEBHOOK_REQUEST_TIME =
      key(
          "webhook.requestTimeout",
          duration("1s", "60s"),
          "5s",
          "How long a request may take to arrive, header and body, whatever is sent meanwhile; the"
              + " first of a connection with its TLS handshake.");
  static final ConfigKey<Long> WEBHOOK_BODY =
      key("webhook.maxBody", bytes("4Ki", "16Mi"), "1Mi", "Longest body of an event.");
  static final ConfigKey<Long> WEBHOOK_BODIES =
      key(
          "webhook.bodyMemory",
          bytes("1Mi", "1Gi"),
          "16Mi",
          "Heap for bodies that are read at the same time.");
  static final ConfigKey<Integer> MANAGEMENT_PORT =
      key(
          "management.port",
          port(),
          "8081",
          "Port of `/livez`, `/readyz` and `/metrics`; 0: a free one.");
  static final ConfigKey<String> MANAGEMENT_ADDRESS =
      key(
          "management.bindAddress",
          address(),
          "",
          "IP address of health and metrics; empty: all of the pod. The kubelet and Prometheus call"
              + " the address of the pod.");
  static final ConfigKey<Set<String>> NAMESPACES =
      key(
          "namespaces",
          names(),
          "",
          "Namespaces to watch, in the variable with commas; empty: all.");
  static final ConfigKey<Boolean> LEADER_ELECTION =
      key(
          "leaderElection.enabled",
          "PREHEAT_LEADER_ELECTION",
          bool(),
          "true",
          "Whether only one of several replicas reconciles.");
  static final ConfigKey<String> LEASE_NAME =
      key(
          "leaderElection.leaseName",
          "PREHEAT_LEASE_NAME",
          name(),
          "harbor-preheat-operator",
          "Name of the Lease.");
  static final ConfigKey<String> LEASE_NAMESPACE =
      key(
          "leaderElection.leaseNamespace",
          "POD_NAMESPACE",
          name(),
          "default",
          "Namespace of the Lease.");
  static final ConfigKey<Duration> LEASE_DURATION =
      key(
          "leaderElection.leaseDuration",
          duration("2s", "10m"),
          "15s",
          "How long after its holder was last heard of a Lease can be taken over.");
  static final ConfigKey<Duration> LEASE_RENEW =
      key(
          "leaderElection.renewDeadline",
          duration("1s", "10m"),
          "10s",
          "How long the leader tries to renew before it ends; less than `leaseDuration`.");
  static final ConfigKey<Duration> LEASE_RETRY =
      key(
          "leaderElection.retryPeriod",
          duration("200ms", "5m"),
          "2s",
          "How often a replica looks at the Lease; less than `renewDeadline`.");
  static final ConfigKey<Integer> RECONCILE_AT_ONCE =
      key(
          "reconcile.atOnce",
          count(1, 4096),
          "128",
          "Reconciliations at the same time; each is a virtual thread. None waits for a Harbor or a"
              + " provider.");
  static final ConfigKey<Duration> RECONCILE_RETRY =
      key(
          "reconcile.maxRetryDelay",
          duration("1s", "1h"),
          "30s",
          "Longest wait between tries of a reconciliation that fails; the first is half a second.");
  static final ConfigKey<Duration> RECONCILE_STOP =
      key(
          "reconcile.stopWithin",
          duration("0s", "10m"),
          "10s",
          "How long reconciliations under way may take when the operator stops.");
  static final ConfigKey<Integer> LIMIT_REGISTRIES =
      key(
          "limits.registriesPerNamespace",
          count(1, 100_000),
          "50",
          "HarborRegistry objects of a namespace that are used; younger ones report"
              + " `NamespaceLimit`.");
  static final ConfigKey<Integer> LIMIT_EXECUTIONS =
      key(
          "limits.executionsPerNamespace",
          count(1, 1_000_000),
          "10000",
          "Unfinished executions of a namespace that are worked on; younger ones wait and report"
              + " `NamespaceLimit`. A run and its parts are one.");
  static final ConfigKey<Integer> LIMIT_REMOTE =
      key(
          "limits.remotePerNamespace",
          count(1, 4096),
          "32",
          "Objects of a namespace whose Harbor or provider is asked at the same time: as many"
              + " registries, as many providers, as many executions that are planned. Others of"
              + " that namespace wait.");
  static final ConfigKey<Integer> LIMIT_REMOTE_ALL =
      key(
          "limits.remoteAtOnce",
          count(1, 65536),
          "1024",
          "The same for all namespaces together; beyond it the namespace with the fewest goes"
              + " first.");
  static final ConfigKey<Integer> HTTP_CALLS_PER_NAMESPACE =
      key(
          "http.callsPerNamespace",
          count(1, 4096),
          "64",
          "Calls to Harbors and providers at the same time, of one namespace.");
  static final ConfigKey<Integer> HTTP_CALLS_PER_HOST =
      key(
          "http.callsPerHost",
          count(1, 4096),
          "32",
          "Calls to Harbors and providers at the same time, to one host and port.");
  static final ConfigKey<Long> HTTP_ANSWER_MEMORY =
      key(
          "http.answerMemory",
          bytes("8Mi", "4Gi"),
          "32Mi",
          "Heap for answers of Harbors and providers that are being read; half of it for one"
              + " answer, one namespace and one host.");
  static final ConfigKey<Integer> LIST_PAGE =
      key(
          "kubernetes.listPage",
          count(10, 10000),
          "500",
          "Objects in a page when the caches are filled; more is faster and takes more memory.");
  static final ConfigKey<Duration> INGEST_API_TIMEOUT =
      key(
          "ingest.apiTimeout",
          duration("100ms", "2500ms"),
          "2s",
          "How long storing an event may take; Harbor hangs up after three seconds.");
  static final ConfigKey<Duration> INGEST_GATHER =
      key(
          "ingest.gather",
          duration("0ms", "1s"),
          "25ms",
          "How long the first event of a group waits for others, which go into the same object.");
  static final ConfigKey<Integer> INGEST_WRITES =
      key("ingest.writesAtOnce", count(1, 1024), "16", "Groups stored at the same time.");
  static final ConfigKey<Integer> INGEST_WAITING =
      key(
          "ingest.maxWaiting",
          count(1, 1_000_000),
          "4096",
          "Events that may wait for a group; more are answered 503.");
  static final ConfigKey<Long> INGEST_WAITING_MEMORY =
      key(
          "ingest.waitingMemory",
          bytes("1Mi", "4Gi"),
          "32Mi",
          "Heap for events that are not stored yet; more are answered 503.");
  static final ConfigKey<Long> INGEST_EVENT_MEMORY =
      key(
          "ingest.eventMemory",
          bytes("1Mi", "4Gi"),
          "24Mi",
          "Heap for what tells redeliveries of the last ten minutes apart, 200 bytes an event.");
  static final ConfigKey<String> LOG_LEVEL =
      key(
          "logging.level",
          "PREHEAT_LOG_LEVEL",
          oneOf(LEVELS.toArray(String[]::new)),
          "info",
          "What the operator logs: "
              + String.join(", ", LEVELS)
              + ". Its libraries log warnings and errors.");
  static final ConfigKey<String> LOG_FORMAT =
      key(
          "logging.format",
          "PREHEAT_LOG_FORMAT",
          oneOf("console", "json"),
          "console",
          "`console` for people, `json` for machines, one object a line.");
  static final ConfigKey<Map<String, String>> LOG_LEVELS =
      key(
          "logging.levels",
          "PREHEAT_LOG_LEVELS",
          levels(LEVELS),
          "",
          "Levels by package, such as `io.goharbor.preheat.harbor: debug`; in the variable as"
              + " `package=level` with commas.");

  static final List<ConfigKey<?>> ALL = List.copyOf(KEYS);

  private ConfigKeys() {}

  private static <T> ConfigKey<T> key(
      String name, ConfigType<T> type, String otherwise, String about) {
    String snake = name.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2");
    return key(name, "PREHEAT_" + snake.toUpperCase(Locale.ROOT), type, otherwise, about);
  }

  private static <T> ConfigKey<T> key(
      String name, String variable, ConfigType<T> type, String otherwise, String about) {
    ConfigKey<T> key = new ConfigKey<>(name, variable, type, otherwise, about);
    KEYS.add(key);
    return key;
  }
}
