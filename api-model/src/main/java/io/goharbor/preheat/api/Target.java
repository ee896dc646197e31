package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which peers are to hold the artifact; a provider refuses what it cannot do. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "[has(self.count), has(self.percentage), has(self.ips)].filter(x, x).size() <= 1",
    message = "at most one of count, percentage and ips may be set")
@ValidationRule(
    value =
        "!has(self.scope) || self.scope != 'SingleSeedPeer' || !(has(self.count) ||"
            + " has(self.percentage) || has(self.ips))",
    message = "count, percentage and ips need scope AllSeedPeers or AllPeers")
public record Target(
    @JsonPropertyDescription(
            "SingleSeedPeer: each blob on one seed peer; AllSeedPeers: on every seed peer;"
                + " AllPeers: on every node's peer. Kraken always fills its origins, which counts"
                + " as AllSeedPeers.")
        @Default("SingleSeedPeer")
        @Nullable Scope scope,
    @JsonPropertyDescription("Only this many peers of the scope.") @Min(1) @Max(200)
        @Nullable Integer count,
    @JsonPropertyDescription("Only this share of the peers of the scope, in percent.")
        @Min(1)
        @Max(100)
        @Nullable Integer percentage,
    @JsonPropertyDescription("Only the peers with these IP addresses.") @Size(min = 1, max = 100)
        @Nullable List<@Pattern(Patterns.IP) @Size(min = 2, max = 45) String> ips,
    @JsonPropertyDescription("What only Dragonfly can be asked; other providers refuse it.")
        @Nullable DragonflyArguments dragonfly) {

  /** A target without arguments for a kind of provider. */
  public Target(
      @Nullable Scope scope,
      @Nullable Integer count,
      @Nullable Integer percentage,
      @Nullable List<String> ips) {
    this(scope, count, percentage, ips, null);
  }

  /** The target of a policy that names none. */
  public static final Target DEFAULT = new Target(Scope.SINGLE_SEED_PEER, null, null, null);

  /** The scope, with its default. */
  public Scope effectiveScope() {
    return scope == null ? Scope.SINGLE_SEED_PEER : scope;
  }

  /** Arguments that Dragonfly's Manager takes beside the peers. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DragonflyArguments(
      @JsonPropertyDescription("Only these scheduler clusters; absent: the provider's.")
          @Size(min = 1, max = 32)
          @Nullable List<@Min(1) Integer> schedulerClusterIDs,
      @JsonPropertyDescription(
              "Blobs of one artifact that are fetched at the same time; absent: 8.")
          @Min(1)
          @Max(100)
          @Nullable Integer concurrentTasks,
      @JsonPropertyDescription("Peers that fetch one blob at the same time; absent: 500.")
          @Min(1)
          @Max(1000)
          @Nullable Integer concurrentPeers,
      @JsonPropertyDescription(
              "Length of a piece in MiB. Part of the task's id: only pulls that send it in"
                  + " X-Dragonfly-Piece-Length find what was preheated. Absent: by size.")
          @Min(4)
          @Max(64)
          @Nullable Integer pieceLengthMiB,
      @JsonPropertyDescription(
              "Part of the task's id: only pulls that send it in X-Dragonfly-Application find what"
                  + " was preheated.")
          @Pattern(Patterns.HEADER_TEXT)
          @Size(min = 1, max = 128)
          @Nullable String application,
      @JsonPropertyDescription(
              "Part of the task's id: only pulls that send it in X-Dragonfly-Tag find what was"
                  + " preheated.")
          @Pattern(Patterns.HEADER_TEXT)
          @Size(min = 1, max = 128)
          @Nullable String tag,
      @JsonPropertyDescription(
              "Query parameters of a URL that do not count for the task's id; absent: Dragonfly's"
                  + " own list of signatures.")
          @Size(min = 1, max = 32)
          @Nullable List<@Pattern(Patterns.QUERY_PARAMETER) @Size(min = 1, max = 128) String>
              filteredQueryParams) {}

  /** The peers of a provider. */
  public enum Scope {
    @JsonProperty("SingleSeedPeer")
    SINGLE_SEED_PEER,
    @JsonProperty("AllSeedPeers")
    ALL_SEED_PEERS,
    @JsonProperty("AllPeers")
    ALL_PEERS
  }
}
