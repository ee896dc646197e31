package io.goharbor.preheat.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.ProviderAccess;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a provider. Each execution states what it wants and what it has in flight, which
 * takes the place of what it stated before: a slot that no one states is free. All state is in
 * memory and follows from the executions.
 *
 * <p>Safe for concurrent use.
 */
final class ProviderQueue {
  private record Done(Instant at, Warmth warmth) {}

  /**
   * What an execution has in flight, by task.
   *
   * @param starting how many of them have no job yet
   */
  private record Holding(ObjectKey group, Map<String, DedupKey> tasks, int starting) {}

  /** Retries that a minute has room for however few slots there are. */
  private static final int LEAST_RETRIES = 10;

  private static final Duration BETWEEN_READS = Duration.ofSeconds(5);

  private final ObjectKey provider;
  private final ProviderHealth health;
  private final InstantSource clock;
  private final Supplier<Stream<Work>> stored;
  private final WaitQueue waiting;
  private final Map<ObjectKey, Holding> holdings = new HashMap<>();
  private final Map<DedupKey, Set<String>> holders = new HashMap<>();

  /** Which executions wait for work that others do. */
  private final Map<ObjectKey, Set<DedupKey>> awaited = new HashMap<>();

  private final Map<DedupKey, Set<ObjectKey>> awaiting = new HashMap<>();
  private final Cache<DedupKey, Done> done;

  /** In flight by what is stored, of executions that have not stated anything yet; null: unread. */
  private @Nullable Map<ObjectKey, Map<String, DedupKey>> unheard;

  private Instant read = Instant.EPOCH;
  private @Nullable P2PProviderSpec spec;
  private RateLimiter retries = budget("retries", 0);

