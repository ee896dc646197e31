package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a {@link PreheatExecution} has come. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PreheatExecutionStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Where the run stands.") @Nullable Phase phase,
    @JsonPropertyDescription("When planning began.") @Nullable Instant startTime,
    @JsonPropertyDescription("When the run ended.") @Nullable Instant completionTime,
    @JsonPropertyDescription("One sentence for people.") @Nullable String message,
    @JsonPropertyDescription("Finished tasks of all tasks, such as 12/40.")
        @Nullable String progress,
    @JsonPropertyDescription("Share of the expected bytes that is known to be warm, such as 98%.")
        @Nullable String warm,
    @JsonPropertyDescription("Counts over all tasks.") @Nullable Summary summary,
    @JsonPropertyDescription("Counts for each provider.")
        @Nullable List<ProviderProgress> providers,
    @JsonPropertyDescription("One entry for each artifact, platform and provider.")
        @Nullable List<TaskStatus> tasks,
    @JsonPropertyDescription("What was left out and why, with counts for each reason.")
        @Nullable List<SkippedReason> skipped,
    @JsonPropertyDescription(
            "Ready: the run succeeded. Complete: it ended well. Failed: it ended badly. Stalled: it"
                + " cannot go on without a person. Reconciling: it is under way.")
        @Nullable List<Condition> conditions) {

  /** A status that says nothing yet. */
  public static final PreheatExecutionStatus EMPTY =
      new PreheatExecutionStatus(
          null, null, null, null, null, null, null, null, null, null, null, null);

  /** The tasks, never null. */
  public List<TaskStatus> taskList() {
    return tasks == null ? List.of() : tasks;
  }

  /** The phase, with its default. */
  public Phase effectivePhase() {
    return phase == null ? Phase.PENDING : phase;
  }

  /** Counts over all tasks. */
  public record Summary(
      @JsonPropertyDescription("Artifacts that the run is about.") int artifacts,
      @JsonPropertyDescription("Tasks in all.") int tasks,
      @JsonPropertyDescription("Tasks that ended warm, or unverified.") int succeeded,
      @JsonPropertyDescription("Tasks that ended badly.") int failed,
      @JsonPropertyDescription("Tasks that a provider works on.") int running,
      @JsonPropertyDescription("Tasks that wait for their turn.") int waiting,
      @JsonPropertyDescription("Artifacts, and entries of their indexes, that were left out.")
          int skipped,
      @JsonPropertyDescription("Expected bytes over all tasks.") long bytes,
      @JsonPropertyDescription("Share of the expected bytes that is known to be warm, in percent.")
          int warmPercent) {}

  /** Counts for one provider. */
  public record ProviderProgress(
      @JsonPropertyDescription("The provider, as namespace/name.") String name,
      @JsonPropertyDescription("Tasks that ended warm, or unverified.") int succeeded,
      @JsonPropertyDescription("Tasks that ended badly.") int failed,
      @JsonPropertyDescription("Tasks that the provider works on.") int running,
      @JsonPropertyDescription("Share of the expected bytes that is known to be warm, in percent.")
          int warmPercent) {}

  /** What was left out for one reason. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SkippedReason(
      @JsonPropertyDescription("The reason, from the list in the documentation.") String reason,
      @JsonPropertyDescription("How many artifacts, or entries of an index.") int count,
      @JsonPropertyDescription("Some of them, at most five.") @Nullable List<Sample> samples) {

    /** One artifact that was left out. */
    public record Sample(
        @JsonPropertyDescription("The artifact, as repository:tag or repository@digest.")
            String artifact,
        @JsonPropertyDescription("Why, in a sentence.") String message) {}
  }
}
