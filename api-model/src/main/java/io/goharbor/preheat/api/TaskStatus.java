package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.SchemaFrom;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One artifact of one platform on one provider. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TaskStatus(
    @JsonPropertyDescription("Key of the task in this execution; it is also sent to the provider.")
        String id,
    @JsonPropertyDescription("The artifact for people, as repository:tag or repository@digest.")
        String artifact,
    @JsonPropertyDescription("Repository with its project.") String repository,
    @JsonPropertyDescription("Digest of the manifest that is preheated: never that of an index.")
        String digest,
    @JsonPropertyDescription("Platform, when the artifact is one of an index.")
        @Nullable String platform,
    @JsonPropertyDescription(
            "What the manifest is to the artifact, when it is not the artifact itself: Nydus.")
        @Nullable AccessoryKind accessory,
    @JsonPropertyDescription("The provider, as namespace/name.") String provider,
    @JsonPropertyDescription("Where the task stands.") TaskState state,
    @JsonPropertyDescription("The provider's name of the job; absent while there is none.")
        @Nullable String jobID,
    @JsonPropertyDescription("How often the task was sent.") int attempts,
    @JsonPropertyDescription("Bytes of the manifest's config and layers.") @Nullable Long bytes,
    @JsonPropertyDescription("Share of the bytes known to be held, in percent.")
        @Nullable Integer warmPercent,
    // An open text, not an enum: a newer operator may know reasons that the installed CRD does not.
    @JsonPropertyDescription("Why the task is in this state, from the list in the documentation.")
        @SchemaFrom(type = String.class)
        @Nullable Reason reason,
    @JsonPropertyDescription("The same as a sentence.") @Nullable String message,
    @JsonPropertyDescription("When the task was last sent, or about to be.")
        @Nullable Instant startTime,
    @JsonPropertyDescription("Not before this time is the task sent again.")
        @Nullable Instant retryTime,
    @JsonPropertyDescription("When the task ended.") @Nullable Instant completionTime,
    @JsonPropertyDescription(
            "Of the attempts, those that only continued with a new pull token; backoffLimit does not"
                + " count them.")
        @Nullable Integer renewals) {

  /** Attempts that count against backoffLimit. */
  public int countedAttempts() {
    return attempts - (renewals == null ? 0 : renewals);
  }
}
