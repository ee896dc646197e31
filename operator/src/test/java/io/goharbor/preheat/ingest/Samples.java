package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.ArtifactSelector.Signature;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.PreheatPolicySpec.Triggers;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import io.goharbor.preheat.api.builder.PreheatPolicySpecBuilder;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policies and events to test with. */
final class Samples {
  static final ObjectKey REGISTRY = new ObjectKey("team", "main");

  private Samples() {}

  /** The registry whose object has that UID. */
  static HarborRegistry registry(String uid) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(REGISTRY.namespace())
            .withName(REGISTRY.name())
            .withUid(uid)
            .build());
    return registry;
  }

  static PreheatPolicy policy(String name, @Nullable String tags, EventTrigger... events) {
    return policy(name, "main", false, tags, events);
  }

  static PreheatPolicy policy(
      String name,
      String registry,
      boolean suspended,
      @Nullable String tags,
      EventTrigger... events) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName(name)
            .withUid("uid-" + name)
            .build());
    policy.setSpec(
        PreheatPolicySpecBuilder.builder()
            .suspend(suspended)
            .harborRef(new LocalRef(registry))
            .providerRefs(List.of(new ProviderRef("dragonfly", null)))
            .selector(
                ArtifactSelectorBuilder.builder()
                    .projects(new PatternSet(List.of("shop"), null))
                    .tags(tags == null ? null : new PatternSet(List.of(tags), null))
                    .build())
            .triggers(events.length == 0 ? null : new Triggers(List.of(events), null))
            .build());
    return policy;
  }

  /** A policy that preheats Nydus copies too. */
  static PreheatPolicy nydus(String name, @Nullable String tags, EventTrigger... events) {
    PreheatPolicy policy = policy(name, tags, events);
    PreheatPolicySpec spec = policy.getSpec();
    policy.setSpec(
        PreheatPolicySpecBuilder.builder()
            .suspend(spec.suspend())
            .harborRef(spec.harborRef())
            .providerRefs(spec.providerRefs())
            .selector(spec.selector())
            .accessories(List.of(AccessoryKind.NYDUS))
            .triggers(spec.triggers())
            .build());
    return policy;
  }

  /** A policy that takes what cosign signed. */
  static PreheatPolicy signed(String name, String tags, EventTrigger... events) {
    PreheatPolicy policy = policy(name, tags, events);
    PreheatPolicySpec spec = policy.getSpec();
    policy.setSpec(
        PreheatPolicySpecBuilder.builder()
            .suspend(spec.suspend())
            .harborRef(spec.harborRef())
            .providerRefs(spec.providerRefs())
            .selector(
                ArtifactSelectorBuilder.builder()
                    .projects(new PatternSet(List.of("shop"), null))
                    .tags(new PatternSet(List.of(tags), null))
                    .signature(new Signature(List.of(SignatureKind.COSIGN)))
                    .build())
            .triggers(spec.triggers())
            .build());
    return policy;
  }

  /** A policy with patterns of repositories. */
  static PreheatPolicy repositories(String name, List<String> patterns, EventTrigger... events) {
    PreheatPolicy policy = policy(name, null, events);
    PreheatPolicySpec spec = policy.getSpec();
    policy.setSpec(
        PreheatPolicySpecBuilder.builder()
            .suspend(spec.suspend())
            .harborRef(spec.harborRef())
            .providerRefs(spec.providerRefs())
            .selector(
                ArtifactSelectorBuilder.builder()
                    .repositories(new PatternSet(patterns, null))
                    .build())
            .triggers(spec.triggers())
            .build());
    return policy;
  }

  static PolicyWatch watch(PreheatPolicy... policies) {
    PolicyWatch watch = new PolicyWatch();
    for (PreheatPolicy policy : policies) {
      watch.onAdd(policy);
    }
    return watch;
  }

  static String digest(int number) {
    return "sha256:" + "%064x".formatted(number);
  }

  /** A push in the Default format. */
  static String push(String repository, String tag, String digest) {
    return """
    {"type":"PUSH_ARTIFACT","occur_at":1777709463,"operator":"ci","event_data":{
      "resources":[{"digest":"%s","tag":"%s"}],"repository":{"repo_full_name":"%s"}}}
    """
        .formatted(digest, tag, repository);
  }
}
