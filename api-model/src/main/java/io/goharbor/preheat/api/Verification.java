package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** When a task counts as warm. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verification(
    @JsonPropertyDescription(
            "Provider: the peers must hold the blobs, as far as the provider can be asked; None:"
                + " what the provider accepted and finished counts.")
        @Default("Provider")
        @Nullable Mode mode,
    @JsonPropertyDescription(
            "Share of the expected bytes that the peers must hold, in percent; below it the task is"
                + " sent again.")
        @Default("100")
        @Min(1)
        @Max(100)
        @Nullable Integer minimumWarmPercent) {

  /** The verification of a policy that names none. */
  public static final Verification DEFAULT = new Verification(Mode.PROVIDER, 100);

  /** The mode, with its default. */
  public Mode effectiveMode() {
    return mode == null ? Mode.PROVIDER : mode;
  }

  /** The share of bytes that must be held, in percent. */
  public int requiredPercent() {
    return minimumWarmPercent == null ? 100 : minimumWarmPercent;
  }

  /** Who is asked. */
  public enum Mode {
    @JsonProperty("None")
    NONE,
    @JsonProperty("Provider")
    PROVIDER
  }
}