  /**
   * A queue in which nothing is stated.
   *
   * @param stored what stored executions have in flight at the provider
   */
  ProviderQueue(
      ObjectKey provider,
      ProviderHealth health,
      InstantSource clock,
      Supplier<Stream<Work>> stored) {
    this.provider = provider;
    this.health = health;
    this.clock = clock;
    this.stored = stored;
    this.waiting = new WaitQueue(provider.namespace());
    this.done =
        Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(1)).build();
  }

  /** Takes the provider's present spec. */
  synchronized void use(P2PProviderSpec next) {
    int slots = next.effectiveLimits().concurrentTasks();
    if (spec == null || spec.effectiveLimits().concurrentTasks() != slots) {
      retries = budget(provider.toString(), slots);
    }
    spec = next;
    waiting.reorder(this::ceiling);
  }

  /** A provider that fails whatever it is given is not kept busy with failing it again. */
  private static RateLimiter budget(String name, int slots) {
    return RateLimiter.of(
        name,
        RateLimiterConfig.custom()
            .limitForPeriod(Math.max(slots, LEAST_RETRIES))
            .limitRefreshPeriod(Duration.ofMinutes(1))
            .timeoutDuration(Duration.ZERO)
            .build());
  }

  /** What came of a demand. */
  record Synced(List<Admission> admissions, Set<ObjectKey> toWake) {}

  /**
   * Takes what an execution states.
   *
   * @return an admission for each wanted task, in order, and executions for which something changed
   */
  synchronized Synced sync(Demand demand) {
    Instant now = clock.instant();
    Set<DedupKey> before = new HashSet<>(keys(holdings.get(demand.execution())));
    before.addAll(read(now));
    before.addAll(hear(demand.execution()));
    Map<String, DedupKey> inFlight = new LinkedHashMap<>();
    demand
        .inFlight()
        .forEach(task -> inFlight.put(task.work().key().slot(), task.work().dedupKey()));
    hold(demand, inFlight);
    List<Admission> admissions = admit(demand, inFlight, now);
    hold(demand, inFlight);
    Set<ObjectKey> toWake = awaiting(before);
    toWake.addAll(next(now));
    return new Synced(admissions, toWake);
  }

  /** Those who wait for work that is not held any more. */
  private Set<ObjectKey> awaiting(Set<DedupKey> maybeEnded) {
    Set<ObjectKey> executions = new LinkedHashSet<>();
    for (DedupKey key : maybeEnded) {
      if (!holders.containsKey(key) && !isUnheard(key)) {
        executions.addAll(awaiting.getOrDefault(key, Set.of()));
      }
    }
    return executions;
  }

  private List<Admission> admit(Demand demand, Map<String, DedupKey> inFlight, Instant now) {
    Optional<Admission.Wait> held = held();
    int ceiling = ceiling(demand.group().namespace());
    int want = (int) demand.wanted().stream().filter(work -> !isTaken(work)).count();
    waiting.state(demand, ceiling, want, now);
    int share =
        held.isPresent() || want == 0
            ? 0
            : waiting.share(demand.execution(), free(), heldByGroup(), now);
    Set<DedupKey> others = new HashSet<>();
    List<Admission> admissions = new ArrayList<>(demand.wanted().size());
    int left = 0;
    for (Work work : demand.wanted()) {
      Done other = done.getIfPresent(work.dedupKey());
      Admission admission;
      if (other != null && other.at().isAfter(demand.planned())) {
        admission = new Admission.AlreadyDone(other.warmth());
      } else if (isTaken(work) || inFlight.containsValue(work.dedupKey())) {
        others.add(work.dedupKey());
        admission =
            new Admission.Wait(
                Reason.ALREADY_RUNNING,
                "the same artifact of the same registry is already on its way to the same peers");
      } else if (held.isPresent()) {
        admission = held.get();
        left++;
      } else if (share > 0 && work.key().attempt() > 0 && !retries.acquirePermission()) {
        admission =
            new Admission.Wait(
                Reason.WAITING_FOR_RETRY,
                "provider "
                    + provider
                    + ": as many tasks as its limits.maxConcurrentTasks allows were sent again"
                    + " within this minute");
      } else if (share > 0) {
        share--;
        inFlight.put(work.key().slot(), work.dedupKey());
        admission = new Admission.Granted();
      } else {
        left++;
        admission =
            new Admission.Wait(
                Reason.WAITING_FOR_SLOT,
                "provider " + provider + " has no free slot for it yet" + capped(demand, ceiling));
      }
      admissions.add(admission);
    }
    waiting.state(demand, ceiling, left, now);
    await(demand.execution(), others);
    return admissions;
  }

  private String capped(Demand demand, int ceiling) {
    return ProviderAccess.capped(demand.priority(), ceiling).map(note -> "; " + note).orElse("");
  }

  /** Whether another task does the same work. */
  private boolean isTaken(Work work) {
    Set<String> slots = holders.getOrDefault(work.dedupKey(), Set.of());
    return slots.stream().anyMatch(slot -> !slot.equals(work.key().slot()))
        || isUnheard(work.dedupKey());
  }

  private boolean isUnheard(DedupKey key) {
    return unheard != null && unheard.values().stream().anyMatch(tasks -> tasks.containsValue(key));
  }

  private void hold(Demand demand, Map<String, DedupKey> tasks) {
    Holding before = holdings.remove(demand.execution());
    if (before != null) {
      before
          .tasks()
          .forEach((slot, key) ->
              holders.computeIfPresent(
                  key,
                  (same, slots) -> {
                    slots.remove(slot);
                    return slots.isEmpty() ? null : slots;
                  }));
    }
    if (!tasks.isEmpty()) {
      int started = (int) demand.inFlight().stream().filter(task -> task.jobId() != null).count();
      holdings.put(
          demand.execution(),
          new Holding(demand.group(), Map.copyOf(tasks), tasks.size() - started));
      tasks.forEach(
          (slot, key) -> holders.computeIfAbsent(key, same -> new LinkedHashSet<>()).add(slot));
    }
  }

  private void await(ObjectKey execution, Set<DedupKey> keys) {
    Set<DedupKey> before = awaited.remove(execution);
    if (before != null) {
      before.forEach(key ->
          awaiting.computeIfPresent(
              key,
              (same, executions) -> {
                executions.remove(execution);
                return executions.isEmpty() ? null : executions;
              }));
    }
    if (!keys.isEmpty()) {
      awaited.put(execution, keys);
      keys.forEach(
          key -> awaiting.computeIfAbsent(key, same -> new LinkedHashSet<>()).add(execution));
    }
  }

  /**
   * Until an execution has stated itself after a start, what is stored of it counts. Caches may be
   * late, and one that has ended meanwhile never states anything: so what is stored is read again.
   *
   * @return what was stored before
   */
  private Set<DedupKey> read(Instant now) {
    Map<ObjectKey, Map<String, DedupKey>> before = unheard;
    if (before != null && (before.isEmpty() || now.isBefore(read.plus(BETWEEN_READS)))) {
      return Set.of();
    }
    Map<ObjectKey, Map<String, DedupKey>> found = new HashMap<>();
    stored
        .get()
        .filter(work -> before == null || before.containsKey(work.key().execution()))
        .forEach(work ->
            found
                .computeIfAbsent(work.key().execution(), same -> new HashMap<>())
                .put(work.key().slot(), work.dedupKey()));
    unheard = found;
    read = now;
    Set<DedupKey> keys = new HashSet<>();
    if (before != null) {
      before.values().forEach(tasks -> keys.addAll(tasks.values()));
    }
    return keys;
  }

  /** What was stored of an execution, which counts no more. */
  private Set<DedupKey> hear(ObjectKey execution) {
    Map<String, DedupKey> tasks = unheard == null ? null : unheard.remove(execution);
    return tasks == null ? Set.of() : Set.copyOf(tasks.values());
  }

  private static Set<DedupKey> keys(@Nullable Holding holding) {
    return holding == null ? Set.of() : Set.copyOf(holding.tasks().values());
  }

  /**
   * Those for whom something changed: there are slots, or what they waited for is stored no more.
   */
  synchronized Set<ObjectKey> next(Instant now) {
    Set<ObjectKey> toWake = unheard == null ? new LinkedHashSet<>() : awaiting(read(now));
    if (held().isEmpty()) {
      toWake.addAll(waiting.wake(free(), heldByGroup(), now));
    }
    return toWake;
  }

  /** Why nothing may start, if so. */
  synchronized Optional<Admission.Wait> held() {
    if (spec == null) {
      return Optional.of(
          new Admission.Wait(
              Reason.WAITING_FOR_PROVIDER, "provider " + provider + " was not probed yet"));
    }
    if (spec.suspended()) {
      return Optional.of(
          new Admission.Wait(Reason.PROVIDER_SUSPENDED, "provider " + provider + " is suspended"));
    }
    return health
        .held()
        .map(wait ->
            new Admission.Wait(wait.reason(), "provider " + provider + " " + wait.message()));
  }

  /** Peers hold it all since now. */
  void finished(DedupKey key, Warmth warmth) {
    done.put(key, new Done(clock.instant(), warmth));
  }

  /** What was warm a moment ago may not be any more. */
  void evicting() {
    done.invalidateAll();
  }

  private Map<ObjectKey, Integer> heldByGroup() {
    Map<ObjectKey, Integer> byGroup = new HashMap<>();
    holdings
        .values()
        .forEach(holding -> byGroup.merge(holding.group(), holding.tasks().size(), Integer::sum));
    return byGroup;
  }

  /** At what the priorities of a namespace count among namespaces at the most. */
  private int ceiling(String namespace) {
    return spec == null ? 0 : ProviderAccess.ceiling(provider, spec, namespace);
  }

  private int limit() {
    return spec == null ? 0 : spec.effectiveLimits().concurrentTasks();
  }

  private int free() {
    int starting = holdings.values().stream().mapToInt(Holding::starting).sum();
    return Math.max(
        0, Math.min(limit() - running() - unheardTasks(), health.startsAtOnce() - starting));
  }

  private int unheardTasks() {
    return unheard == null ? 0 : unheard.values().stream().mapToInt(Map::size).sum();
  }

  /** Tasks that have a slot. */
  synchronized int running() {
    return holdings.values().stream().mapToInt(holding -> holding.tasks().size()).sum();
  }

  /** Tasks that wait for a slot. */
  synchronized int queued() {
    return waiting.tasks();
  }

  /** Executions that wait for slots. */
  synchronized int waiting() {
    return waiting.executions();
  }

  /** How it stands, for metrics. */
  synchronized QueueState state() {
    return new QueueState(
        held().isEmpty(),
        spec != null && spec.suspended(),
        health.circuitOpen(),
        Math.min(limit(), running() + unheardTasks() + free()),
        running(),
        queued(),
        waiting.longest(clock.instant()));
  }
}
