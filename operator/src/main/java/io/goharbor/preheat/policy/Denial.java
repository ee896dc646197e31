package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/**
 * The cluster does not take an execution: a validation, an admission rule, a quota, a missing
 * right. An API server that is away, late or busy denies nothing.
 *
 * @param ofContent whether it is about what is in the object, so that another one may be taken. A
 *     quota that is used up, a right that is missing and a namespace that ends are not, and may be
 *     otherwise at the next try
 * @param words those of the API server
 */
public record Denial(boolean ofContent, String words) {
  /** The denial in an answer; empty when it is none. */
  public static Optional<Denial> of(KubernetesClientException e) {
    String words = words(e);
    return switch (e.getCode()) {
      case 400, 413, 422 -> Optional.of(new Denial(true, words));
      case 429 -> Optional.empty();
      default ->
          e.getCode() >= 400 && e.getCode() < 500 && isOfWebhook(words)
              ? Optional.of(new Denial(true, words))
              : e.getCode() == 403 ? Optional.of(new Denial(false, words)) : Optional.empty();
    };
  }

  /**
   * An admission webhook chooses its code itself. The API server begins the words of each webhook
   * that denies so (apiserver, pkg/admission/plugin/webhook/errors).
   */
  private static boolean isOfWebhook(String words) {
    return words.startsWith("admission webhook \"") && words.contains("denied the request");
  }

  private static String words(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }
}
