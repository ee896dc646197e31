package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was last seen of a {@link P2PProvider}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record P2PProviderStatus(
    @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready: work is sent. Reachable: the provider answered the last probe. TaskIDsMatch, of a"
                + " Dragonfly: pulls find what is preheated. Insecure, only where it holds:"
                + " certificates are not verified.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("The provider's version, as far as it can be told.")
        @Nullable String version,
    @JsonPropertyDescription("What a policy may ask of this provider.")
        @Nullable List<String> capabilities,
    @JsonPropertyDescription("Work of this provider at the last probe.") @Nullable Tasks tasks,
    @JsonPropertyDescription(
            "Time of the last probe whose result differed; once an hour also of one that did not.")
        @Nullable Instant lastProbeTime) {

  /** Work of a provider. */
  public record Tasks(
      @JsonPropertyDescription("Tasks that the provider works on.") int running,
      @JsonPropertyDescription("Tasks that wait for a free place.") int queued) {}
}
