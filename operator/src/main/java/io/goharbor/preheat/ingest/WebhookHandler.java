package io.goharbor.preheat.ingest;

import static java.util.stream.Collectors.joining;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.WebhookCredentials.ExpectedAuthorization;
import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of one webhook request, from its registry, header and body to an answer. */
public final class WebhookHandler {
  /** An answer: a status and a small JSON object. */
  record Answer(int status, Map<String, Object> body) {
    static Answer error(int status, String sentence) {
      return new Answer(status, Map.of("error", sentence));
    }
  }

  private static final Logger log = LoggerFactory.getLogger(WebhookHandler.class);

  /** Stands for all registries that there are not. */
  private static final ObjectKey NOBODY = new ObjectKey("", "");

  /** Of policies in an answer and a log line. */
  private static final int MOST_NAMED = 5;

  private final WebhookCredentials credentials;
  private final EventMatcher matcher;
  private final EventBatcher batcher;
  private final BiConsumer<ObjectKey, Instant> heard;
  private final EventMetrics metrics;
  private final InstantSource clock;
  private final BooleanSupplier ready;
  private final ConcurrentHashMap<ObjectKey, Instant> refusals = new ConcurrentHashMap<>();

  /**
   * Wires the handler.
   *
   * @param ready whether registries, policies and executions are known; before, no event is taken,
   *     since one that seems to concern no one would be answered for good
   */
  public WebhookHandler(
      WebhookCredentials credentials,
      Policies policies,
      EventBatcher batcher,
      BiConsumer<ObjectKey, Instant> heard,
      EventMetrics metrics,
      InstantSource clock,
      BooleanSupplier ready) {
    this.credentials = credentials;
    this.matcher = new EventMatcher(policies);
    this.batcher = batcher;
    this.heard = heard;
    this.metrics = metrics;
    this.clock = clock;
    this.ready = ready;
    metrics.waiting(batcher);
  }

  /**
   * Whether the request may be read at all; an answer when it may not. A header that is missing,
   * one that is wrong and a registry that does not exist are told the same, after the same work, so
   * that no one can find out which registries there are.
   */
  Optional<Answer> refuse(ObjectKey registry, @Nullable String authorization) {
    if (!ready.getAsBoolean()) {
      return Optional.of(Answer.error(503, "the operator is starting; send the event again"));
    }
    return switch (credentials.find(registry)) {
      case WebhookCredential.Unavailable unavailable -> {
        // Who asks is not known, so the caller is not told more.
        log.atWarn().addKeyValue("registry", registry).log("Not taken: {}", unavailable.why());
        yield Optional.of(Answer.error(503, "the event cannot be taken now; send it again"));
      }
      case WebhookCredential.Absent absent -> {
        // Only for the time that it takes.
        var _ = ExpectedAuthorization.NONE.matches(authorization);
        yield refused(NOBODY, registry, absent.why());
      }
      case WebhookCredential.Open open ->
          open.expected().matches(authorization)
              ? Optional.empty()
              : refused(registry, registry, "the Authorization header is missing or wrong");
    };
  }

  /** Logged once a minute for a registry, and for all that are none: anyone can cause it. */
  private Optional<Answer> refused(ObjectKey counted, ObjectKey registry, String why) {
    Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    if (!minute.equals(refusals.put(counted, minute))) {
      log.atWarn().addKeyValue("registry", registry).log("Refused: {} (told once a minute)", why);
    }
    return Optional.of(
        Answer.error(
            401, "no registry takes events here with this Authorization header, or without one"));
  }

