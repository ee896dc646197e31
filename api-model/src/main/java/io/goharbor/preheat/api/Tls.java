package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** How a server's certificate is checked, and the certificate shown to it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Tls(
    @JsonPropertyDescription(
            "PEM bundle of the certificate authorities to trust; absent: those of the system.")
        @Nullable CaBundleRef caBundleRef,
    @JsonPropertyDescription(
            "Secret of type kubernetes.io/tls with the client certificate for mutual TLS; absent:"
                + " none is shown.")
        @Nullable LocalRef clientCertificateSecretRef,
    @JsonPropertyDescription(
            "Accept any server certificate. Only for tests: it gives the credentials to whoever"
                + " answers.")
        @Default("false")
        @Nullable Boolean insecureSkipVerify) {

  /** Whether any certificate is accepted. */
  public boolean skipsVerification() {
    return Boolean.TRUE.equals(insecureSkipVerify);
  }

  /** Where a bundle of certificate authorities is kept. */
  public record CaBundleRef(
      @JsonPropertyDescription("Kind of the object that holds the bundle.")
          @Required
          @Default("Secret")
          Kind kind,
      @JsonPropertyDescription("Name of the Secret or ConfigMap, in the namespace of this object.")
          @Required
          @Pattern(Patterns.OBJECT_NAME)
          @Size(min = 1, max = 253)
          String name,
      @JsonPropertyDescription("Key of the PEM bundle.")
          @Required
          @Default("ca.crt")
          @Pattern(Patterns.DATA_KEY)
          @Size(min = 1, max = 253)
          String key) {

    /** The kinds that can hold a bundle. */
    public enum Kind {
      @JsonProperty("Secret")
      SECRET,
      @JsonProperty("ConfigMap")
      CONFIG_MAP
    }
  }
}
