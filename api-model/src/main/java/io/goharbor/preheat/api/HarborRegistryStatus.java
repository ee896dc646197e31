package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was last seen of a {@link HarborRegistry}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HarborRegistryStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready: the registry can be used. Reachable: Harbor answered the last probe."
                + " WebhooksRegistered: the webhook stands in every matching project.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Harbor's version; absent when Harbor did not tell.")
        @Nullable String version,
    @JsonPropertyDescription("The webhook's path and what came by it.")
        @Nullable WebhookStatus webhook,
    @JsonPropertyDescription("The last catch-up sweep.") @Nullable CatchUpStatus catchUp) {

  /** The webhook as it stands. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WebhookStatus(
      @JsonPropertyDescription("Path of this registry on the operator's webhook server.")
          @Nullable String path,
      @JsonPropertyDescription("Number of Harbor projects that hold the operator's webhook.")
          @Nullable Integer registeredProjects,
      @JsonPropertyDescription("Time of the last authenticated event, to the minute.")
          @Nullable Instant lastEventTime) {}

  /** The last sweep. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CatchUpStatus(
      @JsonPropertyDescription(
              "Start of the last complete sweep; while sweeps find nothing it is written once an hour.")
          @Nullable Instant lastTime,
      @JsonPropertyDescription("How long it took.") @Nullable String lastDuration,
      @JsonPropertyDescription(
              "Artifacts found since the object was created that no webhook had" + " reported.")
          @Nullable Long missedArtifacts) {}
}
