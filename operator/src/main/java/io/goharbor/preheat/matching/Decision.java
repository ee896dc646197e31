package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.Reason;
import java.util.List;

/** Whether a selector selects an artifact. */
public sealed interface Decision {
  /**
   * It does.
   *
   * @param tags the artifact's tags that match
   */
  record Matched(List<String> tags) implements Decision {}

  /** It does not; the first rule that says no is named. */
  record NotMatched(Reason reason, String message) implements Decision {}
}
