package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of an exception that a reconcile ends with: the object says so in a condition, the
 * log has it once, and the object is tried again after a pause. The pause doubles while failures of
 * an object follow each other, and begins again some time after the last one.
 */
public final class FailedReconciles {
  private static final Logger log = LoggerFactory.getLogger(FailedReconciles.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private record Failing(String kind, ObjectKey key) {}

  private record Told(Failing failing, String what) {}

  private final StatusPatches statuses;
  private final Duration longest;
  private final Cache<Failing, Duration> pauses;
  private final Cache<Told, Boolean> told =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofHours(1)).maximumSize(10_000).build();

  /**
   * Nothing failed yet.
   *
   * @param longest pause
   */
  public FailedReconciles(StatusPatches statuses, Duration longest) {
    this.statuses = statuses;
    this.longest = longest;
    this.pauses =
        Caffeine.newBuilder()
            .expireAfterWrite(longest.plus(longest).plusMinutes(1))
            .maximumSize(10_000)
            .build();
  }

  /**
   * Tells of a failure, and says when to try again.
   *
   * @param fresh makes an empty object of the kind
   * @param locked whether the status must not be written over one that came meanwhile
   * @param status makes, of a sentence, the status that has it in a condition
   */
  public <S extends Record, R extends CustomResource<?, S>> ErrorStatusUpdateControl<R> tell(
      R resource,
      Exception failure,
      Supplier<R> fresh,
      boolean locked,
      Function<String, S> status,
      Context<R> context) {
    // Whoever changed it meanwhile is no error of the object.
    if (!isConflict(failure)
        && !context.isPrimaryResourceDeleted()
        && !resource.isMarkedForDeletion()) {
      try {
        statuses.write(
            resource,
            fresh,
            status.apply(sentence(failure)),
            locked,
            why -> List.of(status.apply(why)),
            context);
      } catch (RuntimeException e) {
        log.atDebug().addKeyValue("object", ObjectKey.of(resource)).setCause(e).log("Not told");
      }
    }
    return ErrorStatusUpdateControl.<R>noStatusUpdate().rescheduleAfter(pause(resource, failure));
  }

  /** Logs a failure of an object that gets no condition, and says when to try again. */
  public Duration pause(HasMetadata resource, Exception failure) {
    Failing failing = new Failing(resource.getKind(), ObjectKey.of(resource));
    Duration pause = pauses.asMap().compute(failing, (key, last) -> next(last, longest));
    if (told.asMap().putIfAbsent(new Told(failing, sentence(failure)), true) == null) {
      log.atWarn()
          .addKeyValue("kind", failing.kind())
          .addKeyValue("object", failing.key())
          .setCause(isConflict(failure) ? null : cause(failure))
          .log("Reconcile failed, and is tried again: {}", sentence(failure));
    }
    return pause;
  }

  /**
   * The pause after a failure.
   *
   * @param last the pause after the failure before; null: there was none lately
   */
  static Duration next(@Nullable Duration last, Duration longest) {
    Duration next = last == null ? SHORTEST : last.multipliedBy(2);
    return next.compareTo(longest) < 0 ? next : longest;
  }

  /** What happened, in a sentence for people; the trace is in the log. */
  public static String sentence(Exception failure) {
    return switch (cause(failure)) {
      case KubernetesClientException e
          when e.getStatus() != null && e.getStatus().getMessage() != null ->
          "The API server answered " + e.getCode() + ": " + e.getStatus().getMessage();
      case KubernetesClientException e -> "The API server could not be asked: " + e.getMessage();
      case Exception e -> "The operator failed: " + e;
    };
  }

  private static boolean isConflict(Exception failure) {
    return cause(failure) instanceof KubernetesClientException e && e.getCode() == 409;
  }

  /** The library wraps what a reconciler throws. */
  private static Exception cause(Exception failure) {
    return failure instanceof OperatorException && failure.getCause() instanceof Exception cause
        ? cause
        : failure;
  }
}
