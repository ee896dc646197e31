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

/** The wanted state of a {@link HarborRegistry}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HarborRegistrySpec(
    @JsonPropertyDescription(
            "Base URL of Harbor's REST API, without /api/v2.0, such as https://harbor.example.com.")
        @Required
        @Pattern(Patterns.URL)
        @Size(min = 8, max = 512)
        String url,
    @JsonPropertyDescription(
            "Base URL from which the P2P clients pull; it must be the host that image references"
                + " name. Absent: the same as url.")
        @Pattern(Patterns.URL)
        @Size(min = 8, max = 512)
        @Nullable String registryURL,
    @JsonPropertyDescription(
            "Secret of type kubernetes.io/basic-auth with a robot account's username and password;"
                + " absent: Harbor is asked anonymously and only public projects are seen. The account pulls"
                + " for every policy and execution of the namespace: it must be allowed no more than"
                + " whoever may create these.")
        @Nullable LocalRef credentialsSecretRef,
    @JsonPropertyDescription("TLS towards Harbor; absent: the system's authorities are trusted.")
        @Nullable Tls tls,
    @JsonPropertyDescription("Upper limit of requests a second that the operator sends to Harbor.")
        @Default("20")
        @Min(1)
        @Max(1000)
        @Nullable Integer requestsPerSecond,
    @JsonPropertyDescription(
            "The webhook that Harbor calls; absent: events are refused and only the catch-up sweep"
                + " finds new artifacts.")
        @Nullable Webhook webhook,
    @JsonPropertyDescription(
            "The sweep that finds what no webhook reported; absent: every 10 minutes.")
        @Nullable CatchUp catchUp) {

  /** Default of {@code requestsPerSecond}. */
  public static final int DEFAULT_REQUESTS_PER_SECOND = 20;

  /** The URL from which P2P clients pull, without a trailing slash. */
  public String pullUrl() {
    String pull = registryURL == null ? url : registryURL;
    return pull.endsWith("/") ? pull.substring(0, pull.length() - 1) : pull;
  }

  /** The limit of requests a second, with its default. */
  public int requestLimit() {
    return requestsPerSecond == null ? DEFAULT_REQUESTS_PER_SECOND : requestsPerSecond;
  }

  /** How Harbor reports events. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Webhook(
      @JsonPropertyDescription(
              "Secret key with the exact value of the Authorization header that Harbor must send;"
                  + " events without it are answered 401.")
          @Required
          SecretKeyRef authorizationSecretRef,
      @JsonPropertyDescription(
              "Let the operator create, repair and remove its webhook in Harbor's projects; absent:"
                  + " an administrator sets the webhook up by hand, with the path in"
                  + " status.webhook.path.")
          @Nullable Registration registration) {}

  /** How the operator registers its own webhook. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "!has(self.projects) || self.projects.all(p, " + Patterns.CEL_GLOB + ")",
      message = Patterns.GLOB_MESSAGE)
  public record Registration(
      @JsonPropertyDescription(
              "Base URL under which Harbor reaches the operator; the path of this registry is"
                  + " appended.")
          @Required
          @Pattern(Patterns.URL)
          @Size(min = 8, max = 512)
          String address,
      @JsonPropertyDescription(
              "Doublestar patterns of the projects that get the webhook; absent: all that the"
                  + " account can see.")
          @Size(min = 1, max = 64)
          @Nullable List<@Size(min = 1, max = Patterns.GLOB_LENGTH) String> projects,
      @JsonPropertyDescription("Format of the events; the operator accepts both always.")
          @Default("CloudEvents")
          @Nullable PayloadFormat payloadFormat) {

    /** The project patterns, with their default. */
    public List<String> projectPatterns() {
      return projects == null || projects.isEmpty() ? List.of("*") : projects;
    }

    /** The format to register. */
    public PayloadFormat format() {
      return payloadFormat == null ? PayloadFormat.CLOUD_EVENTS : payloadFormat;
    }
  }

  /** Harbor's formats of a webhook body. */
  public enum PayloadFormat {
    @JsonProperty("Default")
    DEFAULT("Default"),
    @JsonProperty("CloudEvents")
    CLOUD_EVENTS("CloudEvents");

    private final String harborName;

    PayloadFormat(String harborName) {
      this.harborName = harborName;
    }

    /** The name by which Harbor's REST API knows the format. */
    public String harborName() {
      return harborName;
    }
  }

  /** When the sweep runs. */
  public record CatchUp(
      @JsonPropertyDescription("Time between two sweeps, such as 10m; 30s at the least.")
          @Required
          @Default("10m")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          String interval) {}
}
