package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an execution says of itself. */
final class Executions {
  /** Reasons that say no more than the phase does. */
  private static final Set<String> USUAL =
      Set.of(Reason.PROGRESSING.toString(), Reason.PLANNING.toString());

  private Executions() {}

  static String name(PreheatExecution execution) {
    return execution.getMetadata().getName();
  }

  static PreheatExecutionStatus status(PreheatExecution execution) {
    return execution.getStatus() == null ? PreheatExecutionStatus.EMPTY : execution.getStatus();
  }

  static Phase phase(PreheatExecution execution) {
    return status(execution).effectivePhase();
  }

  static boolean ended(PreheatExecution execution) {
    return phase(execution).terminal();
  }

  /** The policy, or nothing for a run without one. */
  static String policy(PreheatExecution execution) {
    return execution.getSpec().policyRef() == null ? "" : execution.getSpec().policyRef().name();
  }

  static int warmPercent(PreheatExecution execution) {
    Summary summary = status(execution).summary();
    return summary == null ? 0 : summary.warmPercent();
  }

  /** Why it does not go on, or nothing. */
  static String stalled(PreheatExecution execution) {
    Condition stalled = DisplayText.condition(status(execution).conditions(), "Stalled");
    return stalled == null || !"True".equals(stalled.getStatus())
        ? ""
        : stalled.getReason() + ": " + stalled.getMessage();
  }

  /** Why it is as it is, when that is worth a person's attention. */
  static String note(PreheatExecution execution) {
    String stalled = stalled(execution);
    if (!stalled.isEmpty()) {
      return stalled;
    }
    if (phase(execution) == Phase.SUCCEEDED) {
      return execution.getSpec().planOnly() ? "dry run" : "";
    }
    Condition ready = DisplayText.condition(status(execution).conditions(), "Ready");
    if (ready != null && USUAL.contains(ready.getReason())) {
      return "";
    }
    String reason = DisplayText.whyNotReady(status(execution).conditions());
    return reason.isEmpty() ? DisplayText.orEmpty(status(execution).message()) : reason;
  }

  /** One line on how far it is; it changes when something worth telling changes. */
  static String line(PreheatExecution execution) {
    PreheatExecutionStatus status = status(execution);
    List<String> parts = new ArrayList<>();
    parts.add(phase(execution).toString());
    if (status.progress() != null) {
      parts.add(status.progress() + " tasks");
    }
    if (status.warm() != null) {
      parts.add(status.warm() + " warm");
    }
    String note = note(execution);
    return name(execution)
        + ": "
        + String.join(", ", parts)
        + (note.isEmpty() ? "" : " (" + note + ")");
  }

  /** The same with a bar, for a terminal. */
  static String bar(PreheatExecution execution) {
    PreheatExecutionStatus status = status(execution);
    String note = note(execution);
    return String.format("%-20s", name(execution))
        + " "
        + String.format("%-9s", phase(execution))
        + " "
        + Bar.of(warmPercent(execution))
        + String.format("%4d%%", warmPercent(execution))
        + (status.progress() == null ? "" : "  " + status.progress() + " tasks")
        + (status.remaining() == null ? "" : "  " + status.remaining() + " left")
        + (note.isEmpty() ? "" : "  " + note);
  }
}
