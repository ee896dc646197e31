package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The wanted run; immutable but for suspend and cancel. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.policyRef) || (has(self.harborRef) && has(self.providerRefs))",
    message = "set policyRef, or both harborRef and providerRefs")
@ValidationRule(
    value = "has(self.policyRef) || has(self.artifacts) || has(self.images) || has(self.retryOf)",
    message = "without policyRef, artifacts, images or retryOf must say what to preheat")
@ValidationRule(
    value = "!has(self.retryOf) || (!has(self.artifacts) && !has(self.images))",
    message = "retryOf says what to preheat; leave out artifacts and images")
@ValidationRule(
    value =
        "has(self.retryOf) == has(oldSelf.retryOf) && (!has(self.retryOf) || self.retryOf =="
            + " oldSelf.retryOf)",
    message = "retryOf is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.partOf) == has(oldSelf.partOf) && (!has(self.partOf) || self.partOf =="
            + " oldSelf.partOf)",
    message = "partOf is immutable")
@ValidationRule(
    value =
        "has(self.policyRef) == has(oldSelf.policyRef) && (!has(self.policyRef) || self.policyRef"
            + " == oldSelf.policyRef)",
    message = "policyRef is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.harborRef) == has(oldSelf.harborRef) && (!has(self.harborRef) || self.harborRef"
            + " == oldSelf.harborRef)",
    message = "harborRef is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.providerRefs) == has(oldSelf.providerRefs) && (!has(self.providerRefs) ||"
            + " self.providerRefs == oldSelf.providerRefs)",
    message = "providerRefs is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.artifacts) == has(oldSelf.artifacts) && (!has(self.artifacts) || self.artifacts"
            + " == oldSelf.artifacts)",
    message = "artifacts is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.images) == has(oldSelf.images) && (!has(self.images) || self.images =="
            + " oldSelf.images)",
    message = "images is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.target) == has(oldSelf.target) && (!has(self.target) || self.target =="
            + " oldSelf.target)",
    message = "target is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.platforms) == has(oldSelf.platforms) && (!has(self.platforms) || self.platforms"
            + " == oldSelf.platforms)",
    message = "platforms is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.accessories) == has(oldSelf.accessories) && (!has(self.accessories) ||"
            + " self.accessories == oldSelf.accessories)",
    message = "accessories is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.verification) == has(oldSelf.verification) && (!has(self.verification) ||"
            + " self.verification == oldSelf.verification)",
    message = "verification is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.trigger) == has(oldSelf.trigger) && (!has(self.trigger) || self.trigger =="
            + " oldSelf.trigger)",
    message = "trigger is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.dryRun) == has(oldSelf.dryRun) && (!has(self.dryRun) || self.dryRun =="
            + " oldSelf.dryRun)",
    message = "dryRun is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.activeDeadline) == has(oldSelf.activeDeadline) && (!has(self.activeDeadline) ||"
            + " self.activeDeadline == oldSelf.activeDeadline)",
    message = "activeDeadline is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.backoffLimit) == has(oldSelf.backoffLimit) && (!has(self.backoffLimit) ||"
            + " self.backoffLimit == oldSelf.backoffLimit)",
    message = "backoffLimit is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.ttlAfterFinished) == has(oldSelf.ttlAfterFinished) &&"
            + " (!has(self.ttlAfterFinished) || self.ttlAfterFinished == oldSelf.ttlAfterFinished)",
    message = "ttlAfterFinished is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.taskTimeout) == has(oldSelf.taskTimeout) && (!has(self.taskTimeout) ||"
            + " self.taskTimeout == oldSelf.taskTimeout)",
    message = "taskTimeout is immutable; create a new PreheatExecution")
@ValidationRule(
    value =
        "has(self.operation) == has(oldSelf.operation) && (!has(self.operation) || self.operation"
            + " == oldSelf.operation)",
    message = "operation is immutable; create a new PreheatExecution")
@ValidationRule(
    value = "!(has(oldSelf.cancel) && oldSelf.cancel) || (has(self.cancel) && self.cancel)",
    message = "a cancelled execution cannot be taken up again; create a new PreheatExecution")
