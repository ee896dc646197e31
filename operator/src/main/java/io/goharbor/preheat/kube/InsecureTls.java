package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Tls;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in an object's conditions, and once in the log for each generation of it, that its server's
 * certificate is not verified. Of an object that verifies it there is no such condition.
 */
public final class InsecureTls {
  static final String CONDITION = "Insecure";

  private static final String MESSAGE =
      "spec.tls.insecureSkipVerify is true: certificates are not verified, so whoever answers gets"
          + " the credentials. Set spec.tls.caBundleRef instead.";

  private static final Logger log = LoggerFactory.getLogger(InsecureTls.class);

  private InsecureTls() {}

  /**
   * Sets the condition when it applies.
   *
   * @param object the key under which the object is named in the log, such as {@code registry}
   * @param before the conditions that stand; what is in them was logged
   */
  public static void report(
      String object,
      ObjectKey key,
      @Nullable Tls tls,
      @Nullable List<Condition> before,
      @Nullable Long generation,
      Conditions conditions) {
    if (tls == null || !tls.skipsVerification()) {
      return;
    }
    boolean logged =
        Conditions.find(before, CONDITION)
            .filter(condition -> Objects.equals(condition.getObservedGeneration(), generation))
            .isPresent();
    if (!logged) {
      log.atWarn().addKeyValue(object, key).log(MESSAGE);
    }
    conditions.set(CONDITION, true, Reason.INSECURE_SKIP_VERIFY, MESSAGE);
  }
}
