package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was last seen of a {@link PreheatPolicy}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PreheatPolicyStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Ready: the policy is valid and all that it names can be used.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Names of this policy's unfinished executions, at most 20.")
        @Nullable List<String> active,
    @JsonPropertyDescription("Name of the newest execution.") @Nullable String lastExecution,
    @JsonPropertyDescription("The last scheduled time that was acted on.")
        @Nullable Instant lastScheduleTime,
    @JsonPropertyDescription("The next scheduled time.") @Nullable Instant nextScheduleTime,
    @JsonPropertyDescription("Creation of the newest execution that an event caused.")
        @Nullable Instant lastEventTime,
    @JsonPropertyDescription("Artifacts that this policy's kept executions made warm.")
        @Nullable Long preheatedArtifacts,
    @JsonPropertyDescription(
            "What the catch-up sweep knows to be selected, where the selector looks at labels or"
                + " scans, of which Harbor does not tell when they changed.")
        @Nullable KnownSelection catchUp) {

  /** The same, without what the catch-up sweep writes. */
  public PreheatPolicyStatus withoutCatchUp() {
    return catchUp == null
        ? this
        : new PreheatPolicyStatus(
            observedGeneration,
            conditions,
            active,
            lastExecution,
            lastScheduleTime,
            nextScheduleTime,
            lastEventTime,
            preheatedArtifacts,
            null);
  }

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
