package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.PrimaryToSecondaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Registries and providers that policies name: a change that a policy can feel wakes those that
 * name the object. The policies read the same caches, so none is woken before it can see the
 * change.
 */
final class NamedByPolicies {
  private static final String BY_REGISTRY = "registry";
  private static final String BY_PROVIDER = "provider";

  /** Indexes that the cache of policies must have. */
  static final Map<String, Function<PreheatPolicy, List<String>>> INDEXES =
      Map.of(
          BY_REGISTRY,
          policy -> List.of(registryOf(policy).toString()),
          BY_PROVIDER,
          policy -> providersOf(policy).map(ObjectKey::toString).distinct().toList());

  private final ResourceStore<PreheatPolicy> policies;

  NamedByPolicies(ResourceStore<PreheatPolicy> policies) {
    this.policies = policies;
  }

  static ObjectKey registryOf(PreheatPolicy policy) {
    return new ObjectKey(policy.getMetadata().getNamespace(), policy.getSpec().harborRef().name());
  }

  static Stream<ObjectKey> providersOf(PreheatPolicy policy) {
    String own = policy.getMetadata().getNamespace();
    return policy.getSpec().providerRefs().stream()
        .map(ref -> new ObjectKey(ref.namespace() == null ? own : ref.namespace(), ref.name()));
  }

  InformerEventSource<HarborRegistry, PreheatPolicy> registries(
      EventSourceContext<PreheatPolicy> context, ResourceStore<HarborRegistry> store) {
    return source(
        context,
        HarborRegistry.class,
        store,
        BY_REGISTRY,
        (after, before) ->
            ready(after.getStatus() == null ? null : after.getStatus().conditions())
                == ready(before.getStatus() == null ? null : before.getStatus().conditions()));
  }

  InformerEventSource<P2PProvider, PreheatPolicy> providers(
      EventSourceContext<PreheatPolicy> context, ResourceStore<P2PProvider> store) {
    return source(
        context,
        P2PProvider.class,
        store,
        BY_PROVIDER,
        (after, before) ->
            Objects.equals(capabilities(after), capabilities(before))
                && Objects.equals(version(after), version(before))
                // While it is away no one knows what it can do.
                && ready(after.getStatus() == null ? null : after.getStatus().conditions())
                    == ready(before.getStatus() == null ? null : before.getStatus().conditions()));
  }

  private <R extends HasMetadata> InformerEventSource<R, PreheatPolicy> source(
      EventSourceContext<PreheatPolicy> context,
      Class<R> kind,
      ResourceStore<R> store,
      String index,
      BiPredicate<R, R> alike) {
    // No one asks which registry or provider belongs to a policy; its spec tells.
    PrimaryToSecondaryMapper<PreheatPolicy> none = policy -> Set.of();
    InformerEventSource<R, PreheatPolicy> source =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(kind, PreheatPolicy.class)
                .withName(index)
                .withNamespacesInheritedFromController()
                .withSecondaryToPrimaryMapper(object -> naming(index, object))
                .withPrimaryToSecondaryMapper(none)
                .withOnUpdateFilter((after, before) ->
                    !Objects.equals(
                            after.getMetadata().getGeneration(),
                            before.getMetadata().getGeneration())
                        || !alike.test(after, before))
                .build(),
            context);
    store.connect(source, Map.of());
    return source;
  }

  private Set<ResourceID> naming(String index, HasMetadata object) {
    return policies.byIndex(index, ObjectKey.of(object).toString()).stream()
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  private static boolean ready(@Nullable List<Condition> conditions) {
    return Conditions.isTrue(conditions, "Ready");
  }

  private static @Nullable List<String> capabilities(P2PProvider provider) {
    return provider.getStatus() == null ? null : provider.getStatus().capabilities();
  }

  private static @Nullable String version(P2PProvider provider) {
    return provider.getStatus() == null ? null : provider.getStatus().version();
  }
}
