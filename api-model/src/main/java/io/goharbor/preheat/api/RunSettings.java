package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run goes by, from its own spec and from its policy as that was when the run was planned:
 * editing or deleting the policy later changes nothing for it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunSettings(
    @JsonPropertyDescription("Generation of the policy that was read; absent: there is none.")
        @Nullable Long policyGeneration,
    @JsonPropertyDescription("Name of the HarborRegistry.") @Nullable String harborRef,
    @JsonPropertyDescription("Which peers.") Target target,
    @JsonPropertyDescription("Platforms of an index; absent: all.")
        @Nullable List<String> platforms,
    @JsonPropertyDescription("What is preheated along with each artifact.")
        @Nullable List<AccessoryKind> accessories,
    @JsonPropertyDescription("When a task counts as warm.") Verification verification,
    @JsonPropertyDescription("How often a failed task is sent again.") int backoffLimit,
    @JsonPropertyDescription("Time from the start after which what is unfinished fails.")
        @Nullable String activeDeadline,
    @JsonPropertyDescription("Time after its end at which the execution is deleted.")
        @Nullable String ttlAfterFinished,
    @JsonPropertyDescription("Time that a provider may take for one artifact.") String taskTimeout,
    @JsonPropertyDescription("Hours in which tasks may start.") @Nullable Window window,
    @JsonPropertyDescription("Order in a provider's queue.") int priority) {

  /** The deadline as a duration; null: none. */
  public @Nullable Duration deadline() {
    return activeDeadline == null ? null : DurationText.parse(activeDeadline);
  }

  /** The time to live as a duration; null: the execution is kept. */
  public @Nullable Duration timeToLive() {
    return ttlAfterFinished == null ? null : DurationText.parse(ttlAfterFinished);
  }

  /** How long a provider may take for one job. */
  public Duration jobLimit() {
    Duration timeout = DurationText.parse(taskTimeout);
    Duration deadline = deadline();
    return deadline != null && deadline.compareTo(timeout) < 0 ? deadline : timeout;
  }

  /** The platforms; empty: all. */
  public List<String> platformList() {
    return platforms == null ? List.of() : platforms;
  }

  /** The kinds of accessories, never null. */
  public List<AccessoryKind> accessoryList() {
    return accessories == null ? List.of() : accessories;
  }
}
