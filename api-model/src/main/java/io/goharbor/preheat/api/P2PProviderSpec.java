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
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The wanted state of a {@link P2PProvider}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "(self.type == 'Dragonfly') == has(self.dragonfly)",
    message = "dragonfly must be set exactly when type is Dragonfly")
@ValidationRule(
    value = "(self.type == 'Kraken') == has(self.kraken)",
    message = "kraken must be set exactly when type is Kraken")
@ValidationRule(value = "self.type == oldSelf.type", message = "type is immutable")
public record P2PProviderSpec(
    @JsonPropertyDescription("The system: Dragonfly or Kraken. Cannot be changed later.") @Required
        Type type,
    @JsonPropertyDescription("The Dragonfly Manager; set exactly when type is Dragonfly.")
        @Nullable Dragonfly dragonfly,
    @JsonPropertyDescription("The Kraken cluster; set exactly when type is Kraken.")
        @Nullable Kraken kraken,
    @JsonPropertyDescription("How the operator signs in; absent: not at all.") @Nullable Auth auth,
    @JsonPropertyDescription("TLS towards the provider; absent: the system's authorities.")
        @Nullable Tls tls,
    @JsonPropertyDescription("What the provider may be asked at the same time.")
        @Nullable Limits limits,
    @JsonPropertyDescription("How often the provider is probed.") @Nullable HealthCheck healthCheck,
    @JsonPropertyDescription(
            "Namespaces whose policies and executions may use this provider; absent: only its own.")
        @Nullable AllowedNamespaces allowedNamespaces,
    @JsonPropertyDescription("Hold all new work for this provider; what is under way goes on.")
        @Default("false")
        @Nullable Boolean suspend) {

  /** Whether new work is held. */
  public boolean suspended() {
    return Boolean.TRUE.equals(suspend);
  }

  /** The limits, with their defaults. */
  public Limits effectiveLimits() {
    return limits == null ? new Limits(null, null) : limits;
  }

  /** The health check, with its defaults. */
  public HealthCheck effectiveHealthCheck() {
    return healthCheck == null ? new HealthCheck(null, null) : healthCheck;
  }

  /** The systems that the operator can drive. */
  public enum Type {
    @JsonProperty("Dragonfly")
    DRAGONFLY("Dragonfly"),
    @JsonProperty("Kraken")
    KRAKEN("Kraken");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A Dragonfly Manager. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Dragonfly(
      @JsonPropertyDescription(
              "Base URL of the Manager's REST server, such as"
                  + " http://dragonfly-manager.dragonfly-system:8080.")
          @Required
          @Pattern(Patterns.URL)
          @Size(min = 8, max = 512)
          String url,
      @JsonPropertyDescription(
              "Ids of the scheduler clusters to preheat in, one job for each; absent: the Manager"
                  + " chooses all active ones, in one job and past its own rate limit.")
          @Size(min = 1, max = 32)
          @Nullable List<@Min(1) Integer> schedulerClusterIDs,
      @JsonPropertyDescription(
              "OpenAPI: jobs with a personal access token; Legacy: the preheats of Dragonfly 1 and"
                  + " of Managers up to 2.4.0, which tell only whether a preheat ended; Auto: what"
                  + " the Manager has, OpenAPI before Legacy.")
          @Default("Auto")
          @Nullable Api api,
      @JsonPropertyDescription(
              "What the peers' proxies make of a pull, which a preheat must match. BlobDigest: the"
                  + " blob's digest (enableTaskIDBasedBlobDigest, the chart's default since 1.5.6);"
                  + " URL: its URL; Auto: what the self-test finds through proxyURL, and until then"
                  + " what the Manager can.")
          @Default("Auto")
          @Nullable TaskIDs taskIDs,
      @JsonPropertyDescription(
              "A peer's proxy, such as http://dragonfly-seed-client.dragonfly-system:4001; the"
                  + " self-test pulls one small blob through it after a preheat and sees whether"
                  + " pulls find what preheats leave. Absent: no self-test.")
          @Pattern(Patterns.URL)
          @Size(min = 8, max = 512)
          @Nullable String proxyURL,
      @JsonPropertyDescription(
              "How long the Manager may take to create a job: it reads the manifest meanwhile."
                  + " After a crash of the operator a job of unknown fate is waited for that long.")
          @Default("180s")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String submitTimeout) {

    /** A Manager about which nothing else is said. */
    public Dragonfly(String url, @Nullable List<Integer> schedulerClusterIDs) {
      this(url, schedulerClusterIDs, null, null, null, null);
    }

    /** How long a creation may take, with its default. */
    public java.time.Duration submitLimit() {
      return DurationText.parse(submitTimeout == null ? "180s" : submitTimeout);
    }

    /** The API, with its default. */
    public Api effectiveApi() {
      return api == null ? Api.AUTO : api;
    }

    /** The kind of task id, with its default. */
    public TaskIDs effectiveTaskIDs() {
      return taskIDs == null ? TaskIDs.AUTO : taskIDs;
    }

    /** The APIs of a Dragonfly. */
    public enum Api {
      @JsonProperty("Auto")
      AUTO,
      @JsonProperty("OpenAPI")
      OPEN_API,
      @JsonProperty("Legacy")
      LEGACY
    }

    /** What a peer's cache goes by. */
    public enum TaskIDs {
      @JsonProperty("Auto")
      AUTO,
      @JsonProperty("URL")
      URL,
      @JsonProperty("BlobDigest")
      BLOB_DIGEST
    }
  }

  /** A Kraken cluster. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "has(self.proxyURL) || has(self.originURL)",
      message = "proxyURL or originURL must be set")
  public record Kraken(
      @JsonPropertyDescription(
              "Base URL of the kraken-proxy's own server listener (not its nginx port), which takes"
                  + " registry notifications; not needed with originURL.")
          @Pattern(Patterns.URL)
          @Size(min = 8, max = 512)
          @Nullable String proxyURL,
      @JsonPropertyDescription(
              "Base URL of the origin cluster, which is asked to fetch the blobs and whether it"
                  + " holds them; absent: the proxy is notified, nothing can be verified or"
                  + " evicted, and tasks end Unverified.")
          @Pattern(Patterns.URL)
          @Size(min = 8, max = 512)
          @Nullable String originURL,
      @JsonPropertyDescription(
              "Kraken namespace of an image; {project} and {repository} stand for Harbor's project"
                  + " and for the repository without it.")
          @Default("'{project}/{repository}'")
          @Pattern(Patterns.KRAKEN_TEMPLATE)
          @Size(min = 1, max = 256)
          @Nullable String namespaceTemplate) {

    /** The template, with its default. */
    public String template() {
      return namespaceTemplate == null ? "{project}/{repository}" : namespaceTemplate;
    }
  }

  /** How the operator signs in to the provider. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "self.type == 'None' || has(self.secretRef)",
      message = "secretRef must be set unless type is None")
  @ValidationRule(
      value = "(self.type == 'Header') == has(self.headerName)",
      message = "headerName must be set exactly when type is Header")
  @ValidationRule(
      value =
          "!has(self.headerName) || !self.headerName.matches('" + Patterns.FRAMING_HEADERS + "')",
      message =
          "headerName must not be a header that HTTP itself uses, such as Host or Content-Length")
  public record Auth(
      @JsonPropertyDescription(
              "None; Basic: the Secret's key holds user:password; Bearer: it holds a token, such as"
                  + " a Dragonfly personal access token; Header: it holds the value of headerName.")
          @Required
          @Default("None")
          AuthType type,
      @JsonPropertyDescription("Secret key with the credential; required unless type is None.")
          @Nullable SecretKeyRef secretRef,
      @JsonPropertyDescription("Name of the header; set exactly when type is Header.")
          @Pattern(Patterns.HEADER_NAME)
          @Size(min = 1, max = 128)
          @Nullable String headerName) {}

  /** Ways to sign in. */
  public enum AuthType {
    @JsonProperty("None")
    NONE,
    @JsonProperty("Basic")
    BASIC,
    @JsonProperty("Bearer")
    BEARER,
    @JsonProperty("Header")
    HEADER
  }

  /** What the provider may be asked at the same time. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Limits(
      @JsonPropertyDescription(
              "Tasks in flight at the same time; as many, and at least 10, may be sent again"
                  + " within a minute.")
          @Default("32")
          @Min(1)
          @Max(1000)
          @Nullable Integer maxConcurrentTasks,
      @JsonPropertyDescription("Requests a second.") @Default("8") @Min(1) @Max(1000)
          @Nullable Integer requestsPerSecond) {

    /** Tasks in flight at the same time, with the default. */
    public int concurrentTasks() {
      return maxConcurrentTasks == null ? 32 : maxConcurrentTasks;
    }

    /** Requests a second, with the default. */
    public int requestRate() {
      return requestsPerSecond == null ? 8 : requestsPerSecond;
    }
  }

  /** How the provider is probed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "!has(self.interval) || self.interval.matches('.*[1-9].*')",
      message = "interval must be longer than zero, such as 30s")
  @ValidationRule(
      value = "!has(self.timeout) || self.timeout.matches('.*[1-9].*')",
      message = "timeout must be longer than zero, such as 5s")
  public record HealthCheck(
      @JsonPropertyDescription("Time between two probes.")
          @Default("30s")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String interval,
      @JsonPropertyDescription("Time after which a probe counts as failed; 10s at most.")
          @Default("5s")
          @Pattern(Patterns.DURATION)
          @Size(min = 2, max = 32)
          @Nullable String timeout) {

    /** Time between two probes, with the default. */
    public java.time.Duration period() {
      return DurationText.parse(interval == null ? "30s" : interval);
    }

    /** Time-out of a probe, with the default. */
    public java.time.Duration limit() {
      return DurationText.parse(timeout == null ? "5s" : timeout);
    }
  }

  /** Which namespaces may refer to the provider, as in the Gateway API. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "(self.from == 'Selector') == has(self.selector)",
      message = "selector must be set exactly when from is Selector")
  public record AllowedNamespaces(
      @JsonPropertyDescription(
              "Same: the provider's own namespace; All; Selector: those whose labels match.")
          @Required
          @Default("Same")
          From from,
      @JsonPropertyDescription("Labels of the namespaces; set exactly when from is Selector.")
          @Nullable LabelSelector selector,
      @JsonPropertyDescription(
              "The highest priority that work of another namespace has against that of others; what"
                  + " its policies ask beyond that orders its own work only.")
          @Default("0")
          @Min(LOWEST_PRIORITY)
          @Max(HIGHEST_PRIORITY)
          @Nullable Integer maxPriority,
      @JsonPropertyDescription(
              "What executions of other namespaces may do; absent: Preheat and Verify. Evict lets"
                  + " them empty caches that all share, of what their own registry names.")
          @Size(min = 1, max = 3)
          @Nullable List<Operation> operations,
      @JsonPropertyDescription(
              "Other terms for single namespaces among those that are allowed; the first that names"
                  + " a namespace counts.")
          @Size(min = 1, max = 64)
          @Nullable List<Grant> grants) {

    private static final int LOWEST_PRIORITY = -1000;
    private static final int HIGHEST_PRIORITY = 1000;
    private static final Set<Operation> HARMLESS = EnumSet.of(Operation.PREHEAT, Operation.VERIFY);

    /** Namespaces to which nothing else is granted. */
    public AllowedNamespaces(From from, @Nullable LabelSelector selector) {
      this(from, selector, null, null, null);
    }

    /** The terms of a namespace, provided that it is allowed. */
    public Terms terms(String namespace) {
      Terms ofAll =
          new Terms(
              maxPriority == null ? 0 : maxPriority,
              operations == null ? HARMLESS : Set.copyOf(operations));
      return (grants == null ? List.<Grant>of() : grants)
          .stream()
              .filter(grant -> grant.namespaces().contains(namespace))
              .findFirst()
              .map(grant ->
                  new Terms(
                      grant.maxPriority() == null ? ofAll.maxPriority() : grant.maxPriority(),
                      grant.operations() == null
                          ? ofAll.operations()
                          : Set.copyOf(grant.operations())))
              .orElse(ofAll);
    }

    /**
     * What a namespace may do at a provider.
     *
     * @param maxPriority what its priorities count among namespaces at the most
     */
    public record Terms(int maxPriority, Set<Operation> operations) {
      /** Those of the provider's own namespace. */
      public static final Terms OWN = new Terms(HIGHEST_PRIORITY, EnumSet.allOf(Operation.class));
    }

    /** Terms of single namespaces. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Grant(
        @JsonPropertyDescription("Names of namespaces.") @Required @Size(min = 1, max = 64)
            List<@Pattern(Patterns.NAMESPACE) @Size(min = 1, max = 63) String> namespaces,
        @JsonPropertyDescription("Their highest priority against others; absent: as for all.")
            @Min(LOWEST_PRIORITY)
            @Max(HIGHEST_PRIORITY)
            @Nullable Integer maxPriority,
        @JsonPropertyDescription("What their executions may do; absent: as for all.")
            @Size(min = 1, max = 3)
            @Nullable List<Operation> operations) {}

    /** The ways to choose namespaces. */
    public enum From {
      @JsonProperty("Same")
      SAME,
      @JsonProperty("All")
      ALL,
      @JsonProperty("Selector")
      SELECTOR
    }
  }
}
