package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.PartOf;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.SpecCheck;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Seniority;
import io.goharbor.preheat.kube.Wakeups.Subject;
import io.goharbor.preheat.matching.Selector;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.Run;
import io.goharbor.preheat.plan.Settings;
import io.goharbor.preheat.provider.DedupKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an execution refers to. Once it is planned it goes by what its status keeps of its
 * policy; a part goes by its whole.
 */
final class RunResolver {
  /** Parts of parts are rare; deeper ones would be made by hand. */
  private static final int DEEPEST = 8;

  private final ResourceStore<PreheatPolicy> policies;
  private final ResourceStore<HarborRegistry> registries;
  private final ResourceStore<PreheatExecution> executions;
  private final ProviderGate providers;
  private final RunLimit runs;
  private final int registryLimit;

  /**
   * Resolves against the given stores.
   *
   * @param runs how many unfinished runs of a namespace are worked on
   * @param registryLimit how many registries of a namespace are used
   */
  RunResolver(
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<HarborRegistry> registries,
      ResourceStore<P2PProvider> providers,
      ResourceStore<PreheatExecution> executions,
      NamespaceLabels namespaces,
      RunLimit runs,
      int registryLimit) {
    this.policies = policies;
    this.registries = registries;
    this.executions = executions;
    this.providers = ProviderGate.of(providers, namespaces);
    this.runs = runs;
    this.registryLimit = registryLimit;
  }

  ProviderGate providers() {
    return providers;
  }

  /** Where artifacts of a registry are pulled from at present. */
  DedupKey.Source source(ObjectKey registry) {
    return registries
        .find(registry)
        .map(found -> DedupKey.Source.of(registry, found.getSpec()))
        .orElseGet(() -> DedupKey.Source.gone(registry));
  }

  /** Executions of one group share slots fairly with others: a policy, or a run with its parts. */
  ObjectKey group(PreheatExecution execution) {
    PreheatExecution above = execution;
    for (int depth = 0; depth < DEEPEST && above.getSpec().partOf() != null; depth++) {
      Optional<PreheatExecution> whole =
          executions.find(
              new ObjectKey(
                  execution.getMetadata().getNamespace(), above.getSpec().partOf().name()));
      if (whole.isEmpty()) {
        break;
      }
      above = whole.get();
    }
    return above.getSpec().policyRef() == null
        ? ObjectKey.of(above)
        : new ObjectKey(above.getMetadata().getNamespace(), above.getSpec().policyRef().name());
  }

  Resolution resolve(PreheatExecution execution, Instant now) {
    if (Parts.status(execution).tasks() == null) {
      Optional<String> fault = SpecCheck.fault(execution.getSpec());
      if (fault.isPresent()) {
        return new Resolution.Blocked(Reason.INVALID_SPEC, fault.get(), true, List.of());
      }
    }
    try {
      return execution.getSpec().partOf() == null
          ? whole(execution)
          : part(execution, execution.getSpec().partOf(), now);
    } catch (Missing missing) {
      return missing.blocked;
    }
  }

  private Resolution whole(PreheatExecution execution) {
    PreheatExecutionSpec spec = execution.getSpec();
    PreheatExecutionStatus status = Parts.status(execution);
    String namespace = execution.getMetadata().getNamespace();
    RunSettings settings = status.settings();
    boolean planned = status.tasks() != null || planningEnded(status);
    if (!planned && settings == null) {
      runs.beyond(execution)
          .ifPresent(message -> {
            throw new Missing(Reason.NAMESPACE_LIMIT, message, false, null);
          });
    }
    // An older operator planned without noting its settings: the policy still has them.
    boolean settled = planned && settings != null;
    PreheatPolicy policy = settled ? null : policy(spec, namespace);
    ObjectKey registry = new ObjectKey(namespace, harborRef(spec, status, policy));
    if (!planned && spec.retryOf() != null) {
      mustHaveEnded(new ObjectKey(namespace, spec.retryOf().name()));
    }
    Run.Control control = new Run.Control(spec.suspended(), spec.cancelled(), status.startTime());
    try {
      return new Resolution.Ready(
          new Run(
              registry,
              registry(registry).getSpec(),
              planned ? List.of() : providers(spec, policy, namespace),
              policy == null ? null : Selector.compile(policy.getSpec().selector()),
              settings != null ? settings : checked(Settings.of(spec, policy)),
              group(execution),
              spec.effectiveOperation(),
              named(spec),
              false,
              control));
    } catch (IllegalArgumentException | DateTimeException e) {
      return new Resolution.Blocked(
          Reason.INVALID_SPEC,
          String.valueOf(e.getMessage()),
          true,
          spec.policyRef() == null
              ? List.of()
              : List.of(
                  new Subject("PreheatPolicy", new ObjectKey(namespace, spec.policyRef().name()))));
    }
  }

