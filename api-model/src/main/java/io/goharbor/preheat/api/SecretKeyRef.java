package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret in the same namespace. */
public record SecretKeyRef(
    @JsonPropertyDescription("Name of the Secret, in the namespace of this object.")
        @Required
        @Size(min = 1, max = 253)
        String name,
    @JsonPropertyDescription("Key in the Secret's data.") @Required @Size(min = 1, max = 253)
        String key) {}
