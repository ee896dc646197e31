package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicySpec.ExecutionTemplate;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Wakeups.Subject;
import io.goharbor.preheat.matching.Selector;
import io.goharbor.preheat.provider.ProviderAccess;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what an execution refers to and puts the policy's values under its own. */
public final class RunResolver {
  private static final int DEFAULT_BACKOFF_LIMIT = 3;
  private static final String DEFAULT_TASK_TIMEOUT = "1h";
  private static final Duration DEFAULT_TTL = Duration.ofDays(7);

  private final ResourceStore<PreheatPolicy> policies;
  private final ResourceStore<HarborRegistry> registries;
  private final ResourceStore<P2PProvider> providers;
  private final NamespaceLabels namespaces;

  /** Resolves against the given stores. */
  public RunResolver(
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<HarborRegistry> registries,
      ResourceStore<P2PProvider> providers,
      NamespaceLabels namespaces) {
    this.policies = policies;
    this.registries = registries;
    this.providers = providers;
    this.namespaces = namespaces;
  }

  Resolution resolve(PreheatExecution execution) {
    PreheatExecutionSpec spec = execution.getSpec();
    String namespace = execution.getMetadata().getNamespace();
    PreheatPolicySpec policy = null;
    if (spec.policyRef() != null) {
      ObjectKey key = new ObjectKey(namespace, spec.policyRef().name());
      Optional<PreheatPolicy> found = policies.find(key);
      if (found.isEmpty()) {
        return new Resolution.Blocked(
            Reason.POLICY_NOT_FOUND,
            "spec.policyRef: PreheatPolicy "
                + key.name()
                + " does not exist in namespace "
                + namespace,
            List.of(new Subject("PreheatPolicy", key)));
      }
      policy = found.get().getSpec();
    }
    LocalRef harborRef =
        spec.harborRef() != null ? spec.harborRef() : policy == null ? null : policy.harborRef();
    List<ProviderRef> providerRefs =
        spec.providerRefs() != null
            ? spec.providerRefs()
            : policy == null ? null : policy.providerRefs();
    if (harborRef == null || providerRefs == null) {
      return new Resolution.Blocked(
          Reason.INVALID_SPEC, "set policyRef, or both harborRef and providerRefs", List.of());
    }
    ObjectKey registryKey = new ObjectKey(namespace, harborRef.name());
    Optional<HarborRegistry> registry = registries.find(registryKey);
    if (registry.isEmpty()) {
      return new Resolution.Blocked(
          Reason.REGISTRY_NOT_FOUND,
          "harborRef: HarborRegistry "
              + registryKey.name()
              + " does not exist in namespace "
              + namespace,
          List.of(new Subject("HarborRegistry", registryKey)));
    }
    List<ObjectKey> providerKeys = new ArrayList<>();
    for (ProviderRef ref : providerRefs) {
      ObjectKey key =
          new ObjectKey(ref.namespace() == null ? namespace : ref.namespace(), ref.name());
      Optional<Resolution> trouble = check(key, namespace);
      if (trouble.isPresent()) {
        return trouble.get();
      }
      if (!providerKeys.contains(key)) {
        providerKeys.add(key);
      }
    }
    try {
      return new Resolution.Ready(
          run(execution, policy, registryKey, registry.get(), providerKeys));
    } catch (IllegalArgumentException | DateTimeException e) {
      return new Resolution.Blocked(
          Reason.INVALID_SPEC,
          String.valueOf(e.getMessage()),
          spec.policyRef() == null
              ? List.of()
              : List.of(
                  new Subject("PreheatPolicy", new ObjectKey(namespace, spec.policyRef().name()))));
    }
  }

  private Optional<Resolution> check(ObjectKey key, String namespace) {
    Subject subject = new Subject("P2PProvider", key);
    Optional<P2PProvider> provider = providers.find(key);
    if (provider.isEmpty()) {
      return Optional.of(
          new Resolution.Blocked(
              Reason.PROVIDER_NOT_FOUND,
              "providerRefs: P2PProvider "
                  + key.name()
                  + " does not exist in namespace "
                  + key.namespace(),
              List.of(subject)));
    }
    if (!ProviderAccess.allows(provider.get(), namespace, () -> namespaces.of(namespace))) {
      return Optional.of(
          new Resolution.Blocked(
              Reason.PROVIDER_NOT_ALLOWED,
              "providerRefs: P2PProvider "
                  + key
                  + " does not allow namespace "
                  + namespace
                  + "; extend its spec.allowedNamespaces",
              List.of(subject)));
    }
    return Optional.empty();
  }

  private static Run run(
      PreheatExecution execution,
      @Nullable PreheatPolicySpec policy,
      ObjectKey registryKey,
      HarborRegistry registry,
      List<ObjectKey> providerKeys) {
    PreheatExecutionSpec spec = execution.getSpec();
    ExecutionTemplate template = policy == null ? null : policy.executionTemplate();
    Target target = first(spec.target(), policy == null ? null : policy.target(), Target.DEFAULT);
    List<String> platforms =
        first(spec.platforms(), policy == null ? null : policy.platforms(), List.of());
    List<AccessoryKind> accessories =
        first(spec.accessories(), policy == null ? null : policy.accessories(), List.of());
    Verification verification =
        first(
            spec.verification(),
            policy == null ? null : policy.verification(),
            Verification.DEFAULT);
    int backoffLimit =
        first(
            spec.backoffLimit(),
            template == null ? null : template.backoffLimit(),
            DEFAULT_BACKOFF_LIMIT);
    String deadline =
        spec.activeDeadline() != null
            ? spec.activeDeadline()
            : template == null ? null : template.activeDeadline();
    String ttl =
        spec.ttlAfterFinished() != null
            ? spec.ttlAfterFinished()
            : template == null ? null : template.ttlAfterFinished();
    Duration ttlDuration =
        ttl != null ? DurationText.parse(ttl) : policy == null ? null : DEFAULT_TTL;
    Selector selector = policy == null ? null : Selector.compile(policy.selector());
    return new Run(
        registryKey,
        registry.getSpec(),
        List.copyOf(providerKeys),
        selector,
        target,
        platforms,
        Set.copyOf(accessories),
        verification,
        backoffLimit,
        deadline == null ? null : DurationText.parse(deadline),
        ttlDuration,
        policy == null ? null : policy.window(),
        policy == null ? 0 : policy.effectivePriority(),
        spec.policyRef() == null
            ? ObjectKey.of(execution).toString()
            : execution.getMetadata().getNamespace() + "/" + spec.policyRef().name(),
        spec.effectiveOperation(),
        DurationText.parse(
            first(
                spec.taskTimeout(),
                template == null ? null : template.taskTimeout(),
                DEFAULT_TASK_TIMEOUT)));
  }

  private static <T> T first(@Nullable T own, @Nullable T ofPolicy, T otherwise) {
    return own != null ? own : ofPolicy != null ? ofPolicy : otherwise;
  }
}
