package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.http.Redactor;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way in which statuses are written: what came from outside is made fit to be shown, and a
 * status that the API server refuses is replaced by one that says so. The refused one is not tried
 * again; it was refused for what it holds.
 */
public final class StatusPatches {
  private static final Logger log = LoggerFactory.getLogger(StatusPatches.class);

  /** Bad request, too large, and against the schema. */
  private static final Set<Integer> REFUSED = Set.of(400, 413, 422);

  /** Of a status that has fields which the definition lacks, or a key of a list twice. */
  private static final String NOT_TYPED = "failed to create typed patch object";

  private static final int LONGEST_QUOTE = 300;
  private static final Duration AFTER_CONFLICT = Duration.ofSeconds(1);

  /**
   * What came of a write.
   *
   * @param <R> the kind
   */
  public sealed interface Outcome<R> {
    /** When to look again: soon where nothing was written, for no one else may wake the object. */
    default Duration next(Duration usual) {
      return this instanceof Outdated && usual.compareTo(AFTER_CONFLICT) > 0
          ? AFTER_CONFLICT
          : usual;
    }

    /** The object as it stands now. */
    record Written<R>(R resource) implements Outcome<R> {}

    /** It was changed meanwhile, or is gone; nothing was written. */
    record Outdated<R>() implements Outcome<R> {}

    /** The API server refused the status; the one that says so stands, if that was possible. */
    record Refused<R>() implements Outcome<R> {}
  }

  /** Passes the library, which has a way of its own with what the API server answers. */
  private static final class NotWrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final KubernetesClientException answer;

    NotWrittenException(KubernetesClientException answer) {
      super(answer);
      this.answer = answer;
    }
  }

  private record ObjectKind(String kind, ObjectKey key) {}

  private record Refusal(String kind, ObjectKey key, String message) {}

  private final Redactor redactor;

  /** For an hour nothing is told twice, and what was refused last is not sent again. */
  private final Cache<Refusal, Boolean> told = remembered();

  private final Cache<ObjectKind, Record> refused = remembered();

  /**
   * Writes statuses.
   *
   * @param redactor takes secrets out of messages
   */
  public StatusPatches(Redactor redactor) {
    this.redactor = redactor;
  }

  private static <K, V> Cache<K, V> remembered() {
    return Caffeine.newBuilder().expireAfterWrite(Duration.ofHours(1)).maximumSize(10_000).build();
  }

  /** A status as it will be written; the same if nothing in it has to be changed. */
  public <S extends Record> S fit(String namespace, S status) {
    return new StatusText(text -> redactor.redactFor(namespace, text)).clean(status);
  }

  /**
   * Writes a status that differs from what stands.
   *
   * @param fresh makes an empty object of the kind
   * @param locked whether the write is to fail when the object was changed meanwhile
   * @param instead makes, of a sentence, the statuses to be written when this one is refused: the
   *     fullest first, and last one that is never refused
   */
  public <S extends Record, R extends CustomResource<?, S>> Outcome<R> write(
      R resource,
      Supplier<R> fresh,
      S status,
      boolean locked,
      Function<String, List<S>> instead,
      Context<R> context) {
    ObjectKey key = ObjectKey.of(resource);
    S fit = fit(key.namespace(), status);
    if (fit.equals(resource.getStatus())) {
      return new Outcome.Written<>(resource);
    }
    ObjectKind object = new ObjectKind(resource.getKind(), key);
    if (fit.equals(refused.getIfPresent(object))) {
      return new Outcome.Refused<>();
    }
    try {
      return new Outcome.Written<>(patch(resource, fresh.get(), fit, locked, context));
    } catch (NotWrittenException notWritten) {
      KubernetesClientException e = notWritten.answer;
      if (e.getCode() == 409 || e.getCode() == 404) {
        return new Outcome.Outdated<>();
      }
      if (!refuses(e)) {
        throw e;
      }
      refused.put(object, fit);
      String why = why(key.namespace(), e);
      tell(new Refusal(resource.getKind(), key, why));
      replace(resource, fresh, instead.apply("The status could not be written: " + why), context);
      return new Outcome.Refused<>();
    }
  }

  /**
   * Whether an answer is about what the status holds. Server-side apply answers 500 to a patch that
   * does not fit the definition (apimachinery, pkg/util/managedfields; so does 1.36).
   */
  static boolean refuses(KubernetesClientException answer) {
    Status status = answer.getStatus();
    return REFUSED.contains(answer.getCode())
        || (answer.getCode() == 500
            && status != null
            && status.getMessage() != null
            && status.getMessage().startsWith(NOT_TYPED));
  }

  private <S extends Record, R extends CustomResource<?, S>> void replace(
      R resource, Supplier<R> fresh, List<S> statuses, Context<R> context) {
    for (S status : statuses) {
      S fit = fit(resource.getMetadata().getNamespace(), status);
      if (fit.equals(resource.getStatus())) {
        return;
      }
      try {
        patch(resource, fresh.get(), fit, false, context);
        return;
      } catch (NotWrittenException notWritten) {
        KubernetesClientException e = notWritten.answer;
        if (e.getCode() == 404) {
          return;
        }
        if (!refuses(e)) {
          throw e;
        }
      }
    }
  }

  private static <S extends Record, R extends CustomResource<?, S>> R patch(
      R resource, R fresh, S status, boolean locked, Context<R> context) {
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(resource.getMetadata().getName())
            .withNamespace(resource.getMetadata().getNamespace())
            .build());
    fresh.setStatus(status);
    return PrimaryUpdateAndCacheUtils.updateAndCacheResource(
        resource, context, ignored -> fresh, versioned -> send(versioned, locked, context));
  }

  /** The library puts the version into what it sends, and tries 409 and 422 again and again. */
  private static <R extends CustomResource<?, ?>> R send(
      R versioned, boolean locked, Context<R> context) {
    if (!locked) {
      versioned.getMetadata().setResourceVersion(null);
    }
    try {
      return context
          .getClient()
          .resource(versioned)
          .subresource("status")
          .patch(
              new PatchContext.Builder()
                  .withForce(true)
                  .withFieldManager(context.getControllerConfiguration().fieldManager())
                  .withPatchType(PatchType.SERVER_SIDE_APPLY)
                  .build());
    } catch (KubernetesClientException e) {
      throw new NotWrittenException(e);
    }
  }

  private void tell(Refusal refusal) {
    if (told.asMap().putIfAbsent(refusal, true) == null) {
      log.atWarn()
          .addKeyValue("kind", refusal.kind())
          .addKeyValue("object", refusal.key())
          .log("Status not written: {}", refusal.message());
    }
  }

  /** The API server's words, and the fields that it names; they may quote what it refused. */
  private String why(String namespace, KubernetesClientException e) {
    Status status = e.getStatus();
    List<StatusCause> causes =
        status == null || status.getDetails() == null
            ? List.of()
            : Objects.requireNonNullElse(status.getDetails().getCauses(), List.of());
    String fields =
        causes.stream()
            .map(StatusCause::getField)
            .filter(Objects::nonNull)
            .limit(3)
            .collect(Collectors.joining(", "));
    String said =
        status == null || status.getMessage() == null
            ? String.valueOf(e.getMessage())
            : status.getMessage();
    return (fields.isEmpty() ? "" : fields + ": ")
        + "the API server answered "
        + e.getCode()
        + ": "
        + DisplayText.of(redactor.redactFor(namespace, said), LONGEST_QUOTE);
  }
}
