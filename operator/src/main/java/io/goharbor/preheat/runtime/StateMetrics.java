package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.QueueState;
import io.goharbor.preheat.execution.PackedExecution;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What stands at the moment of a scrape: queues, registries, objects that are not ready, executions
 * under way. Only the leader tells it, so that nothing is counted twice. What speaks of a provider
 * or a registry that there is no more is taken out.
 */
final class StateMetrics {
  /**
   * Where it is read.
   *
   * @param leads whether this replica reconciles
   */
  record Sources(
      ResourceStore<HarborRegistry> registries,
      ResourceStore<P2PProvider> providers,
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<PreheatExecution> executions,
      Engine engine,
      BooleanSupplier leads) {}

  private record QueueGauge(MultiGauge gauge, ToDoubleFunction<QueueState> value) {}

  private record NotReady(String kind, String reason) {}

  private final MeterRegistry meters;
  private final Sources sources;
  private final Consumer<ObjectKey> eachRegistry;
  private final Consumer<ObjectKey> eachProvider;
  private final List<QueueGauge> queues;
  private final MultiGauge reachable;
  private final MultiGauge registered;
  private final MultiGauge notReady;
  private final MultiGauge executions;

  /**
   * Registers the gauges.
   *
   * @param eachRegistry called with each registry at each look
   * @param eachProvider called with each provider at each look of the leader
   */
  StateMetrics(
      MeterRegistry meters,
      Sources sources,
      Consumer<ObjectKey> eachRegistry,
      Consumer<ObjectKey> eachProvider) {
    this.meters = meters;
    this.sources = sources;
    this.eachRegistry = eachRegistry;
    this.eachProvider = eachProvider;
    queues =
        List.of(
            queue("provider.usable", "Whether tasks may start (1)", state -> one(state.usable())),
            queue("provider.suspended", "Whether it is suspended", state -> one(state.suspended())),
            queue(
                "provider.circuit.open",
                "Whether failed calls hold everything back (1)",
                state -> one(state.circuitOpen())),
            queue(
                "provider.queue.slots",
                "Tasks that may be in flight at present",
                QueueState::slots),
            queue("provider.queue.running.tasks", "Tasks in flight", QueueState::running),
            queue("provider.queue.waiting.tasks", "Tasks that wait for a slot", QueueState::queued),
            new QueueGauge(
                MultiGauge.builder("preheat.provider.queue.oldest.waiting")
                    .baseUnit("seconds")
                    .description("How long an execution has had tasks waiting, at most")
                    .register(meters),
                state -> state.oldestWaiting().toMillis() / 1000.0));
    reachable = gauge("registry.reachable", "Whether Harbor answered the last probe (1)");
    registered =
        gauge("registry.webhooks.registered", "Whether all matching projects have the webhook (1)");
    notReady = gauge("objects.not.ready", "Objects whose condition Ready is not True");
    executions = gauge("executions", "Executions that have not ended");
  }

  private QueueGauge queue(String name, String text, ToDoubleFunction<QueueState> value) {
    return new QueueGauge(gauge(name, text), value);
  }

  private MultiGauge gauge(String name, String text) {
    return MultiGauge.builder("preheat." + name).description(text).register(meters);
  }

  /** Looks again; to be called before each scrape, once the caches are filled. */
  synchronized void refresh() {
    List<HarborRegistry> registries = sources.registries().all().toList();
    List<P2PProvider> providers = sources.providers().all().toList();
    registries.forEach(registry -> eachRegistry.accept(ObjectKey.of(registry)));
    boolean leads = sources.leads().getAsBoolean();
    if (leads) {
      providers.forEach(provider -> eachProvider.accept(ObjectKey.of(provider)));
    }
    queues(leads ? providers : List.of());
    registries(leads ? registries : List.of());
    notReady(leads ? List.of(registries, providers) : List.of());
    executions(leads);
    removeGone("registry", keys(registries));
    removeGone("provider", keys(providers));
  }

