package io.goharbor.preheat.runtime;

import static io.goharbor.preheat.runtime.ConfigType.ADDRESS;
import static io.goharbor.preheat.runtime.ConfigType.BOOLEAN;
import static io.goharbor.preheat.runtime.ConfigType.BYTES;
import static io.goharbor.preheat.runtime.ConfigType.COUNT;
import static io.goharbor.preheat.runtime.ConfigType.DURATION;
import static io.goharbor.preheat.runtime.ConfigType.FILE;
import static io.goharbor.preheat.runtime.ConfigType.FORMAT;
import static io.goharbor.preheat.runtime.ConfigType.LEVEL;
import static io.goharbor.preheat.runtime.ConfigType.LEVELS;
import static io.goharbor.preheat.runtime.ConfigType.NAME;
import static io.goharbor.preheat.runtime.ConfigType.NAMES;
import static io.goharbor.preheat.runtime.ConfigType.PORT;

import io.goharbor.preheat.http.HttpLimits;
import io.goharbor.preheat.ingest.IngestLimits;
import io.goharbor.preheat.kube.RemoteWork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operator's own configuration, from the file that {@code PREHEAT_CONFIG_FILE} names and from
 * environment variables, which win. The records have the layout of the file, and their Javadoc is
 * the source of docs/configuration.md.
 *
 * @param namespaces Namespaces to watch, in the variable with commas; empty: all.
 * @param sources values in use as they are written, by key, by where they come from; no secrets
 */
