package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.builder.PreheatExecutionStatusBuilder;
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
    @JsonPropertyDescription(
            "How long the rest will take at the recent rate, such as 4m; absent while that is not"
                + " known.")
        @Nullable String remaining,
    @JsonPropertyDescription("Counts over all tasks.") @Nullable Summary summary,
    @JsonPropertyDescription("Counts for each provider.")
        @Nullable List<ProviderProgress> providers,
    @JsonPropertyDescription("One entry for each artifact, platform and provider.")
        @Nullable List<TaskStatus> tasks,
    @JsonPropertyDescription(
            "Set when the run is too large for one object: its tasks are then in PreheatExecutions"
                + " of their own, with the label preheat.goharbor.io/part-of.")
        @Nullable Parts parts,
    @JsonPropertyDescription("What was left out and why, with counts for each reason.")
        @Nullable List<SkippedReason> skipped,
    @JsonPropertyDescription(
            "What the run goes by, as its spec and its policy were when it was planned.")
        @Nullable RunSettings settings,
    @JsonPropertyDescription("The execution that sends again what failed, if one was asked for.")
        @Nullable Retry retry,
    @JsonPropertyDescription(
            "Ready: the run succeeded. Complete: it ended well. Failed: it ended badly. Stalled: it"
                + " cannot go on without a person. Reconciling: it is under way.")
        @Nullable List<Condition> conditions) {

  /** A status that says nothing yet. */
  public static final PreheatExecutionStatus EMPTY =
      PreheatExecutionStatusBuilder.builder().build();

  /** The same with the execution that sends again what failed. */
  public PreheatExecutionStatus withRetry(Retry asked) {
    return PreheatExecutionStatusBuilder.builder(this).retry(asked).build();
  }

  /** The same with fewer tasks; the counts stay. */
  public PreheatExecutionStatus withTasks(List<TaskStatus> kept) {
    return PreheatExecutionStatusBuilder.builder(this).tasks(kept).build();
  }

  /** Of an ended run, what it takes to know how it ended and when it may go. */
  public PreheatExecutionStatus endedBare() {
    return PreheatExecutionStatusBuilder.builder()
        .observedGeneration(observedGeneration)
        .phase(phase)
        .startTime(startTime)
        .completionTime(completionTime)
        .message(message)
        .conditions(conditions)
        .build();
  }

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
      @JsonPropertyDescription("Of the succeeded, those that no provider could verify.")
          int unverified,
      @JsonPropertyDescription("Tasks that ended badly.") int failed,
      @JsonPropertyDescription("Tasks that were called off.") int cancelled,
      @JsonPropertyDescription("Tasks that a provider works on.") int running,
      @JsonPropertyDescription("Tasks that wait for their turn.") int waiting,
      @JsonPropertyDescription("Artifacts, and entries of their indexes, that were left out.")
          int skipped,
      @JsonPropertyDescription("Artifacts and projects that were named and cannot be preheated.")
          int missing,
      @JsonPropertyDescription("Expected bytes over all tasks.") long bytes,
      @JsonPropertyDescription("Share of the expected bytes that is known to be warm, in percent.")
          int warmPercent) {}

  /** The parts of a run that is too large for one object. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Parts(
      @JsonPropertyDescription("Whether all of them were made: Harbor was read to its end.")
          boolean complete,
      @JsonPropertyDescription("Parts in all.") int total,
      @JsonPropertyDescription("Parts that ended.") int finished,
      @JsonPropertyDescription("Artifacts that were selected.") int artifacts,
      @JsonPropertyDescription("Named artifacts that were found not to be preheatable.")
          int missing,
      @JsonPropertyDescription("What was left out before the run was split.")
          @Nullable List<SkippedReason> skipped) {}

  /** A retry that was asked for. */
  public record Retry(
      @JsonPropertyDescription("Value of the annotation preheat.goharbor.io/retry.") String request,
      @JsonPropertyDescription("Name of the execution that was made for it.") String execution) {}

  /** Counts for one provider. */
  public record ProviderProgress(
      @JsonPropertyDescription("The provider, as namespace/name.") String name,
      @JsonPropertyDescription("Tasks that ended warm, or unverified.") int succeeded,
      @JsonPropertyDescription("Tasks that ended badly.") int failed,
      @JsonPropertyDescription("Tasks that the provider works on.") int running,
      @JsonPropertyDescription("Tasks that wait for their turn.") int waiting,
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
