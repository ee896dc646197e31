package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.policy.Denial;
import io.goharbor.preheat.policy.ExecutionCreation;
import org.jspecify.annotations.Nullable;

/** Where executions are stored. */
@FunctionalInterface
public interface ExecutionStore {
  /**
   * Stores an execution; when it is stored already, that is as good.
   *
   * @throws RefusedException when it is refused until somebody changes something
   * @throws ExecutionCreation.NameTakenException when another object has its name
   * @throws RuntimeException when it could not be stored, or when that is not known
   */
  void store(PreheatExecution execution);

  /** The object is not taken, for what is in it or for what the cluster allows. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_WORDS = 500;

    private final boolean ofContent;

    /** Refused for what is in it. */
    public RefusedException(String message) {
      this(message, true, null);
    }

    /**
     * With the API server's words.
     *
     * @param ofContent whether it is for what is in the object, so that another may be taken
     * @param cause null: it was not asked
     */
    public RefusedException(String message, boolean ofContent, @Nullable Throwable cause) {
      super(message.length() > MAX_WORDS ? message.substring(0, MAX_WORDS) : message, cause);
      this.ofContent = ofContent;
    }

    /** Whether it is for what is in the object; else others are refused like it. */
    boolean ofContent() {
      return ofContent;
    }
  }

  /**
   * The API server.
   *
   * @param creation with a client whose request time-out is well under the three seconds that
   *     Harbor waits, and which makes no retries of its own
   */
  static ExecutionStore kubernetes(ExecutionCreation creation) {
    return execution -> {
      try {
        creation.create(execution);
      } catch (KubernetesClientException e) {
        Denial denial = Denial.of(e).orElseThrow(() -> e);
        throw new RefusedException(denial.words(), denial.ofContent(), e);
      }
    };
  }
}
