package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Target;
import java.util.Optional;
import java.util.Set;

/** What a policy may ask of a provider. */
public enum Capability {
  /** Each blob on one seed peer. */
  SINGLE_SEED_PEER("SingleSeedPeer"),
  /** Every blob on every seed peer. */
  ALL_SEED_PEERS("AllSeedPeers"),
  /** Every blob on every node's peer. */
  ALL_PEERS("AllPeers"),
  /** target.count. */
  PEER_COUNT("PeerCount"),
  /** target.percentage. */
  PEER_PERCENTAGE("PeerPercentage"),
  /** target.ips. */
  PEER_ADDRESSES("PeerAddresses"),
  /** The provider can be asked whether peers hold the blobs. */
  VERIFICATION("Verification"),
  /** The caches can be emptied of an artifact: executions with operation Evict. */
  EVICTION("Eviction"),
  /** target.dragonfly. */
  DRAGONFLY_ARGUMENTS("DragonflyArguments");

  private final String text;

  Capability(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }

  /** What a provider with these capabilities cannot do with artifacts, as a sentence. */
  public static Optional<String> missing(Set<Capability> has, Operation operation) {
    Capability needed =
        switch (operation) {
          case PREHEAT -> null;
          case VERIFY -> VERIFICATION;
          case EVICT -> EVICTION;
        };
    return needed == null || has.contains(needed)
        ? Optional.empty()
        : Optional.of("operation " + operation + " is not supported");
  }

  /** What of a target a provider with these capabilities cannot do, as a sentence. */
  public static Optional<String> missing(Set<Capability> has, Target target) {
    Capability scope =
        switch (target.effectiveScope()) {
          case SINGLE_SEED_PEER -> SINGLE_SEED_PEER;
          case ALL_SEED_PEERS -> ALL_SEED_PEERS;
          case ALL_PEERS -> ALL_PEERS;
        };
    if (!has.contains(scope)) {
      return Optional.of("target.scope " + scope + " is not supported");
    }
    if (target.count() != null && !has.contains(PEER_COUNT)) {
      return Optional.of("target.count is not supported");
    }
    if (target.percentage() != null && !has.contains(PEER_PERCENTAGE)) {
      return Optional.of("target.percentage is not supported");
    }
    if (target.ips() != null && !has.contains(PEER_ADDRESSES)) {
      return Optional.of("target.ips is not supported");
    }
    if (target.dragonfly() != null && !has.contains(DRAGONFLY_ARGUMENTS)) {
      return Optional.of("target.dragonfly is not supported");
    }
    return Optional.empty();
  }
}
