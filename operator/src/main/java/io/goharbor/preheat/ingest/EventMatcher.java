package io.goharbor.preheat.ingest;

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
    return selected
        ? new Match.NotWanted(
            Reason.EVENT_NOT_SELECTED,
            "policies select from " + repository + ", but not on this kind of event")
        : new Match.NotWanted(Reason.NO_POLICY_SELECTS, "no policy selects this of " + repository);
  }

  /** A wish for each policy whose selector the artifact could meet. */
  private Collection<Wish> selecting(
      ObjectKey registry, HarborEvent.Artifacts event, Artifact artifact) {
    String repository = event.project() + "/" + event.repository();
    String key = key(event, artifact);
    Map<ObjectKey, Wish> all = new LinkedHashMap<>();
    for (PreheatPolicy policy :
        policies.concerned(registry, event.project(), event.repository(), artifact.tag())) {
      ArtifactRef ref = new ArtifactRef(repository, artifact.tag(), artifact.digest());
      all.put(ObjectKey.of(policy), new Wish(policy, key, ref));
    }
    if (event.trigger() == EventTrigger.SCANNED && artifact.tag() != null) {
      // A scan is of the digest, and the event names one of its tags; planning looks at them all.
      ArtifactRef ref = new ArtifactRef(repository, null, artifact.digest());
      for (PreheatPolicy policy :
          policies.concerned(registry, event.project(), event.repository(), null)) {
        all.putIfAbsent(ObjectKey.of(policy), new Wish(policy, key, ref));
      }
    }
    return all.values();
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
