package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces.Terms;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.SpecCheck;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.ManagedProvider;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.matching.Selector;
import io.goharbor.preheat.matching.SelectorException;
import io.goharbor.preheat.provider.ProviderAccess;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/** Whether a policy can be used, and what is in its way. */
public final class PolicyCheck {
  /** What is in the way. */
  record Trouble(Reason reason, String message) {}

  // The policy controller's own: it is woken when what is in them changes.
  private final ResourceStore<HarborRegistry> registries = new ResourceStore<>();
  private final ResourceStore<P2PProvider> providers = new ResourceStore<>();
  private final NamespaceLabels namespaces;
  private final Engine engine;

  /** Checks against registries and providers that the policies' controller brings. */
  public PolicyCheck(NamespaceLabels namespaces, Engine engine) {
    this.namespaces = namespaces;
    this.engine = engine;
  }

  ResourceStore<HarborRegistry> registries() {
    return registries;
  }

  ResourceStore<P2PProvider> providers() {
    return providers;
  }

  /** Providers that a policy names and that were not probed since the start. */
  List<ObjectKey> unprobed(PreheatPolicy policy) {
    return NamedByPolicies.providersOf(policy)
        .filter(key ->
            providers.find(key).isPresent()
                && !engine.find(key).map(ManagedProvider::wasProbed).orElse(false))
        .toList();
  }

  /** Whether labels of the policy's namespace decide about a provider that it names. */
  boolean dependsOnLabels(PreheatPolicy policy) {
    String own = policy.getMetadata().getNamespace();
    return NamedByPolicies.providersOf(policy)
        .filter(key -> !key.namespace().equals(own))
        .flatMap(key -> providers.find(key).stream())
        .map(provider -> provider.getSpec().allowedNamespaces())
        .anyMatch(allowed ->
            allowed != null && allowed.from() == P2PProviderSpec.AllowedNamespaces.From.SELECTOR);
  }

  Optional<Trouble> check(PreheatPolicy policy) {
    PreheatPolicySpec spec = policy.getSpec();
    String namespace = policy.getMetadata().getNamespace();
    try {
      Selector.compile(spec.selector());
      if (spec.triggers() != null && spec.triggers().schedule() != null) {
        new CronSchedule(spec.triggers().schedule());
      }
    } catch (SelectorException e) {
      return trouble(Reason.INVALID_SPEC, "spec." + e.describe());
    } catch (IllegalArgumentException e) {
      return trouble(Reason.INVALID_SPEC, "spec." + e.getMessage());
    }
    if (spec.window() != null && spec.window().timeZone() != null) {
      try {
        ZoneId.of(spec.window().timeZone());
      } catch (DateTimeException e) {
        return trouble(
            Reason.INVALID_SPEC,
            "spec.window.timeZone: '" + spec.window().timeZone() + "' is not a time zone");
      }
    }
    Optional<String> fault = SpecCheck.fault(spec);
    if (fault.isPresent()) {
      return trouble(Reason.INVALID_SPEC, fault.get());
    }
    Optional<HarborRegistry> registry =
        registries.find(new ObjectKey(namespace, spec.harborRef().name()));
    if (registry.isEmpty()) {
      return trouble(
          Reason.REGISTRY_NOT_FOUND,
          "spec.harborRef: HarborRegistry "
              + spec.harborRef().name()
              + " does not exist in namespace "
              + namespace);
    }
    for (int i = 0; i < spec.providerRefs().size(); i++) {
      Optional<Trouble> trouble =
          check("spec.providerRefs[" + i + "]", spec.providerRefs().get(i), spec, namespace);
      if (trouble.isPresent()) {
        return trouble;
      }
    }
    if (spec.suspended()) {
      return trouble(Reason.SUSPENDED, "spec.suspend is true: nothing new starts");
    }
    if (registry.get().getStatus() == null
        || !Conditions.isTrue(registry.get().getStatus().conditions(), "Ready")) {
      return trouble(
          Reason.REGISTRY_NOT_READY,
          "HarborRegistry " + spec.harborRef().name() + " is not ready; its conditions say why");
    }
    return Optional.empty();
  }

  /** Providers that let the policy's priority count less against other namespaces. */
  Optional<String> capped(PreheatPolicy policy) {
    String namespace = policy.getMetadata().getNamespace();
    int priority = policy.getSpec().effectivePriority();
    return NamedByPolicies.providersOf(policy)
        .flatMap(key ->
            providers
                .find(key)
                .flatMap(provider ->
                    ProviderAccess.terms(provider, namespace, () -> namespaces.of(namespace)))
                .flatMap(terms -> ProviderAccess.capped(priority, terms.maxPriority()))
                .map(note -> "at " + key + " " + note)
                .stream())
        .reduce((one, other) -> one + "; " + other);
  }

  private Optional<Trouble> check(
      String field, ProviderRef ref, PreheatPolicySpec spec, String namespace) {
    ObjectKey key =
        new ObjectKey(ref.namespace() == null ? namespace : ref.namespace(), ref.name());
    Optional<P2PProvider> provider = providers.find(key);
    if (provider.isEmpty()) {
      return trouble(
          Reason.PROVIDER_NOT_FOUND,
          field
              + ": P2PProvider "
              + key.name()
              + " does not exist in namespace "
              + key.namespace());
    }
    Optional<Terms> terms =
        ProviderAccess.terms(provider.get(), namespace, () -> namespaces.of(namespace));
    if (terms.isEmpty()) {
      return trouble(
          Reason.PROVIDER_NOT_ALLOWED,
          field
              + ": P2PProvider "
              + key
              + " does not allow namespace "
              + namespace
              + "; extend its spec.allowedNamespaces");
    }
    if (!terms.get().operations().contains(Operation.PREHEAT)) {
      return trouble(
          Reason.OPERATION_NOT_ALLOWED,
          field
              + ": P2PProvider "
              + key
              + " does not allow namespace "
              + namespace
              + " the operation Preheat; its owner can add it to spec.allowedNamespaces.operations,"
              + " or to a grant of this namespace");
    }
    Target target = spec.target() == null ? Target.DEFAULT : spec.target();
    return engine
        .find(key)
        .flatMap(used -> used.missing(target))
        .flatMap(missing ->
            trouble(Reason.NOT_SUPPORTED, field + ": P2PProvider " + key + ": " + missing));
  }

  private static Optional<Trouble> trouble(Reason reason, String message) {
    return Optional.of(new Trouble(reason, message));
  }
}
