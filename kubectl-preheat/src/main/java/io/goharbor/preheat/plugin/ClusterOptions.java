package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.Patterns;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, as kubectl's options of the same names say it. */
final class ClusterOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Kubeconfig. Absent: those of KUBECONFIG, else ~/.kube/config.")
  private @Nullable Path kubeconfig;

  @Option(names = "--context", paramLabel = "NAME", description = "Context of the kubeconfig.")
  private @Nullable String context;

  @Option(names = "--cluster", paramLabel = "NAME", description = "Cluster of the kubeconfig.")
  private @Nullable String cluster;

  @Option(names = "--user", paramLabel = "NAME", description = "User of the kubeconfig.")
  private @Nullable String user;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Namespace. Absent: that of the context.")
  private @Nullable String namespace;

  @Option(names = "--as", paramLabel = "USER", description = "User to act as.")
  private @Nullable String as;

  @Option(names = "--as-group", paramLabel = "GROUP", description = "Group to act as; repeatable.")
  private List<String> asGroups = List.of();

  @Option(
      names = "--request-timeout",
      paramLabel = "DURATION",
      description = "Time for one answer of the API server. Default: 20s.")
  private String requestTimeout = "20s";

  private final Map<String, String> environment;

  ClusterOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Opens the connection; nothing is sent yet. */
  Cluster open() throws PluginFailure {
    Duration limit;
    try {
      limit = DurationText.parse(requestTimeout);
    } catch (IllegalArgumentException e) {
      throw PluginFailure.usage("--request-timeout: " + e.getMessage());
    }
    if (namespace != null && !namespace.matches(Patterns.NAMESPACE)) {
      throw PluginFailure.usage("--namespace: '" + namespace + "' is not a name of a namespace");
    }
    Optional<Kubeconfig> files = Kubeconfig.read(kubeconfig, environment);
    if (files.isEmpty() && environment.get("KUBERNETES_SERVICE_HOST") == null) {
      throw PluginFailure.usage(
          "there is no kubeconfig: neither ~/.kube/config nor KUBECONFIG; name one with"
              + " --kubeconfig");
    }
    Config config;
    String name;
    if (files.isPresent()) {
      Kubeconfig.Chosen chosen =
          files.get().choose(new Kubeconfig.Choice(context, cluster, user, namespace));
      config = Config.fromKubeconfig(chosen.yaml());
      name = chosen.user();
    } else {
      // In a pod: its service account.
      config = Config.autoConfigure(null);
      name = "the pod's service account";
    }
    ConfigBuilder builder =
        new ConfigBuilder(config)
            .withRequestTimeout((int) limit.toMillis())
            .withConnectionTimeout((int) Math.min(limit.toMillis(), 10_000))
            // A person waits: what fails is to be told at once.
            .withRequestRetryBackoffLimit(0);
    if (namespace != null) {
      builder.withNamespace(namespace);
    }
    if (as != null) {
      builder.withImpersonateUsername(as);
    }
    if (!asGroups.isEmpty()) {
      builder.withImpersonateGroups(asGroups.toArray(String[]::new));
    }
    return new Cluster(builder.build(), as == null ? name : as);
  }

  /** The contexts among which {@code --context} chooses. */
  List<String> contexts() throws PluginFailure {
    return Kubeconfig.read(kubeconfig, environment).map(Kubeconfig::contextNames).orElse(List.of());
  }
}