  /** Handles what an authenticated body says. */
  Answer handle(ObjectKey registry, HarborEvent said) {
    return switch (said) {
      case HarborEvent.Malformed malformed -> {
        log.atWarn().addKeyValue("registry", registry).log("Refused: {}", malformed.why());
        yield Answer.error(400, malformed.why());
      }
      case HarborEvent.Ignored ignored -> {
        heard(registry, ignored.type());
        yield ignored(registry, ignored.type(), ignored.reason(), ignored.why());
      }
      case HarborEvent.Artifacts event -> {
        heard(registry, event.type());
        yield switch (matcher.match(registry, event)) {
          case EventMatcher.Match.NotWanted no ->
              ignored(registry, event.type(), no.reason(), no.why());
          case EventMatcher.Match.Unjudged unjudged ->
              unjudged(registry, event, unjudged.policies());
          case EventMatcher.Match.Wanted wanted -> {
            Answer answer = commit(registry, event, wanted.requests());
            yield wanted.unjudged().isEmpty() || answer.status() != 202
                ? answer
                : unjudged(registry, event, wanted.unjudged());
          }
        };
      }
    };
  }

  private Answer commit(
      ObjectKey registry, HarborEvent.Artifacts event, List<PreheatRequest> requests) {
    try {
      List<String> names = batcher.commit(requests).get();
      metrics.committed(registry).increment();
      log.atDebug()
          .addKeyValue("registry", registry)
          .addKeyValue("type", event.type())
          .addKeyValue("repository", event.project() + "/" + event.repository())
          .addKeyValue("executions", names)
          .log("Event stored");
      return new Answer(202, Map.of("executions", names));
    } catch (ExecutionException e) {
      return unstored(registry, event, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.error(503, "the operator is stopping; send the event again");
    }
  }

  /**
   * Harbor sends all again that is not answered 2xx, so the code is for people: 422 when the next
   * try will not work either, 503 when it may.
   */
  private Answer unstored(
      ObjectKey registry, HarborEvent.Artifacts event, @Nullable Throwable cause) {
    metrics.unstored(registry, kind(cause)).increment();
    log.atWarn()
        .addKeyValue("registry", registry)
        .addKeyValue("type", event.type())
        .addKeyValue("repository", event.project() + "/" + event.repository())
        .log("Event not stored: {}", String.valueOf(cause));
    return cause instanceof ExecutionStore.RefusedException
        ? Answer.error(422, "the event cannot be stored: " + cause.getMessage())
        : Answer.error(503, "the event could not be stored; send it again");
  }

  /**
   * What the other policies wanted is stored. It is not acknowledged, for people to see it in
   * Harbor; that it comes again costs little, and changed policies may take it then. Else the sweep
   * finds it.
   */
  private Answer unjudged(
      ObjectKey registry, HarborEvent.Artifacts event, List<ObjectKey> policies) {
    metrics.unstored(registry, EventMetrics.Cause.TOO_COSTLY).increment();
    log.atWarn()
        .addKeyValue("registry", registry)
        .addKeyValue("type", event.type())
        .addKeyValue("repository", event.project() + "/" + event.repository())
        .addKeyValue("policies", policies.stream().limit(MOST_NAMED).toList())
        .log(
            "Policies not asked about an event, their patterns cost too much: {}", policies.size());
    return Answer.error(
        422,
        policies.size()
            + " policies were not asked, since their patterns are too many to be compared in time"
            + " (write fewer, shorter or simpler ones): "
            + policies.stream().limit(MOST_NAMED).map(ObjectKey::toString).collect(joining(", ")));
  }

  private static EventMetrics.Cause kind(@Nullable Throwable cause) {
    return switch (cause) {
      case ExecutionStore.RefusedException refused -> EventMetrics.Cause.REFUSED;
      case RejectedExecutionException busy -> EventMetrics.Cause.BUSY;
      case null, default -> EventMetrics.Cause.FAILED;
    };
  }

  private void heard(ObjectKey registry, EventType type) {
    heard.accept(registry, clock.instant());
    metrics.received(registry, type).increment();
  }

  private Answer ignored(ObjectKey registry, EventType type, Reason reason, String why) {
    metrics.ignored(registry, reason).increment();
    log.atDebug()
        .addKeyValue("registry", registry)
        .addKeyValue("type", type)
        .addKeyValue("reason", reason)
        .log("Event ignored: {}", why);
    return new Answer(202, Map.of("ignored", why, "reason", reason.toString()));
  }
}
