package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.WebhookStatus;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.SystemInfo;
import io.goharbor.preheat.harbor.HarborVersion;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.PerObjectCache;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The webhooks of all registries: when they are checked, and what is told of them. */
final class ProjectWebhooks {
  /** What was made sure of in Harbor, and with what. */
  private record Kept(
      @Nullable Long generation, int wanted, Instant at, Registration.Result result) {}

  private static final int TOLD = 3;

  private final Secrets secrets;
  private final EventRecorder events;
  private final RegistryMetrics metrics;
  private final PerObjectCache<Kept> kept = new PerObjectCache<>();
  private final PerObjectCache<Map<String, Long>> ids = new PerObjectCache<>();

  ProjectWebhooks(Secrets secrets, EventRecorder events, RegistryMetrics metrics) {
    this.secrets = secrets;
    this.events = events;
    this.metrics = metrics;
  }

  /**
   * Makes sure of a registry's webhooks, and says so in its conditions. It takes a request for each
   * project, so it is done once in a while; what a new project misses until then the sweep finds.
   * Where something is wrong it is tried again each time.
   *
   * @param standing in how many projects the status says that the webhook stands
   * @param every how often to look where all was well
   * @param deleted whether the registry is being deleted meanwhile; then no more is done
   * @return in how many it stands now
   */
  int keep(
      HarborRegistry registry,
      HarborClient harbor,
      SystemInfo info,
      int standing,
      Duration every,
      Instant now,
      Conditions conditions,
      BooleanSupplier deleted)
      throws RemoteCallException, SecretMissingException {
    ObjectKey key = ObjectKey.of(registry);
    Webhook webhook = registry.getSpec().webhook();
    String authorization =
        webhook == null
            ? ""
            : secrets.headerValue(key.namespace(), webhook.authorizationSecretRef());
    HarborRegistrySpec.Registration registration = webhook == null ? null : webhook.registration();
    if (registration == null) {
      kept.forget(key);
      Registration.Result removed =
          standing == 0
              ? Registration.Result.NONE
              : new Registration(registry, null, harbor, ids(registry)).removeAll();
      setDisabledCondition(conditions, removed);
      return removed.troubles().size();
    }
    boolean cloudEvents = HarborVersion.sendsCloudEvents(info.version());
    int wanted = Objects.hash(authorization, cloudEvents);
    Long generation = registry.getMetadata().getGeneration();
    Kept last = kept.find(registry).orElse(null);
    if (last != null && (last.wanted != wanted || !Objects.equals(last.generation, generation))) {
      last = null;
    }
    boolean fresh = last != null && !last.at.isAfter(now) && last.at.plus(every).isAfter(now);
    Registration.Result result;
    if (last != null && fresh && last.result.troubles().isEmpty()) {
      result = last.result;
    } else {
      result =
          new Registration(registry, registration, harbor, ids(registry))
              .ensure(
                  Registration.wanted(registry, registration, authorization, cloudEvents),
                  last == null ? Registration.Result.NONE : last.result,
                  !fresh,
                  info.readOnly(),
                  deleted);
      for (String repaired : result.repaired()) {
        events.warning(
            registry, Reason.WEBHOOK_REPAIRED, repaired + "; it is as it should be again");
        metrics.repaired(key).increment();
      }
      kept.put(
          registry, new Kept(generation, wanted, last != null && fresh ? last.at : now, result));
    }
    tell(conditions, result, info);
    return result.projects().size();
  }

  private static void tell(Conditions conditions, Registration.Result result, SystemInfo info) {
    if (!result.troubles().isEmpty()) {
      conditions.set(
          "WebhooksRegistered", false, Reason.REGISTRATION_INCOMPLETE, sentences(result));
    } else if (!info.sendsEvents()) {
      conditions.set(
          "WebhooksRegistered",
          false,
          Reason.REGISTRATION_INCOMPLETE,
          "The webhook is in "
              + result.projects().size()
              + " projects, but Harbor sends no events: an administrator has switched them off for"
              + " all projects (notification_enable)");
    } else {
      conditions.set(
          "WebhooksRegistered",
          true,
          Reason.WEBHOOKS_REGISTERED,
          "The webhook is in " + result.projects().size() + " projects.");
    }
  }

  private static void setDisabledCondition(Conditions conditions, Registration.Result removed) {
    if (removed.troubles().isEmpty()) {
      conditions.set(
          "WebhooksRegistered",
          false,
          Reason.REGISTRATION_OFF,
          "webhook.registration is not set; register the webhook by hand");
    } else {
      conditions.set(
          "WebhooksRegistered",
          false,
          Reason.REGISTRATION_INCOMPLETE,
          "the webhook is not wanted any more and could not be removed: " + sentences(removed));
    }
  }

  /** Whether a webhook of the registry may be in Harbor. */
  boolean mayStand(HarborRegistry registry) {
    Webhook webhook = registry.getSpec().webhook();
    HarborRegistryStatus status = registry.getStatus();
    WebhookStatus told = status == null ? null : status.webhook();
    Integer standing = told == null ? null : told.registeredProjects();
    return (webhook != null && webhook.registration() != null)
        || (standing != null && standing > 0)
        || !ids(registry).isEmpty();
  }

  /** What may be in Harbor as far as it is known, when it cannot be removed. */
  RemainingWebhooks remains(HarborRegistry registry, String why) {
    return new RemainingWebhooks(ids(registry), why);
  }

  /** Takes the webhooks of a registry that is being deleted out of Harbor. */
  RemainingWebhooks remove(HarborRegistry registry, HarborClient harbor) {
    LocalRef account = registry.getSpec().credentialsSecretRef();
    try {
      if (account != null && !harbor.systemInfo().authenticated()) {
        // It would show public projects only, and look as if nothing were left.
        return remains(
            registry, "Harbor does not take the credentials of Secret " + account.name());
      }
      Webhook webhook = registry.getSpec().webhook();
      Registration.Result removed =
          new Registration(
                  registry, webhook == null ? null : webhook.registration(), harbor, ids(registry))
              .removeAll();
      return remains(registry, sentences(removed));
    } catch (RemoteCallException e) {
      return remains(registry, e.describe());
    }
  }

  private Map<String, Long> ids(HarborRegistry registry) {
    return ids.get(registry, ConcurrentHashMap::new);
  }

  /** Forgets a registry that was deleted. */
  void forget(ObjectKey registry) {
    kept.forget(registry);
    ids.forget(registry);
  }

  private static String sentences(Registration.Result result) {
    List<String> all =
        result.troubles().entrySet().stream()
            .map(trouble -> "project " + trouble.getKey() + ": " + trouble.getValue())
            .toList();
    return String.join("; ", all.subList(0, Math.min(TOLD, all.size())))
        + (all.size() > TOLD ? "; and " + (all.size() - TOLD) + " more" : "");
  }
}
