package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Which events are in an execution. A mark stands for one event's artifact and one policy; each
 * execution carries those of its events, so that any replica, and an operator that was restarted,
 * knows a redelivery from what is stored.
 */
final class EventFingerprints {
  /** Annotation with the marks of an execution's events, separated by commas. */
  static final String ANNOTATION = "preheat.goharbor.io/events";

  // 72 bits, so twelve letters: among a million marks, two are the same once in ten billion times.
  private static final int BYTES = 9;

  private EventFingerprints() {}

  /** The mark of an event's artifact for a policy; the same whenever and wherever it is made. */
  static String mark(PreheatPolicy policy, String key) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256")
              .digest((policy.getMetadata().getUid() + " " + key).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(sum, BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes marks onto an execution that is to be stored. */
  static void put(PreheatExecution execution, Collection<String> marks) {
    execution.getMetadata().setAnnotations(Map.of(ANNOTATION, String.join(",", marks)));
  }

  /** The marks of a stored execution; none when no event made it. */
  static List<String> of(PreheatExecution execution) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    String marks = annotations == null ? null : annotations.get(ANNOTATION);
    return marks == null || marks.isEmpty() ? List.of() : List.of(marks.split(",", -1));
  }
}
