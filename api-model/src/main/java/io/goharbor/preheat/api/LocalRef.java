package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** The name of an object in the same namespace. */
public record LocalRef(
    @JsonPropertyDescription("Name of the object, in the namespace of this one.")
        @Required
        @Pattern(Patterns.OBJECT_NAME)
        @Size(min = 1, max = 253)
        String name) {}
