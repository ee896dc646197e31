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
      @org.jspecify.annotations.Nullable String tag) {
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
    onDelete(policy, false);
    ObjectKey key = ObjectKey.of(policy);
    if (policy.getSpec().suspended()) {
      return;
    }
    Selector selector;
    try {
      selector = Selector.compile(policy.getSpec().selector());
    } catch (IllegalArgumentException e) {
      log.atDebug().addKeyValue("policy", key).log("Not indexed: {}", e.getMessage());
      return;
    }
    policies.put(key, policy);
    byRegistry
        .computeIfAbsent(
            new ObjectKey(key.namespace(), policy.getSpec().harborRef().name()),
            registry -> new PolicyIndex<>())
        .put(key, selector);
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
    ObjectKey key = ObjectKey.of(policy);
    policies.remove(key);
    byRegistry.values().forEach(index -> index.remove(key));
  }
}
