package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret in the same namespace. */
public record SecretKeyRef(
    @JsonPropertyDescription("Name of the Secret, in the namespace of this object.")
        @Required
        @Pattern(Patterns.OBJECT_NAME)
        @Size(min = 1, max = 253)
        String name,
    @JsonPropertyDescription("Key in the Secret's data.")
        @Required
        @Pattern(Patterns.DATA_KEY)
        @Size(min = 1, max = 253)
        String key) {}
