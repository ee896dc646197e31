package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
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
        @Nullable List<@Size(min = 2, max = 45) String> ips) {

  /** The target of a policy that names none. */
  public static final Target DEFAULT = new Target(Scope.SINGLE_SEED_PEER, null, null, null);

  /** The scope, with its default. */
  public Scope effectiveScope() {
    return scope == null ? Scope.SINGLE_SEED_PEER : scope;
  }

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
