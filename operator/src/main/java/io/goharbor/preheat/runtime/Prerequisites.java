package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.NamedResources;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What must be there before the caches can be filled: an API server, four kinds, and rights. */
final class Prerequisites {
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(HarborRegistry.class, P2PProvider.class, PreheatPolicy.class, PreheatExecution.class);

  /** Pauses between two checks; the last one is used again and again. */
  private static final List<Duration> PAUSES =
      Stream.of(1, 2, 5, 10).map(Duration::ofSeconds).toList();

  private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);

  private final KubernetesClient client;
  private final Set<String> namespaces;

  /**
   * Prerequisites that are looked for when asked.
   *
   * @param client whose requests end soon and are not retried
   * @param namespaces that are watched; empty: all
   */
  Prerequisites(KubernetesClient client, Set<String> namespaces) {
    this.client = client;
    this.namespaces = new TreeSet<>(namespaces);
  }

  /** Waits until all are there, and says what is missing; or until the operator stops. */
  void await(Health health) throws InterruptedException {
    String logged = null;
    for (int check = 0; !health.isStopping(); check++) {
      String missing = missing().orElse(null);
      if (missing == null) {
        return;
      }
      health.waitsFor(missing);
      if (!missing.equals(logged)) {
        log.atWarn().log("Waiting: {}", missing);
        logged = missing;
      }
      Thread.sleep(PAUSES.get(Math.min(check, PAUSES.size() - 1)));
    }
  }

  /** The first that is missing, as a sentence with the cure; empty: all are there. */
  Optional<String> missing() {
    for (Class<? extends HasMetadata> kind : KINDS) {
      if (namespaces.isEmpty()) {
        Optional<String> missing = missing(kind, null);
        if (missing.isPresent()) {
          return missing;
        }
      }
      for (String namespace : namespaces) {
        Optional<String> missing = missing(kind, namespace);
        if (missing.isPresent()) {
          return missing;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> missing(Class<? extends HasMetadata> kind, @Nullable String namespace) {
    try {
      var of = client.resources(kind);
      ListOptions one = new ListOptionsBuilder().withLimit(1L).build();
      var _ =
          namespace == null
              ? of.inAnyNamespace().list(one)
              : NamedResources.in(of, namespace).list(one);
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(sentence(kind, namespace, e));
    }
  }

  private String sentence(
      Class<? extends HasMetadata> kind, @Nullable String namespace, KubernetesClientException e) {
    String plural = HasMetadata.getFullResourceName(kind);
    return switch (e.getCode()) {
      case 401 ->
          "the Kubernetes API does not accept this account's credentials; look at the token or"
              + " kubeconfig that the operator runs with";
      case 403 ->
          "this account may not list "
              + plural
              + (namespace == null ? " in all namespaces" : " in namespace " + namespace)
              + "; bind the operator's ClusterRole to it there, as the chart does, or correct"
              + " the list of watched namespaces";
      case 404 ->
          "the CustomResourceDefinition " + plural + " is not there; apply the chart's CRDs";
      case 0, -1 ->
          "the Kubernetes API at " + client.getMasterUrl() + " does not answer: " + root(e);
      default ->
          "the Kubernetes API at "
              + client.getMasterUrl()
              + " answered "
              + e.getCode()
              + " when asked for "
              + plural
              + "; look at its log";
    };
  }

  /** The message that says most is the innermost. */
  private static String root(Throwable e) {
    Throwable cause = e;
    for (Throwable next = e; next != null; next = next.getCause()) {
      cause = next;
    }
    return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
  }
}
