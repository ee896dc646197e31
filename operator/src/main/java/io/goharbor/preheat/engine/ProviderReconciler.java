package io.goharbor.preheat.engine;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.SpecCheck;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RequestListener;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.InsecureTls;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Health;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
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
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps each provider's driver open with its current secrets, probes it, and says how it is. */
@ControllerConfiguration(
    name = "p2pprovider",
    fieldManager = "harbor-preheat-operator",
    triggerReconcilerOnAllEvents = true)
public final class ProviderReconciler implements Reconciler<P2PProvider> {
  private static final Logger log = LoggerFactory.getLogger(ProviderReconciler.class);

  private static final Duration SIGN_OF_LIFE = Duration.ofHours(1);

  private final Engine engine;
  private final ResourceStore<P2PProvider> providers;
  private final Secrets secrets;
  private final HttpClients clients;
  private final EventRecorder events;
  private final StatusPatches statuses;
  private final FailedReconciles failures;
  private final Wakeups wakeups;
  private final InstantSource clock;
  private final RemoteWork<Health> probes;

  /** Wires the reconciler. */
  public ProviderReconciler(
      Engine engine,
      ResourceStore<P2PProvider> providers,
      Secrets secrets,
      HttpClients clients,
      EventRecorder events,
      StatusPatches statuses,
      FailedReconciles failures,
      Wakeups wakeups,
      RemoteWork.Limits limits,
      InstantSource clock) {
    this.engine = engine;
    this.providers = providers;
    this.secrets = secrets;
    this.clients = clients;
    this.events = events;
    this.statuses = statuses;
    this.failures = failures;
    this.wakeups = wakeups;
    this.clock = clock;
    this.probes = new RemoteWork<>("probe", limits, key -> {});
  }

  @Override
  public List<EventSource<?, P2PProvider>> prepareEventSources(
      EventSourceContext<P2PProvider> context) {
    providers.connect(context.getPrimaryCache(), Map.of());
    SimpleInboundEventSource<P2PProvider> probed = new SimpleInboundEventSource<>("probes");
    probes.wakeBy(key -> probed.propagateEvent(new ResourceID(key.name(), key.namespace())));
    return List.of(probed);
  }

  @Override
  public UpdateControl<P2PProvider> reconcile(P2PProvider provider, Context<P2PProvider> context) {
    ObjectKey key = ObjectKey.of(provider);
    if (context.isPrimaryResourceDeleted()) {
      probes.forget(
          key,
          () -> {
            engine.close(key);
            wakeups.changed(new Wakeups.Subject("P2PProvider", key));
          });
      return UpdateControl.noUpdate();
    }
    P2PProviderSpec spec = provider.getSpec();
    return switch (probes.ask(key, spec, () -> probe(key, spec))) {
      case RemoteWork.State.Done<Health> done -> told(provider, key, done.result(), context);
      case RemoteWork.State.UnderWay<Health> wait -> UpdateControl.noUpdate();
      case RemoteWork.State.Queued<Health> wait -> queued(provider, context);
    };
  }

  @Override
  public ErrorStatusUpdateControl<P2PProvider> updateErrorStatus(
      P2PProvider provider, Context<P2PProvider> context, Exception failure) {
    return failures.tell(
        provider, failure, P2PProvider::new, false, why -> failed(provider, why), context);
  }

  /** A provider that was never probed says what it waits for; another keeps what is known of it. */
  private UpdateControl<P2PProvider> queued(P2PProvider provider, Context<P2PProvider> context) {
    if (provider.getStatus() == null) {
      Long generation = provider.getMetadata().getGeneration();
      Conditions conditions =
          new Conditions(null, generation, clock.instant())
              .set(
                  "Ready",
                  null,
                  Reason.WAITING_FOR_NAMESPACE,
                  Reason.WAITING_FOR_NAMESPACE.meaning());
      var _ =
          write(
              provider,
              new P2PProviderStatus(generation, conditions.list(), null, null, null, null),
              context);
    }
    return UpdateControl.noUpdate();
  }

  private UpdateControl<P2PProvider> told(
      P2PProvider provider, ObjectKey key, Health health, Context<P2PProvider> context) {
    P2PProviderStatus before = provider.getStatus();
    P2PProviderStatus after = statuses.fit(key.namespace(), status(provider, key, health));
    Duration interval = provider.getSpec().effectiveHealthCheck().period();
    report(provider, before, after);
    wakeups.changed(new Wakeups.Subject("P2PProvider", key));
    return UpdateControl.<P2PProvider>noUpdate()
        .rescheduleAfter(write(provider, after, context).next(interval));
  }

  private StatusPatches.Outcome<P2PProvider> write(
      P2PProvider provider, P2PProviderStatus status, Context<P2PProvider> context) {
    return statuses.write(
        provider, P2PProvider::new, status, false, why -> List.of(refused(provider, why)), context);
  }

  private P2PProviderStatus refused(P2PProvider provider, String why) {
    P2PProviderStatus before = provider.getStatus();
    Long generation = provider.getMetadata().getGeneration();
    return new P2PProviderStatus(
        generation,
        new Conditions(before == null ? null : before.conditions(), generation, clock.instant())
            .set("Ready", false, Reason.STATUS_REFUSED, why)
            .list(),
        null,
        null,
        null,
        null);
  }