public record OperatorConfig(
    Webhook webhook,
    Management management,
    @Setting(type = NAMES) Set<String> namespaces,
    Election leaderElection,
    Reconcile reconcile,
    Limits limits,
    Http http,
    Kubernetes kubernetes,
    Ingest ingest,
    Logging logging,
    Map<String, Map<String, String>> sources) {

  /**
   * The webhook server.
   *
   * @param port Port of the webhook server; 0: a free one.
   * @param bindAddress IP address on which webhooks are taken; empty: all of the pod.
   * @param maxConnections Webhook connections at the same time. When all are taken, the one that
   *     has waited longest without a valid {@code Authorization} gives way to a new one.
   * @param maxUnauthenticatedPerAddress Of these, how many from one address (IPv6: one network of
   *     64 bits) may have sent no valid {@code Authorization} yet; the oldest beyond are closed. An
   *     Ingress or a NAT is one address.
   * @param requestTimeout How long a request may take to arrive, header and body, whatever is sent
   *     meanwhile; the first of a connection with its TLS handshake.
   * @param maxBody Longest body of an event.
   * @param bodyMemory Heap for bodies that are read at the same time.
   */
  public record Webhook(
      @Setting(type = PORT, byDefault = "8080", from = "0", to = "65535") int port,
      @Setting(type = ADDRESS) @Nullable InetAddress bindAddress,
      Tls tls,
      @Setting(type = COUNT, byDefault = "512", from = "8", to = "65536") int maxConnections,
      @Setting(type = COUNT, byDefault = "256", from = "1", to = "65536")
          int maxUnauthenticatedPerAddress,
      @Setting(type = DURATION, byDefault = "5s", from = "1s", to = "60s") Duration requestTimeout,
      @Setting(type = BYTES, byDefault = "1Mi", from = "4Ki", to = "16Mi") long maxBody,
      @Setting(type = BYTES, byDefault = "16Mi", from = "1Mi", to = "1Gi") long bodyMemory) {
    /** Where the server listens. */
    InetSocketAddress address() {
      return new InetSocketAddress(bindAddress, port);
    }
  }

  /**
   * The certificate that the webhook server shows; both files are set, or neither is.
   *
   * @param certFile PEM file with the certificate chain; with {@code webhook.tls.keyFile} webhooks
   *     are served over HTTPS only.
   * @param keyFile PEM file with the private key.
   */
  public record Tls(
      @Setting(type = FILE) @Nullable Path certFile,
      @Setting(type = FILE) @Nullable Path keyFile) {}

  /**
   * The server of health and metrics.
   *
   * @param port Port of {@code /livez}, {@code /readyz} and {@code /metrics}; 0: a free one.
   * @param bindAddress IP address of health and metrics; empty: all of the pod. The kubelet and
   *     Prometheus call the address of the pod.
   */
  public record Management(
      @Setting(type = PORT, byDefault = "8081", from = "0", to = "65535") int port,
      @Setting(type = ADDRESS) @Nullable InetAddress bindAddress) {
    /** Where the server listens. */
    InetSocketAddress address() {
      return new InetSocketAddress(bindAddress, port);
    }
  }

  /**
   * Which replica leads.
   *
   * @param enabled Whether only one of several replicas reconciles.
   * @param leaseName Name of the Lease.
   * @param leaseNamespace Namespace of the Lease.
   * @param leaseDuration How long after its holder was last heard of a Lease can be taken over.
   * @param renewDeadline How long the leader tries to renew before it ends; less than {@code
   *     leaseDuration}.
   * @param retryPeriod How often a replica looks at the Lease; less than {@code renewDeadline}.
   */
  public record Election(
      @Setting(type = BOOLEAN, byDefault = "true", variable = "PREHEAT_LEADER_ELECTION")
          boolean enabled,
      @Setting(type = NAME, byDefault = "harbor-preheat-operator", variable = "PREHEAT_LEASE_NAME")
          String leaseName,
      @Setting(type = NAME, byDefault = "default", variable = "POD_NAMESPACE")
          String leaseNamespace,
      @Setting(type = DURATION, byDefault = "15s", from = "2s", to = "10m") Duration leaseDuration,
      @Setting(type = DURATION, byDefault = "10s", from = "1s", to = "10m") Duration renewDeadline,
      @Setting(type = DURATION, byDefault = "2s", from = "200ms", to = "5m")
          Duration retryPeriod) {}

  /**
   * The reconciliations.
   *
   * @param atOnce Reconciliations at the same time; each is a virtual thread. None waits for a
   *     Harbor or a provider.
   * @param maxRetryDelay Longest wait between tries of a reconciliation that fails; the first is a
   *     second.
   * @param stopWithin How long reconciliations under way may take when the operator stops.
   */
  public record Reconcile(
      @Setting(type = COUNT, byDefault = "128", from = "1", to = "4096") int atOnce,
      @Setting(type = DURATION, byDefault = "30s", from = "1s", to = "1h") Duration maxRetryDelay,
      @Setting(type = DURATION, byDefault = "10s", from = "0s", to = "10m") Duration stopWithin) {}

  /**
   * How much one namespace may have done.
   *
   * @param registriesPerNamespace HarborRegistry objects of a namespace that are used; younger ones
   *     report {@code NamespaceLimit}.
   * @param executionsPerNamespace Unfinished executions of a namespace that are worked on; younger
   *     ones wait and report {@code NamespaceLimit}. A run and its parts are one.
   * @param remotePerNamespace Objects of a namespace whose Harbor or provider is asked at the same
   *     time: as many registries, as many providers, as many executions that are planned. Others of
   *     that namespace wait.
   * @param remoteAtOnce The same for all namespaces together; beyond it the namespace with the
   *     fewest goes first.
   */
  public record Limits(
      @Setting(type = COUNT, byDefault = "50", from = "1", to = "100000")
          int registriesPerNamespace,
      @Setting(type = COUNT, byDefault = "10000", from = "1", to = "1000000")
          int executionsPerNamespace,
      @Setting(type = COUNT, byDefault = "32", from = "1", to = "4096") int remotePerNamespace,
      @Setting(type = COUNT, byDefault = "1024", from = "1", to = "65536") int remoteAtOnce) {
    RemoteWork.Limits remote() {
      return new RemoteWork.Limits(remotePerNamespace, remoteAtOnce);
    }
  }

  /**
   * Calls to Harbors and providers.
   *
   * @param callsPerNamespace Calls to Harbors and providers at the same time, of one namespace.
   * @param callsPerHost Calls to Harbors and providers at the same time, to one host and port.
   * @param answerMemory Heap for answers of Harbors and providers that are being read; half of it
   *     for one answer, one namespace and one host.
   */
  public record Http(
      @Setting(type = COUNT, byDefault = "64", from = "1", to = "4096") int callsPerNamespace,
      @Setting(type = COUNT, byDefault = "32", from = "1", to = "4096") int callsPerHost,
      @Setting(type = BYTES, byDefault = "32Mi", from = "8Mi", to = "4Gi") long answerMemory) {}

  /**
   * Calls to the Kubernetes API.
   *
   * @param listPage Objects in a page when the caches are filled; more is faster and takes more
   *     memory.
   */
  public record Kubernetes(
      @Setting(type = COUNT, byDefault = "500", from = "10", to = "10000") int listPage) {}

  /**
   * Events between their arrival and the API server.
   *
   * @param apiTimeout How long storing an event may take; Harbor hangs up after three seconds.
   * @param gather How long the first event of a group waits for others, which go into the same
   *     object.
   * @param writesAtOnce Groups stored at the same time.
   * @param maxWaiting Events that may wait for a group; more are answered 503.
   * @param waitingMemory Heap for events that are not stored yet; more are answered 503.
   * @param eventMemory Heap for what tells redeliveries of the last ten minutes apart, 200 bytes an
   *     event.
   */
  public record Ingest(
      @Setting(type = DURATION, byDefault = "2s", from = "100ms", to = "2500ms")
          Duration apiTimeout,
      @Setting(type = DURATION, byDefault = "25ms", from = "0ms", to = "1s") Duration gather,
      @Setting(type = COUNT, byDefault = "16", from = "1", to = "1024") int writesAtOnce,
      @Setting(type = COUNT, byDefault = "4096", from = "1", to = "1000000") int maxWaiting,
      @Setting(type = BYTES, byDefault = "32Mi", from = "1Mi", to = "4Gi") long waitingMemory,
      @Setting(type = BYTES, byDefault = "24Mi", from = "1Mi", to = "4Gi") long eventMemory) {}

  /**
   * What is logged and how.
   *
   * @param level What the operator logs: off, error, warn, info, debug, trace. Its libraries log
   *     warnings and errors.
   * @param format {@code console} for people, {@code json} for machines, one object a line.
   * @param levels Levels by package, such as {@code io.goharbor.preheat.harbor: debug}; in the
   *     variable as {@code package=level} with commas.
   */
  public record Logging(
      @Setting(type = LEVEL, byDefault = "info", variable = "PREHEAT_LOG_LEVEL") String level,
      @Setting(type = FORMAT, byDefault = "console", variable = "PREHEAT_LOG_FORMAT") String format,
      @Setting(type = LEVELS, variable = "PREHEAT_LOG_LEVELS") Map<String, String> levels) {}

  /** What cannot be used; the message names key or variable and what to write instead. */
  public static final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ConfigException(List<String> problems) {
      super(
          problems.size() == 1
              ? problems.getFirst()
              : "the configuration has "
                  + problems.size()
                  + " problems:\n  - "
                  + String.join("\n  - ", problems));
    }
  }

  /**
   * Reads the configuration.
   *
   * @throws ConfigException naming all that is not known or cannot be used
   */
  public static OperatorConfig from(Map<String, String> environment) {
    return new Configuration(environment).read();
  }

  HttpLimits httpLimits() {
    return new HttpLimits(http.callsPerNamespace, http.callsPerHost, http.answerMemory);
  }

  IngestLimits ingestLimits() {
    return new IngestLimits(
        webhook.maxConnections,
        webhook.maxUnauthenticatedPerAddress,
        webhook.requestTimeout,
        Math.toIntExact(webhook.maxBody),
        webhook.bodyMemory,
        ingest.apiTimeout,
        ingest.gather,
        ingest.writesAtOnce,
        ingest.maxWaiting,
        ingest.waitingMemory,
        ingest.eventMemory);
  }
}
