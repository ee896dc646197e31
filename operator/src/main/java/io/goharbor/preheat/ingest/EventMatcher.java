package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what an event asks of which policies, by what the event itself tells. Labels, severity and
 * type are looked at when the execution is planned: ingest never asks Harbor, which waits for the
 * answer.
 */
final class EventMatcher {
  /** What came of it. */
  sealed interface Match {
    /**
     * Policies want it.
     *
     * @param wishes at least one
     */
    record Wanted(List<Wish> wishes) implements Match {}

    /** No policy wants it. */
    record NotWanted(Reason reason, String why) implements Match {}
  }

  /** Cosign up to 2 tags signatures and attestations with the digest that they are about. */
  private static final Pattern COSIGN_TAG =
      Pattern.compile("sha256-([0-9a-f]{64})(\\.(sig|att|sbom))?");

  private final Policies policies;

  EventMatcher(Policies policies) {
    this.policies = policies;
  }

  Match match(ObjectKey registry, HarborEvent.Artifacts event) {
    List<Wish> wishes = new ArrayList<>();
    boolean selected = false;
    for (Artifact artifact : event.artifacts()) {
      for (Wish wish : selecting(registry, event, artifact)) {
        selected = true;
        if (wants(wish.policy(), event.trigger())) {
          wishes.add(wish);
        }
      }
    }
    if (!wishes.isEmpty()) {
      return new Match.Wanted(wishes);
    }
    String repository = event.project() + "/" + event.repository();
    if (selected) {
      return new Match.NotWanted(
          Reason.EVENT_NOT_SELECTED,
          "policies select from " + repository + ", but not on this kind of event");
    }
    return event.trigger() == EventTrigger.PUSHED
            && event.artifacts().stream().allMatch(artifact -> standsForItself(artifact).isEmpty())
        ? new Match.NotWanted(
            Reason.UNTAGGED,
            "pushed by digest only, as parts of an index and what is attached to one are, and no"
                + " policy of "
                + repository
                + " looks at attachments")
        : new Match.NotWanted(Reason.NO_POLICY_SELECTS, "no policy selects this of " + repository);
  }

  /** A wish for each policy whose selector the artifact could meet. */
  private Collection<Wish> selecting(
      ObjectKey registry, HarborEvent.Artifacts event, Artifact artifact) {
    String repository = event.project() + "/" + event.repository();
    String key = key(event, artifact);
    Map<ObjectKey, Wish> all = new LinkedHashMap<>();
    boolean scan = event.trigger() == EventTrigger.SCANNED;
    Optional<String> tag = scan ? Optional.ofNullable(artifact.tag()) : standsForItself(artifact);
    if (tag.isPresent()) {
      ArtifactRef ref = new ArtifactRef(repository, artifact.tag(), artifact.digest());
      for (PreheatPolicy policy :
          policies.concerned(registry, event.project(), event.repository(), artifact.tag())) {
        all.put(ObjectKey.of(policy), new Wish(policy, key, ref, event.time()));
      }
    }
    // A scan is of the digest, and the event names one of its tags at most; what is attached to an
    // artifact has none of its tags. Planning looks at them all.
    if (scan || mayBeAttached(artifact)) {
      ArtifactRef ref = new ArtifactRef(repository, null, subject(artifact));
      for (PreheatPolicy policy :
          policies.concerned(registry, event.project(), event.repository(), null)) {
        if (scan || looksAtAttachments(policy)) {
          all.putIfAbsent(ObjectKey.of(policy), new Wish(policy, key, ref, event.time()));
        }
      }
    }
    return all.values();
  }

  /** The tag under which an artifact was pushed for itself. */
  private static Optional<String> standsForItself(Artifact artifact) {
    return Optional.ofNullable(artifact.tag()).filter(tag -> !COSIGN_TAG.matcher(tag).matches());
  }

  /**
   * Whether what was pushed may be attached to another artifact: it comes by digest, or by a tag
   * that cosign makes, or by one that Nydus converters make, whose suffix is {@code -nydus} unless
   * it is set otherwise.
   */
  private static boolean mayBeAttached(Artifact artifact) {
    return standsForItself(artifact).map(tag -> tag.contains("nydus")).orElse(true);
  }

  /** What cosign's tag names as signed; else the artifact, whose manifest tells planning. */
  private static String subject(Artifact artifact) {
    Matcher cosign = COSIGN_TAG.matcher(artifact.tag() == null ? "" : artifact.tag());
    return cosign.matches() ? "sha256:" + cosign.group(1) : artifact.digest();
  }

  private static boolean looksAtAttachments(PreheatPolicy policy) {
    ArtifactSelector selector = policy.getSpec().selector();
    return policy.getSpec().accessories() != null
        || (selector != null && selector.signature() != null);
  }

  private static boolean wants(PreheatPolicy policy, EventTrigger trigger) {
    return policy.getSpec().triggers() != null
        && policy.getSpec().triggers().events() != null
        && policy.getSpec().triggers().events().contains(trigger);
  }

  private static String key(HarborEvent.Artifacts event, Artifact artifact) {
    return event.type()
        + " "
        + event.occurred()
        + " "
        + event.project()
        + "/"
        + event.repository()
        + (artifact.tag() == null ? "" : ":" + artifact.tag())
        + "@"
        + artifact.digest();
  }
}
