package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.builder.PreheatPolicyStatusBuilder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was last seen of a {@link PreheatPolicy}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PreheatPolicyStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready: the policy is valid and all that it names can be used. ExecutionsDenied, only"
                + " where it holds: the cluster did not take the last execution.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Names of this policy's unfinished executions, at most 20.")
        @Nullable List<String> active,
    @JsonPropertyDescription("Name of the newest execution.") @Nullable String lastExecution,
    @JsonPropertyDescription("The last scheduled time that was acted on.")
        @Nullable Instant lastScheduleTime,
    @JsonPropertyDescription("The next scheduled time.") @Nullable Instant nextScheduleTime,
    @JsonPropertyDescription("The schedule, and since when it counts.")
        @Nullable ScheduleInForce schedule,
    @JsonPropertyDescription("Creation of the newest execution that an event caused.")
        @Nullable Instant lastEventTime,
    @JsonPropertyDescription("Artifacts that this policy's kept executions made warm.")
        @Nullable Long preheatedArtifacts,
    @JsonPropertyDescription(
            "What the catch-up sweep knows to be selected, where the selector looks at labels or"
                + " scans, of which Harbor does not tell when they changed.")
        @Nullable KnownSelection catchUp,
    @JsonPropertyDescription(
            "The last execution that was to be created and that the cluster did not take; absent when"
                + " it took one since.")
        @Nullable Denied denied) {

  /** The same, without what others than the policy's reconciler write. */
  public PreheatPolicyStatus ofReconciler() {
    return catchUp == null && denied == null
        ? this
        : PreheatPolicyStatusBuilder.builder(this).catchUp(null).denied(null).build();
  }

  /** A schedule that was seen in the spec. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ScheduleInForce(
      @JsonPropertyDescription("As in the spec.") String cron,
      @JsonPropertyDescription("As in the spec.") @Nullable String timeZone,
      @JsonPropertyDescription("Times before this are not missed: the schedule was another one.")
          Instant since) {}

  /** An execution that was not taken. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Denied(
      @JsonPropertyDescription("When.") @Nullable Instant time,
      @JsonPropertyDescription("The API server's words.") @Nullable String message) {}

  /** Artifacts that were selected when the sweep last looked. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KnownSelection(
      @JsonPropertyDescription("Generation of the spec that selected them.")
          @Nullable Long generation,
      @JsonPropertyDescription("Number of artifacts.") @Nullable Integer artifacts,
      @JsonPropertyDescription(
              "Their marks, five bytes each in Base64; at most 16384, the others may be preheated"
                  + " once more after a restart.")
          @Nullable String marks) {}
}
