package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import java.util.List;

/** What came of planning. */
public sealed interface PlanResult {
  /** The run fits into its object. */
  record InPlace(Plan plan) implements PlanResult {}

  /** It does not: its tasks are in parts, all of which were made. */
  record Split(Plan plan, int parts) implements PlanResult {}

  /** It does not, and no parts may be made before its settings are written. */
  record TooLarge() implements PlanResult {}

  /** It cannot be planned. */
  record Impossible(Reason reason, String message) implements PlanResult {}

  /** What a split run itself knows: its tasks are elsewhere. */
  static Plan withoutTasks(int artifacts, List<SkippedReason> skipped, int missing) {
    return new Plan(artifacts, List.of(), skipped, missing);
  }
}
