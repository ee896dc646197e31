package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.Retry;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes the execution that sends again what failed, when somebody annotates one that ended. */
final class Retries {
  /** Any new value of this annotation asks for a retry. */
  static final String ANNOTATION = "preheat.goharbor.io/retry";

  private final EventRecorder events;

  Retries(EventRecorder events) {
    this.events = events;
  }

  /** Makes it when it is asked for and was not made yet. */
  Optional<Retry> asked(PreheatExecution execution, KubernetesClient client) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    String request = annotations == null ? null : annotations.get(ANNOTATION);
    Retry made = Parts.status(execution).retry();
    if (request == null || (made != null && made.request().equals(request))) {
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