  /** What is known of it stays, but for that it can be used. */
  private P2PProviderStatus failed(P2PProvider provider, String why) {
    P2PProviderStatus before = provider.getStatus();
    Long generation = provider.getMetadata().getGeneration();
    List<Condition> conditions =
        new Conditions(before == null ? null : before.conditions(), generation, clock.instant())
            .keep("Reachable")
            .set("Ready", false, Reason.INTERNAL_ERROR, why)
            .list();
    return before == null
        ? new P2PProviderStatus(generation, conditions, null, null, null, null)
        : new P2PProviderStatus(
            generation,
            conditions,
            before.version(),
            before.capabilities(),
            before.tasks(),
            before.lastProbeTime());
  }

  private Health probe(ObjectKey key, P2PProviderSpec spec) {
    try {
      SpecCheck.check(spec);
      return engine.probe(
          key,
          new DriverSettings(
              key.toString(),
              spec,
              secrets.providerAuth(key.namespace(), spec.auth()),
              secrets.tls(key.namespace(), spec.tls()),
              clients.inNameOf(new RequestListener.Subject("provider", key.toString())),
              clock));
    } catch (SecretMissingException e) {
      return hold(key, new Health.Unusable(e.reason(), e.describe(), false));
    } catch (InvalidSpecException e) {
      return hold(key, new Health.Unusable(Reason.INVALID_SPEC, e.describe(), false));
    } catch (HttpClients.TlsSettingsException e) {
      return hold(
          key, new Health.Unusable(Reason.INVALID_SPEC, "spec.tls: " + e.getMessage(), false));
    }
  }

  private Health hold(ObjectKey key, Health.Unusable why) {
    engine.hold(key, why);
    return why;
  }

  private P2PProviderStatus status(P2PProvider provider, ObjectKey key, Health health) {
    Instant now = clock.instant();
    P2PProviderStatus before = provider.getStatus();
    Long generation = provider.getMetadata().getGeneration();
    Conditions conditions =
        new Conditions(before == null ? null : before.conditions(), generation, now);
    String version = before == null ? null : before.version();
    List<String> capabilities = before == null ? null : before.capabilities();
    switch (health) {
      case Health.Usable usable -> {
        conditions.set("Reachable", true, Reason.READY, "The provider answers.");
        if (provider.getSpec().suspended()) {
          conditions.set("Ready", false, Reason.SUSPENDED, "spec.suspend is true: tasks wait.");
        } else {
          conditions.set("Ready", true, Reason.READY, "Work is sent.");
        }
        usable
            .notices()
            .forEach(notice ->
                conditions.set(
                    notice.condition(), notice.status(), notice.reason(), notice.message()));
        version = usable.version();
        capabilities = usable.capabilities().stream().map(Capability::toString).sorted().toList();
      }
      case Health.Unusable unusable -> {
        conditions.set("Reachable", unusable.reachable(), unusable.reason(), unusable.message());
        conditions.set("Ready", false, unusable.reason(), unusable.message());
      }
    }
    InsecureTls.report(
        "provider",
        key,
        provider.getSpec().tls(),
        before == null ? null : before.conditions(),
        generation,
        conditions);
    P2PProviderStatus.Tasks tasks =
        engine
            .find(key)
            .map(used -> new P2PProviderStatus.Tasks(used.running(), used.queued()))
            .orElse(new P2PProviderStatus.Tasks(0, 0));
    Instant probeTime = now.truncatedTo(ChronoUnit.SECONDS);
    P2PProviderStatus same =
        new P2PProviderStatus(
            generation,
            conditions.list(),
            version,
            capabilities,
            tasks,
            before == null ? null : before.lastProbeTime());
    boolean recent =
        before != null
            && before.lastProbeTime() != null
            && before.lastProbeTime().plus(SIGN_OF_LIFE).isAfter(now);
    // Equal facts give an equal status and no write, but for a sign of life now and then.
    return same.equals(before) && recent
        ? same
        : new P2PProviderStatus(
            generation, conditions.list(), version, capabilities, tasks, probeTime);
  }

  private void report(
      P2PProvider provider, @Nullable P2PProviderStatus before, P2PProviderStatus after) {
    boolean wasReady = before != null && Conditions.isTrue(before.conditions(), "Ready");
    boolean isReady = Conditions.isTrue(after.conditions(), "Ready");
    if (before != null && wasReady == isReady) {
      return;
    }
    Conditions.find(after.conditions(), "Ready")
        .ifPresent(ready -> {
          Reason reason = Reason.of(ready.getReason());
          log.atInfo()
              .addKeyValue("provider", ObjectKey.of(provider))
              .addKeyValue("ready", isReady)
              .addKeyValue("reason", reason)
              .log("Provider: {}", ready.getMessage());
          if (isReady) {
            events.normal(provider, reason, ready.getMessage());
          } else {
            events.warning(provider, reason, ready.getMessage());
          }
        });
  }
}
