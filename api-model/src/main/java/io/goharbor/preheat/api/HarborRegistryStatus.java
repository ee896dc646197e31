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
                + " WebhooksRegistered: every matching project has the webhook."
                + " CatchUpComplete: the sweep left nothing out. Insecure, only where it holds:"
                + " certificates are not verified.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Harbor's version; absent when Harbor did not tell.")
        @Nullable String version,
    @JsonPropertyDescription("The webhook's path and what came by it.")
        @Nullable WebhookStatus webhook,
    @JsonPropertyDescription("The catch-up sweep: the last one, and where it goes on.")
        @Nullable CatchUpStatus catchUp) {

  /** The same, without what others than the registry's reconciler write. */
  public HarborRegistryStatus ofReconciler() {
    return webhook == null || webhook.lastEventTime() == null
        ? this
        : new HarborRegistryStatus(
            observedGeneration, conditions, version, webhook.ofReconciler(), catchUp);
  }

  /** The webhook as it stands. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WebhookStatus(
      @JsonPropertyDescription("Path of this registry on the operator's webhook server.")
          @Nullable String path,
      @JsonPropertyDescription("Number of Harbor projects that hold the operator's webhook.")
          @Nullable Integer registeredProjects,
      @JsonPropertyDescription("Time of the last authenticated event, to the minute.")
          @Nullable Instant lastEventTime) {
    private @Nullable WebhookStatus ofReconciler() {
      return path == null && registeredProjects == null
          ? null
          : new WebhookStatus(path, registeredProjects, null);
    }
  }

  /** The last sweep. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CatchUpStatus(
      @JsonPropertyDescription(
              "Start of the last sweep that looked at all pushes; while sweeps find nothing it is"
                  + " written once an hour.")
          @Nullable Instant lastTime,
      @JsonPropertyDescription("How long it took.") @Nullable String lastDuration,
      @JsonPropertyDescription(
              "Artifacts found since the object was created that no webhook had reported.")
          @Nullable Long missedArtifacts,
      @JsonPropertyDescription("How far it is with what was pushed.") @Nullable SweepPass pushes,
      @JsonPropertyDescription(
              "How far it is with all artifacts, for tags, labels, signatures and scans change"
                  + " without a push.")
          @Nullable SweepPass changes) {}

  /** A pass over the artifacts of all projects, by project and time of push. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SweepPass(
      @JsonPropertyDescription(
              "Changes before this time were checked; by Harbor's clock, as all times here.")
          @Nullable Instant seenUntil,
      @JsonPropertyDescription("When the pass under way began; absent between two.")
          @Nullable Instant began,
      @JsonPropertyDescription("The project at which it goes on.") @Nullable String project,
      @JsonPropertyDescription("The time of push in it at which it goes on.")
          @Nullable Instant pushTime,
      @JsonPropertyDescription("What it had to leave out, and goes back for; at most 50.")
          @Nullable List<LeftOut> leftOut) {
    /** Nothing was checked. */
    public static final SweepPass NONE = new SweepPass(null, null, null, null, null);

    /** The same, with what it had to leave out. */
    public SweepPass leaving(List<LeftOut> leaving) {
      return new SweepPass(
          seenUntil, began, project, pushTime, leaving.isEmpty() ? null : List.copyOf(leaving));
    }
  }

  /** What a pass could not do; it goes on with the rest. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LeftOut(
      @JsonPropertyDescription("The project that could not be swept; absent for a policy.")
          @Nullable String project,
      @JsonPropertyDescription(
              "The policy of which the cluster did not take an execution; absent for a project.")
          @Nullable String policy,
      @JsonPropertyDescription("Changes before this time were checked.") Instant since,
      @JsonPropertyDescription("When it was last tried.") Instant tried,
      @JsonPropertyDescription("What stood in the way.") String message) {}
}
