package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Run;
import java.util.List;

/** Whether all that an execution refers to is there. */
sealed interface Resolution {
  /** It is. */
  record Ready(Run run) implements Resolution {}

  /**
   * It is not.
   *
   * @param needsPerson whether it will hardly change by itself
   * @param waitFor what may change that
   */
  record Blocked(Reason reason, String message, boolean needsPerson, List<Wakeups.Subject> waitFor)
      implements Resolution {}
}
