package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ObjectKey;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the status of executions: at most once a second each, whatever happens inside. */
final class StatusWriter {
  static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

  private final EventRecorder events;
  private final InstantSource clock;
  private final Cache<ObjectKey, Instant> lastWrite =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(10)).build();

  StatusWriter(EventRecorder events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  /** How long to wait until an execution may be written again; zero: not at all. */
  Duration pause(ObjectKey execution) {
    Instant last = lastWrite.getIfPresent(execution);
    if (last == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), last.plus(BETWEEN_WRITES));
    // A clock that was set back must not hold anything up.
    return left.isNegative() || left.compareTo(BETWEEN_WRITES) > 0 ? Duration.ZERO : left;
  }

  /**
   * Writes the status when it differs.
   *
   * @return the execution as it stands now; empty when it was changed meanwhile
   */
  Optional<PreheatExecution> write(
      PreheatExecution execution, PreheatExecutionStatus after, Context<PreheatExecution> context) {
    PreheatExecutionStatus before = execution.getStatus();
    if (after.equals(before)) {
      return Optional.of(execution);
    }
    Phase was = before == null ? null : before.phase();
    if (was != null && after.phase() != null && !was.mayBecome(after.phase())) {
      throw new IllegalStateException(was + " cannot become " + after.phase());
    }
    PreheatExecution fresh = new PreheatExecution();
    // The version makes the write fail when another operator, or an older cache, is at work.
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(execution.getMetadata().getName())
            .withNamespace(execution.getMetadata().getNamespace())
            .withResourceVersion(execution.getMetadata().getResourceVersion())
            .build());
    fresh.setStatus(after);
    PreheatExecution written;
    try {
      written =
          PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(execution, fresh, context);
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409 || e.getCode() == 404) {
        return Optional.empty();
      }
      throw e;
    }
    lastWrite.put(ObjectKey.of(execution), clock.instant());
    tell(execution, was, after);
    return Optional.of(written);
  }

  void forget(ObjectKey execution) {
    lastWrite.invalidate(execution);
  }

  /** An Event for each phase on the way; parts are told of by their whole. */
  private void tell(PreheatExecution execution, @Nullable Phase was, PreheatExecutionStatus after) {
    if (was == after.phase()
        || after.phase() == null
        || after.phase().terminal()
        || execution.getSpec().partOf() != null) {
      return;
    }
    events.normal(
        execution,
        after.phase() == Phase.RUNNING ? Reason.PROGRESSING : Reason.PLANNING,
        after.phase() == Phase.RUNNING && after.summary() != null
            ? after.summary().tasks() + " tasks"
            : String.valueOf(after.message()));
  }
}
