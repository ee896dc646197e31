package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;

/** Where executions are stored. */
@FunctionalInterface
public interface ExecutionStore {
  /**
   * Stores an execution; one of that name that is stored already is as good.
   *
   * @throws RefusedException when it will be refused each time
   * @throws RuntimeException when it could not be stored, or when that is not known
   */
  void store(PreheatExecution execution);

  /** The API server does not take the object as it is; another may be taken. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the API server's words. */
    public RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The API server.
   *
   * @param client with a request time-out well under the three seconds that Harbor waits, and
   *     without retries of its own
   */
  static ExecutionStore kubernetes(KubernetesClient client) {
    return execution -> {
      try {
        client.resource(execution).create();
      } catch (KubernetesClientException e) {
        // The code alone does not tell: a quota that changes at the same time is a 409 too.
        boolean stored = e.getStatus() != null && "AlreadyExists".equals(e.getStatus().getReason());
        if (stored) {
          return;
        }
        if (e.getCode() == 400 || e.getCode() == 413 || e.getCode() == 422) {
          throw new RefusedException(String.valueOf(e.getMessage()), e);
        }
        throw e;
      }
    };
  }
}