  private static boolean planningEnded(PreheatExecutionStatus status) {
    return status.parts() != null && status.parts().complete();
  }

  private Resolution part(PreheatExecution execution, PartOf partOf, Instant now) {
    PreheatExecutionSpec spec = execution.getSpec();
    String namespace = execution.getMetadata().getNamespace();
    ObjectKey wholeKey = new ObjectKey(namespace, partOf.name());
    PreheatExecution whole =
        executions
            .find(wholeKey)
            .orElseThrow(() ->
                new Missing(
                    Reason.EXECUTION_NOT_FOUND,
                    "spec.partOf: PreheatExecution "
                        + wholeKey.name()
                        + " does not exist in namespace "
                        + namespace,
                    true,
                    new Subject("PreheatExecution", wholeKey)));
    RunSettings settings = Parts.status(whole).settings();
    if (settings == null || spec.harborRef() == null || spec.providerRefs() == null) {
      throw new Missing(
          Reason.WAITING_FOR_TURN, "the run of which this is a part is being planned", false, null);
    }
    ObjectKey registry = new ObjectKey(namespace, spec.harborRef().name());
    Run run =
        new Run(
            registry,
            registry(registry).getSpec(),
            spec.providerRefs().stream().map(ref -> key(ref, namespace)).toList(),
            null,
            Settings.ofPart(settings),
            group(whole),
            spec.effectiveOperation(),
            named(whole.getSpec()),
            true,
            control(execution, whole));
    Instant since = run.control().since();
    boolean over =
        run.control().cancelled()
            || (run.activeDeadline() != null
                && since != null
                && since.plus(run.activeDeadline()).isBefore(now));
    if (!over && Parts.status(execution).tasks() == null) {
      List<PreheatExecution> siblings = executions.byIndex(Parts.BY_WHOLE, wholeKey.toString());
      if (!Parts.mayBegin(execution, siblings)) {
        throw new Missing(
            Reason.WAITING_FOR_TURN,
            "part " + partOf.number() + " waits: earlier parts are under way",
            false,
            // Its whole wakes it: woken by every change there, all parts would look all the time.
            null);
      }
    }
    return new Resolution.Ready(run);
  }

  /** What is wished of a part and of all of which it is a part. */
  private Run.Control control(PreheatExecution part, PreheatExecution whole) {
    boolean suspended = part.getSpec().suspended();
    boolean cancelled = part.getSpec().cancelled();
    PreheatExecution above = whole;
    for (int depth = 0; ; depth++) {
      suspended |= above.getSpec().suspended();
      cancelled |= above.getSpec().cancelled();
      PartOf partOf = above.getSpec().partOf();
      Optional<PreheatExecution> next =
          partOf == null || depth == DEEPEST
              ? Optional.empty()
              : executions.find(new ObjectKey(above.getMetadata().getNamespace(), partOf.name()));
      if (next.isEmpty()) {
        return new Run.Control(suspended, cancelled, Parts.status(above).startTime());
      }
      above = next.get();
    }
  }

  private void mustHaveEnded(ObjectKey key) {
    Subject subject = new Subject("PreheatExecution", key);
    PreheatExecution original =
        executions
            .find(key)
            .orElseThrow(() ->
                new Missing(
                    Reason.EXECUTION_NOT_FOUND,
                    "spec.retryOf: PreheatExecution "
                        + key.name()
                        + " does not exist in namespace "
                        + key.namespace(),
                    true,
                    subject));
    if (!Parts.ended(original)) {
      throw new Missing(
          Reason.EXECUTION_NOT_ENDED,
          "spec.retryOf: " + key.name() + " has not ended yet",
          false,
          subject);
    }
  }

