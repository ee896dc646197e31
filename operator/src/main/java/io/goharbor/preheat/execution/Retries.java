package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.Retry;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.plan.ExecutionNames;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.PlanBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the execution that sends again what failed, when somebody annotates one that ended. */
final class Retries {
  /** Any new value of this annotation asks for a retry. */
  static final String ANNOTATION = "preheat.goharbor.io/retry";

  private final EventRecorder events;

  Retries(EventRecorder events) {
    this.events = events;
  }

  /** Whether one is asked for that was not made yet. */
  static boolean isAsked(PreheatExecution execution) {
    String request = request(execution);
    Retry made = Parts.status(execution).retry();
    return request != null && (made == null || !made.request().equals(request));
  }

  private static @Nullable String request(PreheatExecution execution) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(ANNOTATION);
  }

  /** Makes it when it is asked for and was not made yet. */
  Optional<Retry> asked(PreheatExecution execution, KubernetesClient client) {
    String request = request(execution);
    if (request == null || !isAsked(execution)) {
      return Optional.empty();
    }
    PreheatExecution retry = retry(execution, request);
    String name = retry.getMetadata().getName();
    try {
      client.resource(retry).create();
      events.normal(execution, Reason.RETRY_CREATED, "created " + name);
    } catch (KubernetesClientException e) {
      // Made before a crash.
      if (e.getStatus() == null || !"AlreadyExists".equals(e.getStatus().getReason())) {
        throw e;
      }
    }
    return Optional.of(new Retry(request, name));
  }

  /** Its name follows from the request, so that asking once makes one. */
  static PreheatExecution retry(PreheatExecution execution, String request) {
    String name = execution.getMetadata().getName();
    String suffix = PlanBuilder.hash(execution.getMetadata().getUid() + "\n" + request);
    PreheatExecution retry = new PreheatExecution();
    Map<String, String> labels = new HashMap<>();
    if (execution.getMetadata().getLabels() != null) {
      labels.putAll(execution.getMetadata().getLabels());
      labels.remove(Parts.LABEL);
    }
    retry.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(execution.getMetadata().getNamespace())
            .withName(ExecutionNames.shorten(name, 200) + "-retry-" + suffix.substring(0, 5))
            .withLabels(labels)
            .withOwnerReferences(
                execution.getSpec().partOf() != null
                    ? java.util.List.of()
                    : execution.getMetadata().getOwnerReferences())
            .build());
    retry.setSpec(execution.getSpec().retryOf(name));
    return retry;
  }
}
