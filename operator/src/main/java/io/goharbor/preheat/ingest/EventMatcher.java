package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import io.goharbor.preheat.ingest.Policies.Indexed;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.MatchBudget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what an event asks of which policies, by what the event itself tells. Labels, severity and
 * type are checked when the execution is planned: ingest never asks Harbor, which waits for the
 * answer.
 */
final class EventMatcher {
  /** What came of it. */
  sealed interface Match {
    /**
     * Policies want it.
     *
     * @param requests at least one
     * @param unjudged policies that might want it too, but could not be asked within the budget
     */
    record Wanted(List<PreheatRequest> requests, List<ObjectKey> unjudged) implements Match {}

    /**
     * No policy that could be asked within the budget wants it.
     *
     * @param policies those that could not; at least one
     */
    record Unjudged(List<ObjectKey> policies) implements Match {}

    /** No policy wants it. */
    record NotWanted(Reason reason, String why) implements Match {}
  }

  /** Cosign up to 2 tags signatures and attestations with the digest that they are about. */
  private static final Pattern COSIGN_TAG =
      Pattern.compile("sha256-([0-9a-f]{64})(\\.(sig|att|sbom))?");

  /**
   * What it may cost to find the policies of one event: fractions of a second. An event of one
   * artifact and a thousand policies that must all be asked takes less than a hundredth of it.
   */
  private static final long MOST_STEPS = 20_000_000;

  private final Policies policies;

  EventMatcher(Policies policies) {
    this.policies = policies;
  }

  Match match(ObjectKey registry, HarborEvent.Artifacts event) {
    MatchBudget budget = new MatchBudget(MOST_STEPS);
    List<EventArtifact> artifacts =
        event.artifacts().stream().map(artifact -> EventArtifact.of(event, artifact)).toList();
    List<PreheatRequest> requests = new ArrayList<>();
    List<PreheatPolicy> unjudged = new ArrayList<>();
    boolean selected = false;
    for (Indexed indexed : cheapestFirst(registry, event)) {
      List<PreheatRequest> asked = requests(indexed, artifacts, event, budget);
      selected |= !asked.isEmpty();
      if (wants(indexed.policy(), event.trigger())) {
        requests.addAll(asked);
      }
      if (budget.spent()) {
        unjudged.add(indexed.policy());
      }
    }
    List<ObjectKey> missing =
        unjudged.stream()
            .filter(policy -> wants(policy, event.trigger()))
            .map(ObjectKey::of)
            .toList();
    if (!requests.isEmpty()) {
      return new Match.Wanted(requests, missing);
    }
    if (!missing.isEmpty()) {
      return new Match.Unjudged(missing);
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

  /**
   * An artifact of an event, in the ways in which policies may look at it.
   *
   * @param key tells a redelivery from another event
   * @param tag what patterns of tags are asked about; null when it has none that counts
   * @param itself under its tag, for policies that select that; null: it does not stand for itself
   * @param other without a tag, for policies that do not; null: it stands for itself only
   */
  private record EventArtifact(
      String key, @Nullable String tag, @Nullable ArtifactRef itself, @Nullable ArtifactRef other) {

    static EventArtifact of(HarborEvent.Artifacts event, Artifact artifact) {
      String repository = event.project() + "/" + event.repository();
      boolean scan = event.trigger() == EventTrigger.SCANNED;
      Optional<String> tag = scan ? Optional.ofNullable(artifact.tag()) : standsForItself(artifact);
      return new EventArtifact(
          eventKey(event, artifact),
          tag.orElse(null),
          tag.map(name -> new ArtifactRef(repository, name, artifact.digest())).orElse(null),
          // A scan is of the digest, and the event names one of its tags at most; what is attached
          // to an artifact has none of its tags. Planning looks at them all.
          scan || mayBeAttached(artifact)
              ? new ArtifactRef(repository, null, subject(artifact))
              : null);
    }
  }

  /** When the budget is too small, then for policies that cost more than others. */
  private List<Indexed> cheapestFirst(ObjectKey registry, HarborEvent.Artifacts event) {
    return policies.indexed(registry, event.project(), event.repository()).stream()
        .sorted(Comparator.comparingInt(indexed -> indexed.selector().weight()))
        .toList();
  }

  /** A wish for each artifact that the policy's selector could take. */
  private static List<PreheatRequest> requests(
      Indexed indexed,
      List<EventArtifact> artifacts,
      HarborEvent.Artifacts event,
      MatchBudget budget) {
    List<PreheatRequest> requests = new ArrayList<>();
    if (!indexed.selector().couldMatch(event.project(), event.repository(), budget)) {
      return requests;
    }
    boolean others =
        event.trigger() == EventTrigger.SCANNED || looksAtAttachments(indexed.policy());
    for (EventArtifact artifact : artifacts) {
      ArtifactRef wanted =
          artifact.tag() != null && indexed.selector().couldMatchTag(artifact.tag(), budget)
              ? artifact.itself()
              : others ? artifact.other() : null;
      if (wanted != null && !budget.spent()) {
        requests.add(new PreheatRequest(indexed.policy(), artifact.key(), wanted, event.time()));
      }
    }
    return requests;
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

  private static String eventKey(HarborEvent.Artifacts event, Artifact artifact) {
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