  private @Nullable PreheatPolicy policy(PreheatExecutionSpec spec, String namespace) {
    if (spec.policyRef() == null) {
      return null;
    }
    ObjectKey key = new ObjectKey(namespace, spec.policyRef().name());
    Subject subject = new Subject("PreheatPolicy", key);
    PreheatPolicy policy =
        policies
            .find(key)
            .orElseThrow(() ->
                new Missing(
                    Reason.POLICY_NOT_FOUND,
                    "spec.policyRef: PreheatPolicy "
                        + key.name()
                        + " does not exist in namespace "
                        + namespace,
                    true,
                    subject));
    SpecCheck.fault(policy.getSpec())
        .ifPresent(fault -> {
          throw new Missing(
              Reason.INVALID_SPEC, "PreheatPolicy " + key.name() + ", " + fault, true, subject);
        });
    return policy;
  }

  private static String harborRef(
      PreheatExecutionSpec spec, PreheatExecutionStatus status, @Nullable PreheatPolicy policy) {
    LocalRef ref =
        spec.harborRef() != null
            ? spec.harborRef()
            : policy != null ? policy.getSpec().harborRef() : null;
    if (ref != null) {
      return ref.name();
    }
    if (status.settings() != null && status.settings().harborRef() != null) {
      return status.settings().harborRef();
    }
    throw new Missing(
        Reason.INVALID_SPEC, "set policyRef, or both harborRef and providerRefs", true, null);
  }

  private HarborRegistry registry(ObjectKey key) {
    HarborRegistry registry = found(key);
    if (!Seniority.among(registries, registry, registryLimit)) {
      throw new Missing(
          Reason.NAMESPACE_LIMIT,
          "harborRef: HarborRegistry "
              + key.name()
              + " is not among the "
              + registryLimit
              + " oldest of namespace "
              + key.namespace()
              + ", which are those that are used",
          true,
          new Subject("HarborRegistry", key));
    }
    return registry;
  }

  private HarborRegistry found(ObjectKey key) {
    return registries
        .find(key)
        .orElseThrow(() ->
            new Missing(
                Reason.REGISTRY_NOT_FOUND,
                "harborRef: HarborRegistry "
                    + key.name()
                    + " does not exist in namespace "
                    + key.namespace(),
                true,
                new Subject("HarborRegistry", key)));
  }

  private List<ObjectKey> providers(
      PreheatExecutionSpec spec, @Nullable PreheatPolicy policy, String namespace) {
    List<ProviderRef> refs =
        spec.providerRefs() != null
            ? spec.providerRefs()
            : policy == null ? List.of() : policy.getSpec().providerRefs();
    List<ObjectKey> keys = new ArrayList<>();
    for (ProviderRef ref : refs) {
      ObjectKey key = key(ref, namespace);
      Optional<ProviderGate.Closed> closed =
          providers.check(key, namespace, spec.effectiveOperation());
      if (closed.isPresent()) {
        throw new Missing(
            closed.get().reason(),
            "providerRefs: " + closed.get().message(),
            true,
            new Subject("P2PProvider", key));
      }
      if (!keys.contains(key)) {
        keys.add(key);
      }
    }
    return List.copyOf(keys);
  }

  private static ObjectKey key(ProviderRef ref, String namespace) {
    return new ObjectKey(ref.namespace() == null ? namespace : ref.namespace(), ref.name());
  }

  /** What cannot be parsed is to be told now, not when it is needed. */
  private static RunSettings checked(RunSettings settings) {
    settings.jobLimit();
    settings.timeToLive();
    if (settings.window() != null && settings.window().timeZone() != null) {
      ZoneId.of(settings.window().timeZone());
    }
    return settings;
  }

  private static boolean named(PreheatExecutionSpec spec) {
    return spec.effectiveTrigger() == Trigger.MANUAL
        && (spec.artifacts() != null || spec.images() != null);
  }

  /** Leaves the search for what an execution refers to. */
  private static final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Resolution.Blocked blocked;

    Missing(Reason reason, String message, boolean needsPerson, @Nullable Subject subject) {
      super(message, null, false, false);
      this.blocked =
          new Resolution.Blocked(
              reason, message, needsPerson, subject == null ? List.of() : List.of(subject));
    }
  }
}
