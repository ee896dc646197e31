package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.matching.Selector;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A policy as the sweep sees it.
 *
 * @param copies whether Nydus copies of an artifact are wanted
 * @param signatures those of which one is asked for; empty: none
 * @param undated whether the selector looks at labels or scans: Harbor tells no date of the one,
 *     and of the other one that each rescan moves
 * @param created when the policy was created, by the cluster's clock
 */
record SweptPolicy(
    PreheatPolicy policy,
    Selector selector,
    boolean copies,
    Set<SignatureKind> signatures,
    boolean undated,
    Instant created) {

  /** The policy, if events concern it and its selector is valid. */
  static Optional<SweptPolicy> of(PreheatPolicy policy) {
    if (policy.getSpec().suspended()
        || policy.getSpec().triggers() == null
        || policy.getSpec().triggers().events() == null
        || policy.getSpec().triggers().events().isEmpty()) {
      return Optional.empty();
    }
    Selector selector;
    try {
      selector = Selector.compile(policy.getSpec().selector());
    } catch (IllegalArgumentException e) {
      // The policy's own condition says what is wrong with it.
      return Optional.empty();
    }
    return Optional.of(
        new SweptPolicy(
            policy,
            selector,
            policy.getSpec().accessories() != null
                && policy.getSpec().accessories().contains(AccessoryKind.NYDUS),
            policy.getSpec().selector() == null || policy.getSpec().selector().signature() == null
                ? Set.of()
                : Set.copyOf(policy.getSpec().selector().signature().anyOf()),
            selector.needs().labels() || selector.needs().scan(),
            Instant.parse(policy.getMetadata().getCreationTimestamp())));
  }

  /** What Harbor is to be asked of each artifact. */
  HarborArtifact.Detail detail() {
    return new HarborArtifact.Detail(
        selector.needs().labels(),
        selector.needs().signatures() || copies,
        selector.needs().scan());
  }

  /** Whether a selection can change without that anything is pushed under a new tag. */
  boolean changes() {
    return undated || selector.needs().signatures();
  }
}
