package io.goharbor.preheat.execution.report;

import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a run ended, when all of its tasks have. */
public record Verdict(Phase phase, Reason reason, String message) {
  /**
   * Judges.
   *
   * @param missing named artifacts that cannot be preheated
   * @param failure the first of them, in words; null: none failed
   */
  static Verdict of(
      PreheatExecutionSpec spec,
      TaskCounts tally,
      int missing,
      @Nullable List<SkippedReason> skipped,
      @Nullable String failure) {
    if (tally.cancelled() > 0) {
      return new Verdict(Phase.CANCELLED, Reason.CANCELLED, "spec.cancel was set");
    }
    String why = failure != null ? ": " + failure : missing > 0 ? because(skipped) : "";
    if (spec.planOnly() && tally.failed() == 0) {
      return new Verdict(
          Phase.SUCCEEDED,
          Reason.DRY_RUN,
          "dry run: "
              + tally.tasks()
              + " tasks would be sent"
              + (missing == 0 ? "" : "; " + counts(tally, missing) + because(skipped)));
    }
    if (tally.succeeded() == tally.tasks() && missing == 0 && failure == null) {
      if (tally.tasks() > 0) {
        return new Verdict(Phase.SUCCEEDED, Reason.SUCCEEDED, wellEnded(spec, tally));
      }
      return spec.retryOf() != null
          ? new Verdict(
              Phase.SUCCEEDED,
              Reason.NOTHING_TO_RETRY,
              "no task of " + spec.retryOf().name() + " failed or was cancelled")
          : new Verdict(
              Phase.SUCCEEDED, Reason.NOTHING_SELECTED, "nothing was selected" + because(skipped));
    }
    return tally.succeeded() == 0
        ? new Verdict(Phase.FAILED, Reason.FAILED, counts(tally, missing) + why)
        : new Verdict(
            Phase.PARTIALLY_SUCCEEDED, Reason.PARTIALLY_FAILED, counts(tally, missing) + why);
  }

  private static String wellEnded(PreheatExecutionSpec spec, TaskCounts tally) {
    if (tally.unverified() > 0) {
      return tally.unverified() + " of " + tally.tasks() + " tasks could not be verified";
    }
    return "all "
        + tally.tasks()
        + switch (spec.effectiveOperation()) {
          case PREHEAT -> " tasks are warm";
          case VERIFY -> " tasks were found warm";
          case EVICT -> " tasks are out of the caches";
        };
  }

  private static String because(@Nullable List<SkippedReason> skipped) {
    if (skipped == null || skipped.isEmpty()) {
      return "";
    }
    SkippedReason first = skipped.getFirst();
    return first.samples() == null || first.samples().isEmpty()
        ? ": " + first.reason()
        : ": "
            + first.samples().getFirst().artifact()
            + ": "
            + first.samples().getFirst().message();
  }

  private static String counts(TaskCounts tally, int missing) {
    String ofTasks =
        tally.failed() == 0 ? "" : tally.failed() + " of " + tally.tasks() + " tasks failed";
    String ofNamed = missing == 0 ? "" : missing + " of what was named cannot be preheated";
    return ofTasks + (tally.failed() == 0 || missing == 0 ? "" : ", ") + ofNamed;
  }
}
