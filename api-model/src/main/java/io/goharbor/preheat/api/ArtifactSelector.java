package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which artifacts a policy preheats; all that is set must hold. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ArtifactSelector(
    @JsonPropertyDescription("Patterns over project names.") @Nullable PatternSet projects,
    @JsonPropertyDescription(
            "Patterns over repository names without the project, such as api/web or **.")
        @Nullable PatternSet repositories,
    @JsonPropertyDescription(
            "Patterns over tags; an artifact is selected by each of its tags that matches.")
        @Nullable PatternSet tags,
    @JsonPropertyDescription("Harbor labels, by exact name, global or of the project.")
        @Nullable Labels labels,
    @JsonPropertyDescription(
            "Image, Model (which Harbor calls CNAI, or MODEL where it does not know the format),"
                + " Chart, or another type by Harbor's own name; absent: Image.")
        @Size(min = 1, max = 16)
        @Nullable List<@Pattern("^[A-Za-z0-9._-]+$") @Size(min = 1, max = 64) String> artifactTypes,
    @JsonPropertyDescription("Signatures that must be attached to the artifact in Harbor.")
        @Nullable Signature signature,
    @JsonPropertyDescription("Ceiling of known vulnerabilities; a finished report must exist.")
        @Nullable Vulnerability vulnerability,
    @JsonPropertyDescription("Only artifacts pushed within this time, such as 720h.")
        @Pattern(Patterns.DURATION)
        @Size(min = 2, max = 32)
        @Nullable String pushedWithin,
    @JsonPropertyDescription(
            "Only the newest N artifacts of each repository, among those that the rest selects.")
        @Min(1)
        @Max(1000)
        @Nullable Integer latestPushed) {

  /** A selector that sets nothing. */
  public static final ArtifactSelector EVERYTHING = ArtifactSelectorBuilder.builder().build();

  /** Doublestar patterns; a name passes when an include matches and no exclude does. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "(!has(self.include) || self.include.all(p, "
              + Patterns.CEL_GLOB
              + ")) && (!has(self.exclude) || self.exclude.all(p, "
              + Patterns.CEL_GLOB
              + "))",
      message = Patterns.GLOB_MESSAGE)
  public record PatternSet(
      @JsonPropertyDescription("At least one must match; absent: everything does.")
          @Size(min = 1, max = 64)
          @Nullable List<@Size(min = 1, max = Patterns.GLOB_LENGTH) String> include,
      @JsonPropertyDescription("None may match.") @Size(min = 1, max = 64)
          @Nullable List<@Size(min = 1, max = Patterns.GLOB_LENGTH) String> exclude) {}

  /** Rules over label names. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Labels(
      @JsonPropertyDescription("All of these must be on the artifact.") @Size(min = 1, max = 32)
          @Nullable List<@Size(min = 1, max = 128) String> all,
      @JsonPropertyDescription("At least one of these must be.") @Size(min = 1, max = 32)
          @Nullable List<@Size(min = 1, max = 128) String> any,
      @JsonPropertyDescription("None of these may be.") @Size(min = 1, max = 32)
          @Nullable List<@Size(min = 1, max = 128) String> none) {}

  /** Signatures by their presence in Harbor; they are not verified cryptographically. */
  public record Signature(
      @JsonPropertyDescription("At least one of these kinds must be attached.")
          @Required
          @Size(min = 1, max = 2)
          List<SignatureKind> anyOf) {}

  /** The kinds of signature that Harbor keeps. */
  public enum SignatureKind {
    @JsonProperty("Cosign")
    COSIGN,
    @JsonProperty("Notation")
    NOTATION
  }

  /** A ceiling over the worst vulnerability of a report. */
  public record Vulnerability(
      @JsonPropertyDescription("This severity and lower pass.") @Required Severity maxSeverity) {}

  /** Severities, from harmless to worst. */
  public enum Severity {
    @JsonProperty("None")
    NONE,
    @JsonProperty("Negligible")
    NEGLIGIBLE,
    @JsonProperty("Low")
    LOW,
    @JsonProperty("Medium")
    MEDIUM,
    @JsonProperty("High")
    HIGH,
    @JsonProperty("Critical")
    CRITICAL
  }
}
