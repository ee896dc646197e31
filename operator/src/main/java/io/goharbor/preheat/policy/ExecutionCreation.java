package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Creates executions whose names follow from what they are about, so that it may be repeated. */
public final class ExecutionCreation {
  private final KubernetesClient client;
  private final Denials denials;

  /**
   * Creates with the given client.
   *
   * @param denials are told what the cluster takes and what not
   */
  public ExecutionCreation(KubernetesClient client, Denials denials) {
    this.client = client;
    this.denials = denials;
  }

  /**
   * Creates an execution, or finds that it was created before. Not every 409 says so: a quota that
   * changes at the same time is one too, and so is an object of someone else under that name.
   *
   * @return whether it was created now
   * @throws NameTakenException when another object has the name
   * @throws KubernetesClientException when it was not created, or when that is not known
   */
  public boolean create(PreheatExecution execution) {
    try {
      client.resource(execution).create();
      policy(execution).ifPresent(denials::accepted);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getStatus() == null || !"AlreadyExists".equals(e.getStatus().getReason())) {
        Denial.of(e)
            .ifPresent(denial -> policy(execution).ifPresent(key -> denials.denied(key, denial)));
        throw e;
      }
      PreheatExecution there = client.resource(execution).get();
      if (there == null) {
        // Deleted in between: whoever tries again creates it.
        throw e;
      }
      if (!same(execution, there)) {
        throw new NameTakenException(
            "PreheatExecution "
                + ObjectKey.of(execution)
                + " exists, and is not of this policy or not about the same");
      }
      return false;
    }
  }

  private static Optional<ObjectKey> policy(PreheatExecution execution) {
    return execution.getSpec().policyRef() == null
        ? Optional.empty()
        : Optional.of(
            new ObjectKey(
                execution.getMetadata().getNamespace(), execution.getSpec().policyRef().name()));
  }

  /** Whether another is of the same policy, and about the same. */
  private static boolean same(PreheatExecution one, PreheatExecution other) {
    return owners(other).containsAll(owners(one))
        && Objects.equals(one.getSpec().policyRef(), other.getSpec().policyRef())
        && Objects.equals(one.getSpec().artifacts(), other.getSpec().artifacts())
        && one.getSpec().effectiveTrigger() == other.getSpec().effectiveTrigger();
  }

  private static List<String> owners(PreheatExecution execution) {
    return execution.getMetadata().getOwnerReferences().stream()
        .map(OwnerReference::getUid)
        .toList();
  }

  /** Another object has the name. */
  public static final class NameTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a sentence that names the object. */
    public NameTakenException(String message) {
      super(message);
    }
  }
}
