package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.policy.ExecutionCreation;
import org.jspecify.annotations.Nullable;

/** Where executions are stored. */
@FunctionalInterface
public interface ExecutionStore {
  /**
   * Stores an execution; when it is stored already, that is as good.
   *
   * @throws RefusedException when it will be refused each time
   * @throws ExecutionCreation.NameTakenException when another object has its name
   * @throws RuntimeException when it could not be stored, or when that is not known
   */
  void store(PreheatExecution execution);

  /** The object is not taken as it is; another may be taken. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_WORDS = 500;

    /**
     * With the API server's words.
     *
     * @param cause null: it was not asked
     */
    public RefusedException(String message, @Nullable Throwable cause) {
      super(message.length() > MAX_WORDS ? message.substring(0, MAX_WORDS) : message, cause);
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
        ExecutionCreation.create(client, execution);
      } catch (KubernetesClientException e) {
        if (concernsContent(e)) {
          throw new RefusedException(words(e), e);
        }
        throw e;
      }
    };
  }

  /**
   * Whether the answer is about what is in the object. A quota that is used up, a right that is
   * missing and a namespace that ends are 403 too, and may be otherwise at the next try; so may all
   * that an overloaded server says. An admission webhook chooses its code itself.
   */
  private static boolean concernsContent(KubernetesClientException e) {
    return switch (e.getCode()) {
      case 400, 413, 422 -> true;
      // The API server begins the words of each webhook that denies so (apiserver,
      // pkg/admission/plugin/webhook/errors).
      default ->
          e.getCode() >= 400
              && e.getCode() < 500
              && e.getCode() != 429
              && words(e).startsWith("admission webhook \"")
              && words(e).contains("denied the request");
    };
  }

  private static String words(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }
}