public record PreheatExecutionSpec(
    @JsonPropertyDescription(
            "The policy from which selector, registry, providers, target and limits come, unless"
                + " set here.")
        @Nullable LocalRef policyRef,
    @JsonPropertyDescription("The HarborRegistry; absent: the policy's.")
        @Nullable LocalRef harborRef,
    @JsonPropertyDescription("The providers; absent: the policy's.") @Size(min = 1, max = 16)
        @Nullable List<ProviderRef> providerRefs,
    @JsonPropertyDescription(
            "What to preheat; when neither this nor images is set, all that the policy's selector"
                + " finds in Harbor.")
        @Size(min = 1, max = 1000)
        @Nullable List<ArtifactRef> artifacts,
    @JsonPropertyDescription(
            "The same by image reference, such as harbor.example.com/shop/web:1.4.2.")
        @Size(min = 1, max = 1000)
        @Nullable List<@Pattern(Patterns.IMAGE) @Size(min = 3, max = 1024) String> images,
    @JsonPropertyDescription("What caused the run; people leave it at Manual.") @Default("Manual")
        @Nullable Trigger trigger,
    @JsonPropertyDescription("Plan and explain, send nothing.") @Default("false")
        @Nullable Boolean dryRun,
    @JsonPropertyDescription("Start no further task; what is under way goes on. May be changed.")
        @Default("false")
        @Nullable Boolean suspend,
    @JsonPropertyDescription(
            "Stop for good: no further task starts and none is followed. Once true it stays true.")
        @Default("false")
        @Nullable Boolean cancel,
    @JsonPropertyDescription(
            "Time from the start after which what is unfinished fails, also while it only waits;"
                + " absent: the policy's, else no limit.")
        @Pattern(Patterns.DURATION)
        @Size(min = 2, max = 32)
        @Nullable String activeDeadline,
    @JsonPropertyDescription("How often a failed task is sent again; absent: the policy's, else 3.")
        @Min(0)
        @Max(100)
        @Nullable Integer backoffLimit,
    @JsonPropertyDescription(
            "Time after its end at which the execution is deleted; absent: the policy's for what"
                + " the policy started, and what anybody else created is kept.")
        @Pattern(Patterns.DURATION)
        @Size(min = 2, max = 32)
        @Nullable String ttlAfterFinished,
    @JsonPropertyDescription("Which peers; absent: the policy's.") @Nullable Target target,
    @JsonPropertyDescription("Platforms of an index; absent: the policy's, else all.")
        @Size(min = 1, max = 32)
        @Nullable List<@Pattern(Patterns.PLATFORM) @Size(min = 3, max = 64) String> platforms,
    @JsonPropertyDescription(
            "What is preheated along with each artifact; absent: the policy's, else nothing.")
        @Size(min = 1, max = 8)
        @Nullable List<AccessoryKind> accessories,
    @JsonPropertyDescription("When a task counts as warm; absent: the policy's.")
        @Nullable Verification verification,
    @JsonPropertyDescription(
            "Time that a provider may take for one artifact; absent: the policy's, else 1h.")
        @Pattern(Patterns.DURATION)
        @Size(min = 2, max = 32)
        @Nullable String taskTimeout,
    @JsonPropertyDescription(
            "Preheat: fetch and verify; Verify: only ask the peers what they hold; Evict: take it"
                + " out of the caches.")
        @Default("Preheat")
        @Nullable Operation operation,
    @JsonPropertyDescription(
            "Another PreheatExecution that ended: its tasks that failed or were cancelled are sent"
                + " again.")
        @Nullable LocalRef retryOf,
    @JsonPropertyDescription(
            "Set by the operator: the execution of which this is a part. A part takes all that is"
                + " not set here from it, and is suspended and cancelled with it.")
        @Nullable PartOf partOf) {

  /**
   * A run of a policy.
   *
   * @param artifacts null: all that the policy's selector finds
   */
  public static PreheatExecutionSpec ofPolicy(
      String policy, @Nullable List<ArtifactRef> artifacts, Trigger trigger) {
    return new Builder().policy(policy).artifacts(artifacts).trigger(trigger).build();
  }

  /** A part of a run: all that is not set here it takes from its whole. */
  public static PreheatExecutionSpec part(
      PreheatExecutionSpec whole,
      PartOf place,
      LocalRef harborRef,
      ProviderRef provider,
      List<ArtifactRef> artifacts) {
    return new Builder()
        .harbor(harborRef.name())
        .providers(List.of(provider))
        .artifacts(artifacts)
        .trigger(whole.trigger())
        .dryRun(whole.dryRun())
        .operation(whole.operation())
        .partOf(place)
        .build();
  }

  /** The same run for what failed of another. */
  public PreheatExecutionSpec retryOf(String execution) {
    return new PreheatExecutionSpec(
        policyRef,
        harborRef,
        providerRefs,
        null,
        null,
        Trigger.MANUAL,
        dryRun,
        null,
        null,
        activeDeadline,
        backoffLimit,
        ttlAfterFinished,
        target,
        platforms,
        null,
        verification,
        taskTimeout,
        operation,
        new LocalRef(execution),
        null);
  }

  /** What is done with the artifacts. */
  public Operation effectiveOperation() {
    return operation == null ? Operation.PREHEAT : operation;
  }

  /** Whether nothing is sent. */
  public boolean planOnly() {
    return Boolean.TRUE.equals(dryRun);
  }

  /** Whether no further task may start. */
  public boolean suspended() {
    return Boolean.TRUE.equals(suspend);
  }

  /** Whether the run was called off. */
  public boolean cancelled() {
    return Boolean.TRUE.equals(cancel);
  }

  /** What caused the run. */
  public Trigger effectiveTrigger() {
    return trigger == null ? Trigger.MANUAL : trigger;
  }

  /** For the few of the many settings that a program sets; what is not set is absent. */
  public static final class Builder {
    private @Nullable LocalRef policyRef;
    private @Nullable LocalRef harborRef;
    private @Nullable List<ProviderRef> providerRefs;
    private @Nullable List<ArtifactRef> artifacts;
    private @Nullable List<String> images;
    private @Nullable Trigger trigger;
    private @Nullable Boolean dryRun;
    private @Nullable String ttlAfterFinished;
    private @Nullable List<String> platforms;
    private @Nullable Operation operation;
    private @Nullable PartOf partOf;

    /** Name of the policy. */
    public Builder policy(@Nullable String name) {
      policyRef = name == null ? null : new LocalRef(name);
      return this;
    }

    /** Name of the HarborRegistry. */
    public Builder harbor(@Nullable String name) {
      harborRef = name == null ? null : new LocalRef(name);
      return this;
    }

    /** The providers; none: absent. */
    public Builder providers(List<ProviderRef> refs) {
      providerRefs = some(refs);
      return this;
    }

    /** What to preheat; an empty list stays one, since absent means all that a policy selects. */
    public Builder artifacts(@Nullable List<ArtifactRef> refs) {
      artifacts = refs;
      return this;
    }

    /** The same by reference; none: absent. */
    public Builder images(List<String> references) {
      images = some(references);
      return this;
    }

    /** What caused the run. */
    public Builder trigger(@Nullable Trigger cause) {
      trigger = cause;
      return this;
    }

    /** Whether it only plans. */
    public Builder dryRun(@Nullable Boolean plan) {
      dryRun = plan;
      return this;
    }

    /** Time after its end at which it is deleted. */
    public Builder timeToLive(String duration) {
      ttlAfterFinished = duration;
      return this;
    }

    /** Platforms of an index; none: absent. */
    public Builder platforms(List<String> names) {
      platforms = some(names);
      return this;
    }

    /** What is done with the artifacts. */
    public Builder operation(@Nullable Operation what) {
      operation = what;
      return this;
    }

    /** Its place in a larger run. */
    private Builder partOf(PartOf place) {
      partOf = place;
      return this;
    }

    /** The wanted run. */
    public PreheatExecutionSpec build() {
      return new PreheatExecutionSpec(
          policyRef,
          harborRef,
          providerRefs,
          artifacts,
          images,
          trigger,
          dryRun,
          null,
          null,
          null,
          null,
          ttlAfterFinished,
          null,
          platforms,
          null,
          null,
          null,
          operation,
          null,
          partOf);
    }

    private static <T> @Nullable List<T> some(List<T> list) {
      return list.isEmpty() ? null : list;
    }
  }

  /** Place of a part in a run that is too large for one object. */
  public record PartOf(
      @JsonPropertyDescription("Name of the whole.")
          @Required
          @Pattern(Patterns.OBJECT_NAME)
          @Size(min = 1, max = 253)
          String name,
      @JsonPropertyDescription("Number of the part; parts begin in this order.")
          @Required
          @Min(1)
          @Max(1000000)
          int number) {}

  /** An artifact in Harbor. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(value = "has(self.tag) || has(self.digest)", message = "set tag, digest or both")
  public record ArtifactRef(
      @JsonPropertyDescription("Repository with its project, such as shop/api/web.")
          @Required
          @Pattern(Patterns.FULL_REPOSITORY)
          @Size(min = 3, max = 512)
          String repository,
      @JsonPropertyDescription("Tag; with a digest it only names the artifact for people.")
          @Pattern(Patterns.TAG)
          @Size(min = 1, max = 128)
          @Nullable String tag,
      @JsonPropertyDescription("Digest; absent: what the tag points to when the run is planned.")
          @Pattern(Patterns.DIGEST)
          @Size(min = 71, max = 71)
          @Nullable String digest) {}

  /** What can be done with artifacts. */
  public enum Operation {
    /** Fetch and verify. */
    @JsonProperty("Preheat")
    PREHEAT("Preheat"),
    /** Only ask the peers. */
    @JsonProperty("Verify")
    VERIFY("Verify"),
    /** Take out of the caches. */
    @JsonProperty("Evict")
    EVICT("Evict");

    private final String text;

    Operation(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** What can cause a run. */
  public enum Trigger {
    @JsonProperty("Manual")
    MANUAL("Manual"),
    @JsonProperty("Event")
    EVENT("Event"),
    @JsonProperty("Schedule")
    SCHEDULE("Schedule"),
    @JsonProperty("CatchUp")
    CATCH_UP("CatchUp");

    private final String text;

    Trigger(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
