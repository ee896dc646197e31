package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import io.goharbor.preheat.matching.Candidate;
import io.goharbor.preheat.matching.Decision;
import io.goharbor.preheat.matching.Selector;
import io.goharbor.preheat.matching.SelectorException;
import io.goharbor.preheat.plugin.WhyReport.PolicyAnswer;
import io.goharbor.preheat.plugin.WhyReport.Selects;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether policies select an artifact, by what the cluster shows: the rules on names are applied as
 * the operator applies them, those on what only Harbor knows are listed.
 */
final class PolicyQuestion {
  private static final String IMAGE = "IMAGE";

  private final Wanted wanted;
  private final List<HarborRegistry> registries;
  private final Instant now;

  PolicyQuestion(Wanted wanted, List<HarborRegistry> registries, Instant now) {
    this.wanted = wanted;
    this.registries = registries;
    this.now = now;
  }

  /** The answer of one policy. */
  PolicyAnswer ask(PreheatPolicy policy) {
    PreheatPolicySpec spec = policy.getSpec();
    Optional<HarborRegistry> registry =
        registries.stream()
            .filter(one -> one.getMetadata().getName().equals(spec.harborRef().name()))
            .findFirst();
    if (registry.isEmpty()) {
      return no(
          policy,
          Reason.REGISTRY_NOT_FOUND,
          "its HarborRegistry " + spec.harborRef().name() + " does not exist");
    }
    String host = Hosts.of(registry.get());
    if (wanted.host() != null && !wanted.host().equals(host)) {
      return no(
          policy,
          Reason.FOREIGN_REGISTRY,
          "the policy is about " + host + ", not " + wanted.host());
    }
    ArtifactSelector all = spec.selector() == null ? ArtifactSelector.EVERYTHING : spec.selector();
    try {
      Selector.compile(all);
      // Rules on what is not known here would refuse it for the wrong reason.
      Selector byName =
          Selector.compile(
              ArtifactSelectorBuilder.builder()
                  .projects(all.projects())
                  .repositories(all.repositories())
                  .tags(wanted.tag() == null ? null : all.tags())
                  .build());
      return switch (byName.decide(candidate(), now)) {
        case Decision.NotMatched no -> no(policy, no.reason(), no.message());
        case Decision.Matched ignored -> {
          List<String> open = open(all);
          yield new PolicyAnswer(
              name(policy),
              open.isEmpty() ? Selects.YES : Selects.PERHAPS,
              null,
              open.isEmpty() ? "its names match" : "its names match; the rest only Harbor knows",
              open,
              starts(policy));
        }
      };
    } catch (SelectorException e) {
      return no(policy, Reason.INVALID_SPEC, DisplayText.orEmpty(e.getMessage()));
    }
  }

  private Candidate candidate() {
    return new Candidate(
        wanted.project(),
        wanted.repository(),
        DisplayText.orEmpty(wanted.digest()),
        // Without a tag the rule on tags is left out, and any will do.
        List.of(wanted.tag() == null ? "any" : wanted.tag()),
        IMAGE,
        Set.of(),
        Set.of(),
        null,
        null);
  }

  /** The rules that need Harbor, as they are in the policy. */
  private List<String> open(ArtifactSelector all) {
    List<String> open = new ArrayList<>();
    if (wanted.tag() == null && all.tags() != null) {
      open.add("the tags of the digest (selector.tags)");
    }
    if (all.artifactTypes() != null
        && all.artifactTypes().stream().noneMatch(IMAGE::equalsIgnoreCase)) {
      open.add("the type, which must be " + String.join(" or ", all.artifactTypes()));
    }
    if (all.labels() != null) {
      open.add("the labels (" + rule(all.labels()) + ")");
    }
    if (all.signature() != null) {
      open.add("the signature (selector.signature)");
    }
    if (all.vulnerability() != null) {
      open.add(
          "the scan report (worst severity "
              + all.vulnerability().maxSeverity().name().toLowerCase(Locale.ROOT)
              + ")");
    }
    if (all.pushedWithin() != null) {
      open.add("the time of its push (within " + all.pushedWithin() + ")");
    }
    if (all.latestPushed() != null) {
      open.add("whether it is among the newest " + all.latestPushed() + " of its repository");
    }
    return open;
  }

  private static String rule(ArtifactSelector.Labels labels) {
    List<String> parts = new ArrayList<>();
    add(parts, "all of", labels.all());
    add(parts, "any of", labels.any());
    add(parts, "none of", labels.none());
    return String.join("; ", parts);
  }

  private static void add(List<String> parts, String word, @Nullable List<String> names) {
    if (names != null && !names.isEmpty()) {
      parts.add(word + " " + String.join(", ", names));
    }
  }

  private static PolicyAnswer no(PreheatPolicy policy, Reason reason, String message) {
    return new PolicyAnswer(
        name(policy), Selects.NO, reason.toString(), message, List.of(), starts(policy));
  }

  /** When the policy starts runs by itself. */
  static String starts(PreheatPolicy policy) {
    PreheatPolicySpec spec = policy.getSpec();
    if (spec.suspended()) {
      return "suspended: starts nothing";
    }
    String broken =
        policy.getStatus() == null ? "" : DisplayText.whyNotReady(policy.getStatus().conditions());
    if (!broken.isEmpty()) {
      return "not ready: " + broken;
    }
    List<String> starts = new ArrayList<>();
    if (spec.triggers() != null && spec.triggers().events() != null) {
      spec.triggers().events().forEach(event -> starts.add(event.name().toLowerCase(Locale.ROOT)));
    }
    if (spec.triggers() != null && spec.triggers().schedule() != null) {
      starts.add("schedule " + spec.triggers().schedule().cron());
    }
    return starts.isEmpty() ? "by hand only" : "when " + String.join(", ", starts);
  }

  private static String name(PreheatPolicy policy) {
    return policy.getMetadata().getName();
  }
}
