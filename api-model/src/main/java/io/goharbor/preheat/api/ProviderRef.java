package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A provider, in this namespace or in one that allows it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProviderRef(
    @JsonPropertyDescription("Name of the P2PProvider.")
        @Required
        @Pattern(Patterns.OBJECT_NAME)
        @Size(min = 1, max = 253)
        String name,
    @JsonPropertyDescription(
            "Namespace of the P2PProvider; absent: the namespace of this object. Another namespace"
                + " must be permitted by the provider's allowedNamespaces.")
        @Pattern(Patterns.NAMESPACE)
        @Size(min = 1, max = 63)
        @Nullable String namespace) {}
