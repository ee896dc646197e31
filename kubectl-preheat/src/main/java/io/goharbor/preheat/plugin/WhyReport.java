package io.goharbor.preheat.plugin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code why} found; as JSON and YAML it is printed as it stands here.
 *
 * @param answer the shortest true sentence
 * @param unknown what cannot be told without Harbor
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonPropertyOrder({
  "reference",
  "answer",
  "policies",
  "tasks",
  "skipped",
  "executions",
  "events",
  "unknown"
})
record WhyReport(
    String reference,
    String answer,
    List<PolicyAnswer> policies,
    List<TaskFact> tasks,
    List<SkipFact> skipped,
    List<RunFact> executions,
    List<EventFact> events,
    List<String> unknown) {

  /** Whether a policy selects it. */
  enum Selects {
    @JsonProperty("Yes")
    YES("yes"),
    @JsonProperty("No")
    NO("no"),
    /** It depends on what only Harbor knows. */
    @JsonProperty("Perhaps")
    PERHAPS("perhaps");

    private final String text;

    Selects(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * What a policy makes of it.
   *
   * @param reason why not, from the list in the documentation
   * @param onlyHarborKnows the rules that could not be applied
   * @param starts when the policy starts runs
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record PolicyAnswer(
      String policy,
      Selects selects,
      @Nullable String reason,
      String message,
      List<String> onlyHarborKnows,
      String starts) {}

  /** A task that is about it. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record TaskFact(
      String execution,
      String operation,
      String artifact,
      String provider,
      @Nullable String platform,
      String digest,
      String state,
      @Nullable Integer warmPercent,
      @Nullable String reason,
      @Nullable String message,
      @Nullable String time) {}

  /** A run that left it out. */
  record SkipFact(String execution, String artifact, String reason, String message) {}

  /** A run that concerns it. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record RunFact(
      String execution,
      @Nullable String policy,
      String trigger,
      String phase,
      @Nullable String created,
      @Nullable String message) {}

  /** A Kubernetes Event about a run or policy that concerns it. */
  record EventFact(String about, String type, String reason, String message, String time) {}
}
