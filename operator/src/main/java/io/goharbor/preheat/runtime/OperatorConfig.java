package io.goharbor.preheat.runtime;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operator's own configuration, from environment variables that begin with {@code PREHEAT_}.
 *
 * @param webhookPort port of the webhook server; 0: a free one
 * @param webhookTls the certificate that the webhook server shows; null: plain HTTP
 * @param managementPort port of health and metrics; 0: a free one
 * @param namespaces namespaces to watch; empty: all
 * @param leaderElection whether only one of several replicas reconciles
 * @param leaseNamespace namespace of the Lease
 */
public record OperatorConfig(
    int webhookPort,
    @Nullable WebhookTls webhookTls,
    int managementPort,
    Set<String> namespaces,
    boolean leaderElection,
    String leaseNamespace,
    String leaseName) {

  private static final String WEBHOOK_TLS_CERT_FILE = "PREHEAT_WEBHOOK_TLS_CERT_FILE";
  private static final String WEBHOOK_TLS_KEY_FILE = "PREHEAT_WEBHOOK_TLS_KEY_FILE";

  private static final Set<String> KNOWN =
      Set.of(
          "PREHEAT_WEBHOOK_PORT",
          WEBHOOK_TLS_CERT_FILE,
          WEBHOOK_TLS_KEY_FILE,
          "PREHEAT_MANAGEMENT_PORT",
          "PREHEAT_NAMESPACES",
          "PREHEAT_LEADER_ELECTION",
          "PREHEAT_LEASE_NAME",
          "PREHEAT_LOG_LEVEL",
          "PREHEAT_LOG_FORMAT");

  /**
   * Two PEM files.
   *
   * @param certificate with the chain
   */
  public record WebhookTls(Path certificate, Path key) {}

  /** A value that cannot be used; the message names the variable. */
  public static final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
      super(message);
    }
  }

  /**
   * Reads the configuration.
   *
   * @throws ConfigException naming the variable that is not known or cannot be used
   */
  public static OperatorConfig from(Map<String, String> environment) {
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith("PREHEAT_")
          && !KNOWN.contains(name)
          && !isServiceLink(name, environment.get(name))) {
        throw new ConfigException(
            name + " is not known; known are " + String.join(", ", new TreeSet<>(KNOWN)));
      }
    }
    return new OperatorConfig(
        port(environment, "PREHEAT_WEBHOOK_PORT", 8080),
        webhookTls(
            environment.getOrDefault(WEBHOOK_TLS_CERT_FILE, "").strip(),
            environment.getOrDefault(WEBHOOK_TLS_KEY_FILE, "").strip()),
        port(environment, "PREHEAT_MANAGEMENT_PORT", 8081),
        Arrays.stream(environment.getOrDefault("PREHEAT_NAMESPACES", "").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new)),
        bool(environment, "PREHEAT_LEADER_ELECTION", true),
        environment.getOrDefault("POD_NAMESPACE", "default"),
        environment.getOrDefault("PREHEAT_LEASE_NAME", "harbor-preheat-operator"));
  }

  private static @Nullable WebhookTls webhookTls(String certificate, String key) {
    if (certificate.isEmpty() != key.isEmpty()) {
      throw new ConfigException(
          WEBHOOK_TLS_CERT_FILE
              + " and "
              + WEBHOOK_TLS_KEY_FILE
              + " must be set together, or neither of them");
    }
    return certificate.isEmpty() ? null : new WebhookTls(Path.of(certificate), Path.of(key));
  }

  /** Kubernetes sets such variables for a Service whose name begins with "preheat". */
  private static boolean isServiceLink(String name, @Nullable String value) {
    return name.endsWith("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.matches("PREHEAT_.*PORT_[0-9]+_(TCP|UDP).*")
        || (name.endsWith("_PORT") && value != null && value.matches("(tcp|udp)://.*"));
  }

  private static int port(Map<String, String> environment, String name, int otherwise) {
    String text = environment.get(name);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    if (!text.strip().matches("[0-9]{1,5}") || Integer.parseInt(text.strip()) > 65535) {
      throw new ConfigException(name + " must be a port from 0 to 65535, not '" + text + "'");
    }
    return Integer.parseInt(text.strip());
  }

  private static boolean bool(Map<String, String> environment, String name, boolean otherwise) {
    String text = environment.get(name);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(name + " must be true or false, not '" + text + "'");
    };
  }
}
