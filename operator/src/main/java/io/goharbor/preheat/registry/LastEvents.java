package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.PerObjectCache;
import io.goharbor.preheat.kube.ResourceStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the status of a registry when it was last heard of. The replica that takes an event need
 * not be the leader, so each writes for itself; to the minute, so that it need not write often.
 */
public final class LastEvents {
  private static final Logger log = LoggerFactory.getLogger(LastEvents.class);

  private final KubernetesClient client;
  private final ResourceStore<HarborRegistry> registries;
  private final PerObjectCache<Instant> told = new PerObjectCache<>();

  /** Tells of the given registries. */
  public LastEvents(KubernetesClient client, ResourceStore<HarborRegistry> registries) {
    this.client = client;
    this.registries = registries;
  }

  /** An authenticated event came. Does not wait for what it writes: Harbor waits for an answer. */
  public void heard(ObjectKey key, Instant at) {
    Instant minute = at.truncatedTo(ChronoUnit.MINUTES);
    HarborRegistry registry = registries.find(key).orElse(null);
    if (registry == null || !isLater(minute, registry)) {
      return;
    }
    told.put(registry, minute);
    Thread.ofVirtual().name("heard-" + key).start(() -> write(key, minute));
  }

  private boolean isLater(Instant minute, HarborRegistry registry) {
    Instant stands = of(registry.getStatus()).orElse(Instant.MIN);
    return minute.isAfter(stands) && minute.isAfter(told.find(registry).orElse(Instant.MIN));
  }

  private void write(ObjectKey key, Instant minute) {
    try {
      NamedResources.of(client.resources(HarborRegistry.class), key.namespace(), key.name())
          .subresource("status")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              Serialization.asJson(
                  Map.of("status", Map.of("webhook", Map.of("lastEventTime", minute.toString())))));
    } catch (KubernetesClientException e) {
      log.atDebug()
          .addKeyValue("registry", key)
          .log("The time of the last event is not written: {}", e.getMessage());
    }
  }

  /** The minute of the last event, by what the status tells. */
  static Optional<Instant> of(@Nullable HarborRegistryStatus status) {
    return Optional.ofNullable(status)
        .map(HarborRegistryStatus::webhook)
        .map(HarborRegistryStatus.WebhookStatus::lastEventTime);
  }
}