  private void queues(List<P2PProvider> providers) {
    Map<String, QueueState> states = new TreeMap<>();
    for (P2PProvider provider : providers) {
      ObjectKey key = ObjectKey.of(provider);
      sources.engine().find(key).ifPresent(queue -> states.put(key.toString(), queue.state()));
    }
    for (QueueGauge queue : queues) {
      rows(
          queue.gauge(),
          states.entrySet().stream()
              .map(entry ->
                  row(
                      Tags.of("provider", entry.getKey()),
                      queue.value().applyAsDouble(entry.getValue()))));
    }
  }

  private void registries(List<HarborRegistry> registries) {
    List<Row<?>> reach = new ArrayList<>();
    List<Row<?>> stand = new ArrayList<>();
    for (HarborRegistry registry : registries) {
      Tags tags = Tags.of("registry", ObjectKey.of(registry).toString());
      List<Condition> conditions = conditions(registry);
      Conditions.find(conditions, "Reachable")
          .ifPresent(condition -> reach.add(row(tags, one("True".equals(condition.getStatus())))));
      Conditions.find(conditions, "WebhooksRegistered")
          // Who registers by hand has nothing to mend.
          .filter(condition -> !Reason.REGISTRATION_OFF.toString().equals(condition.getReason()))
          .ifPresent(condition -> stand.add(row(tags, one("True".equals(condition.getStatus())))));
    }
    rows(reachable, reach.stream());
    rows(registered, stand.stream());
  }

  private void notReady(List<List<? extends HasMetadata>> some) {
    Map<NotReady, Integer> counts =
        some.isEmpty()
            ? Map.of()
            : Stream.concat(some.stream().flatMap(List::stream), sources.policies().all())
                .map(StateMetrics::reasonOf)
                .flatMap(Optional::stream)
                .collect(Collectors.toMap(reason -> reason, reason -> 1, Integer::sum));
    rows(
        notReady,
        counts.entrySet().stream()
            .map(entry ->
                row(
                    Tags.of("kind", entry.getKey().kind(), "reason", entry.getKey().reason()),
                    entry.getValue())));
  }

  private static Optional<NotReady> reasonOf(HasMetadata object) {
    return Conditions.find(conditions(object), "Ready")
        .filter(ready -> !"True".equals(ready.getStatus()))
        .map(ready -> new NotReady(object.getKind(), ready.getReason()));
  }

  private static @Nullable List<Condition> conditions(HasMetadata object) {
    return switch (object) {
      case HarborRegistry registry when registry.getStatus() != null ->
          registry.getStatus().conditions();
      case P2PProvider provider when provider.getStatus() != null ->
          provider.getStatus().conditions();
      case PreheatPolicy policy when policy.getStatus() != null -> policy.getStatus().conditions();
      default -> null;
    };
  }

  private void executions(boolean leads) {
    Map<Phase, Integer> counts = new EnumMap<>(Phase.class);
    if (leads) {
      Stream.of(Phase.values())
          .filter(phase -> !phase.terminal())
          .forEach(phase -> counts.put(phase, 0));
      sources
          .executions()
          .all()
          // To ask a packed one for its phase would unpack it.
          .filter(execution -> !(execution instanceof PackedExecution))
          .map(execution ->
              execution.getStatus() == null
                  ? Phase.PENDING
                  : execution.getStatus().effectivePhase())
          .forEach(phase -> counts.computeIfPresent(phase, (same, count) -> count + 1));
    }
    rows(
        executions,
        counts.entrySet().stream()
            .map(entry -> row(Tags.of("phase", entry.getKey().toString()), entry.getValue())));
  }

  private void removeGone(String tag, Set<String> there) {
    for (Meter meter : meters.getMeters()) {
      String about = meter.getId().getTag(tag);
      if (about != null && !there.contains(about)) {
        meters.remove(meter);
      }
    }
  }

  private static Set<String> keys(List<? extends HasMetadata> objects) {
    return objects.stream()
        .map(object -> ObjectKey.of(object).toString())
        .collect(Collectors.toSet());
  }

  private static void rows(MultiGauge gauge, Stream<Row<?>> rows) {
    gauge.register(rows.toList(), true);
  }

  private static Row<?> row(Tags tags, double value) {
    return Row.of(tags, value);
  }

  private static double one(boolean yes) {
    return yes ? 1 : 0;
  }
}
