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

/** The wanted state of a {@link PreheatPolicy}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PreheatPolicySpec(
    @JsonPropertyDescription("Start nothing new: no events, no schedule. Running work goes on.")
        @Default("false")
        @Nullable Boolean suspend,
    @JsonPropertyDescription("The HarborRegistry whose artifacts are preheated.") @Required
        LocalRef harborRef,
    @JsonPropertyDescription("The providers that are to hold the artifacts; each gets every one.")
        @Required
        @Size(min = 1, max = 16)
        List<ProviderRef> providerRefs,
    @JsonPropertyDescription(
            "Which artifacts; all that is set must hold. Absent: every tagged image.")
        @Nullable ArtifactSelector selector,
    @JsonPropertyDescription(
            "Platforms to preheat of a multi-platform index, as os/arch or os/arch/variant;"
                + " absent: all of them. An artifact of a single platform is always preheated.")
        @Size(min = 1, max = 32)
        @Nullable List<@Pattern(Patterns.PLATFORM) @Size(min = 3, max = 64) String> platforms,
    @JsonPropertyDescription(
            "What is preheated along with each selected artifact, as tasks of its own. Nydus: copies"
                + " in the Nydus format, attached to the artifact in Harbor or listed in its index."
                + " Absent: nothing, and Nydus entries of an index are left out.")
        @Size(min = 1, max = 8)
        @Nullable List<AccessoryKind> accessories,
    @JsonPropertyDescription(
            "When to preheat; absent: only when a PreheatExecution names this policy.")
        @Nullable Triggers triggers,
    @JsonPropertyDescription("Hours in which tasks may start; outside they wait. Absent: always.")
        @Nullable Window window,
    @JsonPropertyDescription("Which peers; absent: one seed peer for each blob.")
        @Nullable Target target,
    @JsonPropertyDescription("When a task counts as warm; absent: all that was planned is held.")
        @Nullable Verification verification,
    @JsonPropertyDescription(
            "What happens at a scheduled time while an earlier scheduled execution still runs."
                + " Allow: both run; Forbid: the new one is left out; Replace: the old one is"
                + " cancelled.")
        @Default("Allow")
        @Nullable ConcurrencyPolicy concurrencyPolicy,
    @JsonPropertyDescription(
            "Order in a provider's queue: tasks of a higher priority go first, in this namespace;"
                + " among namespaces as far as the provider's allowedNamespaces lets it count.")
        @Default("0")
        @Min(-1000)
        @Max(1000)
        @Nullable Integer priority,
    @JsonPropertyDescription("Limits of the executions that this policy starts.")
        @Nullable ExecutionTemplate executionTemplate,
    @JsonPropertyDescription(
            "Finished successful executions to keep, of those that this policy started; as many again"
                + " of those that selected nothing.")
        @Default("3")
        @Min(0)
        @Max(1000)
        @Nullable Integer successfulExecutionsHistoryLimit,
    @JsonPropertyDescription(
            "Finished failed executions to keep, of those that this policy started.")
        @Default("5")
        @Min(0)
        @Max(1000)
        @Nullable Integer failedExecutionsHistoryLimit) {

  /** Whether nothing new may start. */
  public boolean suspended() {
    return Boolean.TRUE.equals(suspend);
  }

  /** The queue priority, with its default. */
  public int effectivePriority() {
    return priority == null ? 0 : priority;
  }

  /** What to do with overlapping schedules. */
  public ConcurrencyPolicy effectiveConcurrencyPolicy() {
    return concurrencyPolicy == null ? ConcurrencyPolicy.ALLOW : concurrencyPolicy;
  }

  /** What starts an execution. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Triggers(
      @JsonPropertyDescription(
              "Events of Harbor. Pushed: a tag was pushed; Scanned: a vulnerability scan ended;"
                  + " Labeled: a label was added (seen by the catch-up sweep, for Harbor sends no"
                  + " webhook for it).")
          @Size(min = 1, max = 3)
          @Nullable List<EventTrigger> events,
      @JsonPropertyDescription("Times at which all selected artifacts are preheated.")
          @Nullable Schedule schedule) {}

  /** The events that can start an execution. */
  public enum EventTrigger {
    @JsonProperty("Pushed")
    PUSHED,
    @JsonProperty("Scanned")
    SCANNED,
    @JsonProperty("Labeled")
    LABELED
  }

  /** A schedule, with the meaning of a Kubernetes CronJob's. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Schedule(
      @JsonPropertyDescription(
              "Five fields (minute hour day-of-month month day-of-week) or a macro such as @daily.")
          @Required
          @Pattern(Patterns.CRON)
          @Size(min = 6, max = 128)
          String cron,
      @JsonPropertyDescription("IANA time zone of the schedule; absent: UTC.")
          @Pattern(Patterns.TIME_ZONE)
          @Size(min = 1, max = 64)
          @Nullable String timeZone,
      @JsonPropertyDescription(
              "How late a missed time may still be started; absent: however late, once.")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String startingDeadline) {}

  /** Hours of the day in which tasks may start. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(value = "self.start != self.end", message = "start and end must differ")
  public record Window(
      @JsonPropertyDescription("First minute, as HH:MM.")
          @Required
          @Pattern(Patterns.TIME_OF_DAY)
          @Size(min = 5, max = 5)
          String start,
      @JsonPropertyDescription(
              "First minute after the window, as HH:MM; earlier than start: the window crosses"
                  + " midnight.")
          @Required
          @Pattern(Patterns.TIME_OF_DAY)
          @Size(min = 5, max = 5)
          String end,
      @JsonPropertyDescription("IANA time zone; absent: UTC.")
          @Pattern(Patterns.TIME_ZONE)
          @Size(min = 1, max = 64)
          @Nullable String timeZone,
      @JsonPropertyDescription("Days on which the window begins; absent: every day.")
          @Size(min = 1, max = 7)
          @Nullable List<Weekday> days) {}

  /** Days of the week. */
  public enum Weekday {
    @JsonProperty("Mon")
    MON,
    @JsonProperty("Tue")
    TUE,
    @JsonProperty("Wed")
    WED,
    @JsonProperty("Thu")
    THU,
    @JsonProperty("Fri")
    FRI,
    @JsonProperty("Sat")
    SAT,
    @JsonProperty("Sun")
    SUN
  }

  /** What to do when schedules overlap. */
  public enum ConcurrencyPolicy {
    @JsonProperty("Allow")
    ALLOW,
    @JsonProperty("Forbid")
    FORBID,
    @JsonProperty("Replace")
    REPLACE
  }

  /** Limits that a policy gives its executions. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ExecutionTemplate(
      @JsonPropertyDescription(
              "Time from an execution's start after which what is unfinished fails, also while it"
                  + " only waits; absent: no limit, so that an outage of a provider loses nothing.")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String activeDeadline,
      @JsonPropertyDescription("How often a failed task is sent again.")
          @Default("3")
          @Min(0)
          @Max(100)
          @Nullable Integer backoffLimit,
      @JsonPropertyDescription("Time after its end at which an execution is deleted; absent: 168h.")
          @Default("168h")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String ttlAfterFinished,
      @JsonPropertyDescription(
              "Time that a provider may take for one artifact; large models need hours. Absent:"
                  + " 1h.")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String taskTimeout) {}
}
