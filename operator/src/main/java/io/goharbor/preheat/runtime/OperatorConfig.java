package io.goharbor.preheat.runtime;

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
 * environment variables, which win.
 *
 * @param webhook where webhooks are taken; port 0: a free one
 * @param webhookTls the certificate that the webhook server shows; null: plain HTTP
 * @param management where health and metrics are; port 0: a free one
 * @param namespaces namespaces to watch; empty: all
 * @param leaderElection whether only one of several replicas reconciles
 * @param leaseNamespace namespace of the Lease
 * @param sources texts of all values by key, by where they come from; no secrets
 */
public record OperatorConfig(
    InetSocketAddress webhook,
    @Nullable WebhookTls webhookTls,
    InetSocketAddress management,
    Set<String> namespaces,
    boolean leaderElection,
    String leaseNamespace,
    String leaseName,
    LeaseTimes leaseTimes,
    Work work,
    NamespaceLimits limits,
    HttpLimits http,
    IngestLimits ingest,
    Logging logging,
    Map<String, Map<String, String>> sources) {

  /**
   * Two PEM files.
   *
   * @param certificate with the chain
   */
  public record WebhookTls(Path certificate, Path key) {}

  /**
   * How leadership changes hands.
   *
   * @param duration how long after its holder was last heard of a Lease can be taken over
   * @param renewDeadline how long the leader tries to renew before it ends
   * @param retryPeriod how often a replica looks
   */
  public record LeaseTimes(Duration duration, Duration renewDeadline, Duration retryPeriod) {}

  /**
   * How much is done at the same time, and how long is waited.
   *
   * @param atOnce reconciliations at the same time
   * @param maxRetryDelay longest wait between tries of one that fails
   * @param stopWithin how long those under way may take at the end
   * @param listPage objects in a page of a list
   */
  public record Work(int atOnce, Duration maxRetryDelay, Duration stopWithin, int listPage) {}

  /**
   * How much one namespace may have done.
   *
   * @param registries HarborRegistry objects that are used
   * @param executions unfinished executions that are worked on
   * @param remote objects whose Harbor or provider is asked at the same time, of each kind
   */
  public record NamespaceLimits(int registries, int executions, RemoteWork.Limits remote) {}

  /**
   * What is logged and how.
   *
   * @param level level of the operator's own packages
   * @param format console or json
   * @param levels levels by logger
   */
  public record Logging(String level, String format, Map<String, String> levels) {}

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
    Configuration from = Configuration.read(environment);
    String certificate = from.get(ConfigKeys.WEBHOOK_CERT);
    return new OperatorConfig(
        address(from.get(ConfigKeys.WEBHOOK_ADDRESS), from.get(ConfigKeys.WEBHOOK_PORT)),
        certificate.isEmpty()
            ? null
            : new WebhookTls(Path.of(certificate), Path.of(from.get(ConfigKeys.WEBHOOK_KEY))),
        address(from.get(ConfigKeys.MANAGEMENT_ADDRESS), from.get(ConfigKeys.MANAGEMENT_PORT)),
        from.get(ConfigKeys.NAMESPACES),
        from.get(ConfigKeys.LEADER_ELECTION),
        from.get(ConfigKeys.LEASE_NAMESPACE),
        from.get(ConfigKeys.LEASE_NAME),
        new LeaseTimes(
            from.get(ConfigKeys.LEASE_DURATION),
            from.get(ConfigKeys.LEASE_RENEW),
            from.get(ConfigKeys.LEASE_RETRY)),
        new Work(
            from.get(ConfigKeys.RECONCILE_AT_ONCE),
            from.get(ConfigKeys.RECONCILE_RETRY),
            from.get(ConfigKeys.RECONCILE_STOP),
            from.get(ConfigKeys.LIST_PAGE)),
        new NamespaceLimits(
            from.get(ConfigKeys.LIMIT_REGISTRIES),
            from.get(ConfigKeys.LIMIT_EXECUTIONS),
            new RemoteWork.Limits(
                from.get(ConfigKeys.LIMIT_REMOTE), from.get(ConfigKeys.LIMIT_REMOTE_ALL))),
        new HttpLimits(
            from.get(ConfigKeys.HTTP_CALLS_PER_NAMESPACE),
            from.get(ConfigKeys.HTTP_CALLS_PER_HOST),
            from.get(ConfigKeys.HTTP_ANSWER_MEMORY)),
        new IngestLimits(
            from.get(ConfigKeys.WEBHOOK_CONNECTIONS),
            from.get(ConfigKeys.WEBHOOK_STRANGERS),
            from.get(ConfigKeys.WEBHOOK_REQUEST_TIME),
            Math.toIntExact(from.get(ConfigKeys.WEBHOOK_BODY)),
            from.get(ConfigKeys.WEBHOOK_BODIES),
            from.get(ConfigKeys.INGEST_API_TIMEOUT),
            from.get(ConfigKeys.INGEST_GATHER),
            from.get(ConfigKeys.INGEST_WRITES),
            from.get(ConfigKeys.INGEST_WAITING),
            from.get(ConfigKeys.INGEST_WAITING_MEMORY),
            from.get(ConfigKeys.INGEST_EVENT_MEMORY)),
        new Logging(
            from.get(ConfigKeys.LOG_LEVEL),
            from.get(ConfigKeys.LOG_FORMAT),
            from.get(ConfigKeys.LOG_LEVELS)),
        from.bySource());
  }

  private static InetSocketAddress address(String literal, int port) {
    return literal.isEmpty()
        ? new InetSocketAddress(port)
        : new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }
}
