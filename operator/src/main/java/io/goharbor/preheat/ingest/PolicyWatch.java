package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.PolicyIndex;
import io.goharbor.preheat.matching.Selector;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the index from events to policies in step with the policies; fed by an informer. */
public final class PolicyWatch implements ResourceEventHandler<PreheatPolicy> {
  private static final Logger log = LoggerFactory.getLogger(PolicyWatch.class);

  private final ConcurrentHashMap<ObjectKey, PolicyIndex<ObjectKey>> byRegistry =
      new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, PreheatPolicy> policies = new ConcurrentHashMap<>();

  /**
   * The policies of a registry that an event could concern.
   *
   * @param tag null: not known
   */
  List<PreheatPolicy> concerned(
      ObjectKey registry,
      EventTrigger trigger,
      String project,
      String repository,
      @Nullable String tag) {
    PolicyIndex<ObjectKey> index = byRegistry.get(registry);
    if (index == null) {
      return List.of();
    }
    return index.candidates(project, repository, tag).stream()
        .map(policies::get)
        .filter(Objects::nonNull)
        .filter(policy -> wants(policy, trigger))
        .toList();
  }

  private static boolean wants(PreheatPolicy policy, EventTrigger trigger) {
    return policy.getSpec().triggers() != null
        && policy.getSpec().triggers().events() != null
        && policy.getSpec().triggers().events().contains(trigger);
  }

  @Override
  public void onAdd(PreheatPolicy policy) {
    ObjectKey key = ObjectKey.of(policy);
    Selector selector = selector(policy, key);
    if (selector == null) {
      remove(key);
      return;
    }
    ObjectKey registry = new ObjectKey(key.namespace(), policy.getSpec().harborRef().name());
    policies.put(key, policy);
    // Replaced in its own index without a gap: an event in the middle of an edit must find it.
    byRegistry.computeIfAbsent(registry, name -> new PolicyIndex<>()).put(key, selector);
    byRegistry.forEach((name, index) -> {
      if (!name.equals(registry)) {
        index.remove(key);
      }
    });
  }

  /** The compiled selector; null when the policy can start nothing. */
  private static @Nullable Selector selector(PreheatPolicy policy, ObjectKey key) {
    if (policy.getSpec().suspended()) {
      return null;
    }
    try {
      return Selector.compile(policy.getSpec().selector());
    } catch (IllegalArgumentException e) {
      log.atDebug().addKeyValue("policy", key).log("Not indexed: {}", e.getMessage());
      return null;
    }
  }

  @Override
  public void onUpdate(PreheatPolicy before, PreheatPolicy after) {
    // A change of status only, which is most of them, changes nothing here.
    if (!Objects.equals(before.getSpec(), after.getSpec())
        || !Objects.equals(before.getMetadata().getUid(), after.getMetadata().getUid())) {
      onAdd(after);
    }
  }

  @Override
  public void onDelete(PreheatPolicy policy, boolean finalStateUnknown) {
    remove(ObjectKey.of(policy));
  }

  private void remove(ObjectKey key) {
    policies.remove(key);
    byRegistry.values().forEach(index -> index.remove(key));
  }
}
