package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.PerObjectCache;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.SecretMissingException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the webhooks of a registry that is being deleted out of Harbor, and lets the object go
 * after {@value #LONGEST_SECONDS} seconds at the latest, whatever could be done by then. The Secret
 * often goes first, so the client that last worked is kept in memory for it until the registry is
 * gone.
 */
final class RegistryCleanup {
  private static final Logger log = LoggerFactory.getLogger(RegistryCleanup.class);

  private static final int LONGEST_SECONDS = 20;

  /** Whoever deletes waits at most 30 s, and removing the finalizer takes its time too. */
  static final Duration LONGEST = Duration.ofSeconds(LONGEST_SECONDS);

  /** What fails is tried again so long. */
  static final Duration TRIED = Duration.ofSeconds(15);

  /** The time between two tries. */
  static final Duration AGAIN = Duration.ofSeconds(2);

  private final HarborClients harbors;
  private final ProjectWebhooks webhooks;
  private final EventRecorder events;
  private final InstantSource clock;
  private final RemoteWork<RemainingWebhooks> removals;
  private final PerObjectCache<HarborClient> working = new PerObjectCache<>();

  /** Counted by this replica's clock alone: that of the API server may tell another time. */
  private final PerObjectCache<Instant> seen = new PerObjectCache<>();

  /**
   * What may go, for the write that removes the finalizer can fail, and is asked for again then.
   */
  private final PerObjectCache<Boolean> released = new PerObjectCache<>();

  RegistryCleanup(
      HarborClients harbors,
      ProjectWebhooks webhooks,
      EventRecorder events,
      RemoteWork.Limits limits,
      InstantSource clock) {
    this.harbors = harbors;
    this.webhooks = webhooks;
    this.events = events;
    this.clock = clock;
    // Not among the probes: those of a Harbor that hangs would take all slots of the namespace.
    this.removals = new RemoteWork<>("registry-cleanup", limits, key -> {});
  }

  /** Sets how a registry is woken; called when its controller starts. */
  void wakeBy(Consumer<ObjectKey> how) {
    removals.wakeBy(how);
  }

  /** Harbor took the credentials of this client. */
  void worked(HarborRegistry registry, HarborClient client) {
    working.put(registry, client);
  }

  /**
   * Whether a registry that is being deleted may go; else it is to be tried again.
   *
   * @param asking whether something is still asked of Harbor for it, which may yet register a
   *     webhook
   */
  boolean done(HarborRegistry registry, boolean asking) {
    if (released.find(registry).isPresent()) {
      return true;
    }
    Instant now = clock.instant();
    Instant since = seen.get(registry, clock::instant);
    boolean late = !now.isBefore(since.plus(LONGEST));
    if (asking && !late) {
      return false;
    }
    if (webhooks.mayStand(registry)) {
      switch (removals.ask(ObjectKey.of(registry), since, () -> remove(registry))) {
        case RemoteWork.State.Done<RemainingWebhooks>(RemainingWebhooks left) when left.none() -> {}
        case RemoteWork.State.Done<RemainingWebhooks>(RemainingWebhooks left) -> {
          if (now.isBefore(since.plus(TRIED))) {
            return false;
          }
          report(registry, left);
        }
        case RemoteWork.State.UnderWay<RemainingWebhooks> wait -> {
          if (!late) {
            return false;
          }
          report(registry, webhooks.remains(registry, "Harbor did not answer in time"));
        }
        case RemoteWork.State.Queued<RemainingWebhooks> wait -> {
          if (!late) {
            return false;
          }
          report(
              registry,
              webhooks.remains(registry, "others of the namespace were served until then"));
        }
      }
    }
    forget(ObjectKey.of(registry));
    released.put(registry, true);
    return true;
  }

  private void forget(ObjectKey key) {
    removals.forget(key, () -> {});
    working.forget(key);
    seen.forget(key);
    harbors.close(key);
    webhooks.forget(key);
  }

  private RemainingWebhooks remove(HarborRegistry registry) {
    try {
      HarborClient given = null;
      RemainingWebhooks left;
      try {
        given = harbors.get(ObjectKey.of(registry), registry.getSpec());
        left = webhooks.remove(registry, given);
      } catch (SecretMissingException e) {
        left = webhooks.remains(registry, e.describe());
      } catch (IllegalArgumentException e) {
        left = webhooks.remains(registry, String.valueOf(e.getMessage()));
      } catch (KubernetesClientException e) {
        left = webhooks.remains(registry, "its Secrets cannot be read: " + e.getMessage());
      }
      return left.none() ? left : again(registry, given, left);
    } catch (RuntimeException e) {
      // An exception would hold the object: the SDK tries again later and later.
      log.atError()
          .addKeyValue("registry", ObjectKey.of(registry))
          .setCause(e)
          .log("Removing the webhooks of a registry broke off");
      return webhooks.remains(registry, "the operator failed: " + e.getClass().getSimpleName());
    }
  }

  /** Tries it with what worked last, where that is something else. */
  private RemainingWebhooks again(
      HarborRegistry registry, @Nullable HarborClient given, RemainingWebhooks left) {
    HarborClient last = working.find(registry).orElse(null);
    if (last == null || last == given) {
      return left;
    }
    // The Secret is not read any more, and what was read long ago is not looked for in texts.
    last.hideCredentials();
    RemainingWebhooks still = webhooks.remove(registry, last);
    return still.none()
        ? still
        : new RemainingWebhooks(
            still.webhooks(),
            left.why() + "; with the credentials that last worked: " + still.why());
  }

  private void report(HarborRegistry registry, RemainingWebhooks left) {
    String name = Registration.name(registry);
    String url = registry.getSpec().url();
    left.webhooks()
        .forEach((project, id) ->
            log.atWarn()
                .addKeyValue("registry", ObjectKey.of(registry))
                .addKeyValue("harbor", url)
                .addKeyValue("project", project)
                .addKeyValue("webhookPolicy", id)
                .log("Webhook {} may be left in Harbor; remove it by hand", name));
    String where = left.webhooks().isEmpty() ? "" : ", " + left.list();
    log.atWarn()
        .addKeyValue("registry", ObjectKey.of(registry))
        .addKeyValue("harbor", url)
        .log(
            "Webhooks named {} may be left in Harbor{}; remove them by hand: {}",
            name,
            where,
            left.why());
    events.warning(
        registry,
        Reason.REGISTRATION_INCOMPLETE,
        "webhooks named "
            + name
            + " may be left in Harbor "
            + url
            + where
            + "; remove them by hand: "
            + left.why());
  }
}
