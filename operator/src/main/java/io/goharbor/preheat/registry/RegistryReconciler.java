package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.WebhookStatus;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.SystemInfo;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.InsecureTls;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import io.goharbor.preheat.kube.Seniority;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes a Harbor, keeps the operator's webhook in its projects, and sweeps for what was missed.
 * The finalizer is there because the webhooks must be taken out of Harbor again.
 */
@ControllerConfiguration(name = "harborregistry", fieldManager = "harbor-preheat-operator")
public final class RegistryReconciler
    implements Reconciler<HarborRegistry>, Cleaner<HarborRegistry> {
  private static final Logger log = LoggerFactory.getLogger(RegistryReconciler.class);
  private static final Duration PROBE = Duration.ofSeconds(30);
  private static final Duration SECRET_CHECK = Duration.ofSeconds(2);
  private static final Duration NEW = Duration.ofMinutes(1);
  private static final Duration BEYOND_LIMIT = Duration.ofMinutes(1);

  private final HarborClients harbors;
  private final ProjectWebhooks webhooks;
  private final RegistryCleanup cleanup;
  private final Sweeps sweeps;
  private final ResourceStore<HarborRegistry> registries;
  private final EventRecorder events;
  private final StatusPatches statuses;
  private final FailedReconciles failures;
  private final Wakeups wakeups;
  private final InstantSource clock;
  private final int most;
  private final RemoteWork<HarborRegistryStatus> looks;

  /**
   * Wires the reconciler.
   *
   * @param most registries of a namespace that are worked on, the oldest first
   */
  public RegistryReconciler(
      HarborClients harbors,
      Secrets secrets,
      CatchUp catchUp,
      ResourceStore<HarborRegistry> registries,
      EventRecorder events,
      StatusPatches statuses,
      FailedReconciles failures,
      Wakeups wakeups,
      RegistryMetrics metrics,
      RemoteWork.Limits limits,
      int most,
      InstantSource clock) {
    this.harbors = harbors;
    this.webhooks = new ProjectWebhooks(secrets, events, metrics);
    this.cleanup = new RegistryCleanup(harbors, webhooks, events, limits, clock);
    this.sweeps = new Sweeps(catchUp, metrics, clock);
    this.registries = registries;
    this.events = events;
    this.statuses = statuses;
    this.failures = failures;
    this.wakeups = wakeups;
    this.clock = clock;
    this.most = most;
    this.looks = new RemoteWork<>("registry", limits, key -> {});
  }

  @Override
  public List<EventSource<?, HarborRegistry>> prepareEventSources(
      EventSourceContext<HarborRegistry> context) {
    registries.connect(
        context.getPrimaryCache(), Map.of(Seniority.BY_NAMESPACE, Seniority::namespace));
    SimpleInboundEventSource<HarborRegistry> looked = new SimpleInboundEventSource<>("looks");
    Consumer<ObjectKey> waker =
        key -> looked.propagateEvent(new ResourceID(key.name(), key.namespace()));
    looks.wakeBy(waker);
    cleanup.wakeBy(waker);
    return List.of(looked);
  }

  @Override
  public UpdateControl<HarborRegistry> reconcile(
      HarborRegistry registry, Context<HarborRegistry> context) {
    ObjectKey key = ObjectKey.of(registry);
    HarborRegistryStatus before = registry.getStatus();
    if (!Seniority.among(registries, registry, most)) {
      return told(
              registry,
              key,
              held(
                  registry,
                  false,
                  Reason.NAMESPACE_LIMIT,
                  "namespace "
                      + key.namespace()
                      + " has more than "
                      + most
                      + " HarborRegistry objects, and older ones go first"),
              context)
          .rescheduleAfter(BEYOND_LIMIT);
    }
    return switch (looks.ask(
        key,
        registry.getMetadata().getGeneration(),
        () -> look(registry, key, before, clock.instant()))) {
      case RemoteWork.State.Done<HarborRegistryStatus>(HarborRegistryStatus found) ->
          told(registry, key, found, context);
      case RemoteWork.State.UnderWay<HarborRegistryStatus> wait -> UpdateControl.noUpdate();
      case RemoteWork.State.Queued<HarborRegistryStatus> wait ->
          before == null
              ? told(
                  registry,
                  key,
                  held(
                      registry,
                      null,
                      Reason.WAITING_FOR_NAMESPACE,
                      Reason.WAITING_FOR_NAMESPACE.meaning()),
                  context)
              // What is known of it stands until its turn comes.
              : UpdateControl.noUpdate();
    };
  }

  @Override
  public ErrorStatusUpdateControl<HarborRegistry> updateErrorStatus(
      HarborRegistry registry, Context<HarborRegistry> context, Exception failure) {
    return failures.tell(
        registry,
        failure,
        HarborRegistry::new,
        false,
        why -> held(registry, false, Reason.INTERNAL_ERROR, why).ofReconciler(),
        context);
  }

  /**
   * The status of a registry that is not asked at present.
   *
   * @param ready null: not known yet
   */
  private HarborRegistryStatus held(
      HarborRegistry registry, @Nullable Boolean ready, Reason reason, String message) {
    HarborRegistryStatus before = registry.getStatus();
    Conditions conditions =
        new Conditions(
            before == null ? null : before.conditions(),
            registry.getMetadata().getGeneration(),
            clock.instant());
    conditions
        .keep("Reachable")
        .keep("WebhooksRegistered")
        .keep("CatchUpComplete")
        .set("Ready", ready, reason, message);
    return new HarborRegistryStatus(
        registry.getMetadata().getGeneration(),
        conditions.list(),
        before == null ? null : before.version(),
        before == null ? null : before.webhook(),
        before == null ? null : before.catchUp());
  }

  private UpdateControl<HarborRegistry> told(
      HarborRegistry registry,
      ObjectKey key,
      HarborRegistryStatus found,
      Context<HarborRegistry> context) {
    HarborRegistryStatus before = registry.getStatus();
    HarborRegistryStatus after = statuses.fit(key.namespace(), found.ofReconciler());
    report(registry, before, after);
    wakeups.changed(new Wakeups.Subject("HarborRegistry", key));
    Duration next =
        registry.getSpec().catchUp() == null
            ? PROBE
            : shorter(PROBE, Sweeps.interval(registry.getSpec()));
    if (awaitsSecret(registry, after)) {
      next = SECRET_CHECK;
    }
    if (before == null || !after.equals(before.ofReconciler())) {
      next =
          statuses
              .write(
                  registry,
                  HarborRegistry::new,
                  after,
                  false,
                  why -> List.of(refused(registry, why)),
                  context)
              .next(next);
    }
    return UpdateControl.<HarborRegistry>noUpdate().rescheduleAfter(next);
  }

  /** Files name the registry first, so its Secrets are created a moment later. */
  private boolean awaitsSecret(HarborRegistry registry, HarborRegistryStatus status) {
    return Conditions.find(status.conditions(), "Ready")
            .filter(ready -> Reason.SECRET_NOT_FOUND.toString().equals(ready.getReason()))
            .isPresent()
        && Instant.parse(registry.getMetadata().getCreationTimestamp())
            .plus(NEW)
            .isAfter(clock.instant());
  }

  private HarborRegistryStatus refused(HarborRegistry registry, String why) {
    HarborRegistryStatus before = registry.getStatus();
    Long generation = registry.getMetadata().getGeneration();
    return new HarborRegistryStatus(
        generation,
        new Conditions(before == null ? null : before.conditions(), generation, clock.instant())
            .set("Ready", false, Reason.STATUS_REFUSED, why)
            .list(),
        null,
        // Else a deletion would not know that there are webhooks to be removed.
        webhookStatus(registry.getSpec(), ObjectKey.of(registry), registered(before)),
        null);
  }

  private HarborRegistryStatus look(
      HarborRegistry registry, ObjectKey key, @Nullable HarborRegistryStatus before, Instant now) {
    HarborRegistrySpec spec = registry.getSpec();
    Conditions conditions =
        new Conditions(
            before == null ? null : before.conditions(),
            registry.getMetadata().getGeneration(),
            now);
    String version = before == null ? null : before.version();
    int registered = registered(before);
    CatchUpStatus sweep = before == null ? null : before.catchUp();
    try {
      HarborClient harbor = harbors.get(key, spec);
      SystemInfo info = harbor.systemInfo();
      version = info.version();
      conditions.set("Reachable", true, Reason.READY, "Harbor answers.");
      if (spec.credentialsSecretRef() != null && !info.authenticated()) {
        conditions.set(
            "Ready",
            false,
            Reason.UNAUTHORIZED,
            "Harbor does not take the credentials of Secret "
                + spec.credentialsSecretRef().name()
                + ": the robot account is wrong, expired or disabled");
      } else {
        cleanup.worked(registry, harbor);
        BooleanSupplier deleted = () -> isDeleted(registry, key);
        registered =
            webhooks.keep(
                registry,
                harbor,
                info,
                registered,
                Sweeps.interval(spec),
                now,
                conditions,
                deleted);
        Sweeps.Result swept = sweeps.sweepIfDue(registry, harbor, info, sweep, now, deleted);
        sweep = swept.status();
        if (swept.failure() != null) {
          throw swept.failure();
        }
        conditions.set("Ready", true, Reason.READY, "Harbor can be used.");
      }
    } catch (RemoteCallException e) {
      conditions.set("Reachable", e.status() != 0, e.reason(), e.describe());
      conditions.set("Ready", false, e.reason(), e.describe());
    } catch (SecretMissingException e) {
      conditions.set("Ready", false, e.reason(), e.describe());
    } catch (InvalidSpecException e) {
      conditions.set("Ready", false, Reason.INVALID_SPEC, e.describe());
    } catch (HttpClients.TlsSettingsException e) {
      conditions.set("Ready", false, Reason.INVALID_SPEC, "spec.tls: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      conditions.set("Ready", false, Reason.INVALID_SPEC, "spec: " + e.getMessage());
    }
    Backlog.tell(sweep, conditions);
    InsecureTls.report(
        "registry",
        key,
        spec.tls(),
        before == null ? null : before.conditions(),
        registry.getMetadata().getGeneration(),
        conditions);
    return new HarborRegistryStatus(
        registry.getMetadata().getGeneration(),
        conditions.list(),
        version,
        webhookStatus(spec, key, registered),
        sweep);
  }

  /** Without a webhook it is told only while one is left in Harbor. */
  private static @Nullable WebhookStatus webhookStatus(
      HarborRegistrySpec spec, ObjectKey key, int registered) {
    if (spec.webhook() == null) {
      return registered == 0 ? null : new WebhookStatus(null, registered, null);
    }
    return new WebhookStatus(WebhookPaths.of(key), registered, null);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static int registered(@Nullable HarborRegistryStatus status) {
    return status == null
            || status.webhook() == null
            || status.webhook().registeredProjects() == null
        ? 0
        : status.webhook().registeredProjects();
  }

  /** Whether it is to go, or has gone; what is asked of Harbor for it ends then. */
  private boolean isDeleted(HarborRegistry registry, ObjectKey key) {
    return registries
        .find(key)
        .map(now ->
            now.isMarkedForDeletion()
                || !Objects.equals(now.getMetadata().getUid(), registry.getMetadata().getUid()))
        .orElse(false);
  }

  @Override
  public DeleteControl cleanup(HarborRegistry registry, Context<HarborRegistry> context) {
    try {
      return cleaned(registry)
          ? DeleteControl.defaultDelete()
          : DeleteControl.noFinalizerRemoval().rescheduleAfter(RegistryCleanup.AGAIN);
    } catch (RuntimeException e) {
      // Of a deletion the library does not ask for an error status.
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(failures.pause(registry, e));
    }
  }

  /** Whether a registry that is being deleted may go; else it is to be tried again. */
  boolean cleaned(HarborRegistry registry) {
    ObjectKey key = ObjectKey.of(registry);
    wakeups.changed(new Wakeups.Subject("HarborRegistry", key));
    looks.forget(key, () -> {});
    if (!cleanup.done(registry, looks.underWay(key))) {
      return false;
    }
    sweeps.forget(key);
    return true;
  }

  private void report(
      HarborRegistry registry, @Nullable HarborRegistryStatus before, HarborRegistryStatus after) {
    boolean wasReady = before != null && Conditions.isTrue(before.conditions(), "Ready");
    boolean isReady = Conditions.isTrue(after.conditions(), "Ready");
    if (before != null && wasReady == isReady) {
      return;
    }
    Conditions.find(after.conditions(), "Ready")
        .ifPresent(ready -> {
          Reason reason = Reason.of(ready.getReason());
          log.atInfo()
              .addKeyValue("registry", ObjectKey.of(registry))
              .addKeyValue("ready", isReady)
              .addKeyValue("reason", reason)
              .log("Registry: {}", ready.getMessage());
          if (isReady) {
            events.normal(registry, reason, ready.getMessage());
          } else {
            events.warning(registry, reason, ready.getMessage());
          }
        });
  }
}
