package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Wakes finished executions whose time to live is over. It looks over all of them now and then,
 * which for a hundred thousand takes milliseconds, so that none needs to be reconciled or a timer
 * to be kept for it, and a clock that was set is noticed.
 */
final class ExpirySource extends SimpleInboundEventSource<PreheatExecution> {
  private static final Duration TICK = Duration.ofSeconds(30);
  private static final Duration WITHIN = Duration.ofMinutes(1);

  private final ResourceStore<PreheatExecution> executions;
  private final InstantSource clock;
  private final Supervisor supervisor;
  private @Nullable Loop ticking;

  ExpirySource(
      ResourceStore<PreheatExecution> executions, InstantSource clock, Supervisor supervisor) {
    super("expiry");
    this.executions = executions;
    this.clock = clock;
    this.supervisor = supervisor;
  }

  /** When an execution is to be deleted; null: never, or not known as long as it has not ended. */
  static @Nullable Instant expires(PreheatExecution execution) {
    if (execution instanceof PackedExecution packed) {
      return packed.expires();
    }
    PreheatExecutionStatus status = Parts.status(execution);
    // A part goes with what it is part of.
    if (!Parts.ended(execution)
        || status.completionTime() == null
        || execution.getSpec().partOf() != null) {
      return null;
    }
    String own = execution.getSpec().ttlAfterFinished();
    Duration ttl =
        status.settings() != null
            ? status.settings().timeToLive()
            : own == null ? null : DurationText.parse(own);
    return ttl == null ? null : status.completionTime().plus(ttl);
  }

  @Override
  public synchronized void start() {
    super.start();
    ticking = supervisor.every("execution-expiry", TICK, WITHIN, this::tick);
  }

  private void tick() {
    Instant now = clock.instant();
    executions
        .all()
        .filter(execution -> isOver(execution, now))
        .forEach(execution -> propagateEvent(ResourceID.fromResource(execution)));
  }

  private static boolean isOver(PreheatExecution execution, Instant now) {
    Instant expires = expires(execution);
    return expires != null && !expires.isAfter(now);
  }

  @Override
  public synchronized void stop() {
    super.stop();
    if (ticking != null) {
      ticking.close();
    }
  }
}
