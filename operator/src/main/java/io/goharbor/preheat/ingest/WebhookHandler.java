package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.RegistryHooks.Hook;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.registry.LastEvents;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
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

  private final RegistryHooks hooks;
  private final EventMatcher matcher;
  private final GroupCommitter committer;
  private final LastEvents lastEvents;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final ConcurrentHashMap<ObjectKey, Instant> refusals = new ConcurrentHashMap<>();

  /** Wires the handler. */
  public WebhookHandler(
      RegistryHooks hooks,
      Policies policies,
      GroupCommitter committer,
      LastEvents lastEvents,
      MeterRegistry meters,
      InstantSource clock) {
    this.hooks = hooks;
    this.matcher = new EventMatcher(policies);
    this.committer = committer;
    this.lastEvents = lastEvents;
    this.meters = meters;
    this.clock = clock;
    meters.gauge("preheat.events.waiting", committer, GroupCommitter::waiting);
  }

  /**
   * Whether the request may be read at all; an answer when it may not. A header that is missing and
   * one that is wrong are told the same.
   */
  Optional<Answer> refuse(ObjectKey registry, @Nullable String authorization) {
    return switch (hooks.find(registry)) {
      case Hook.Absent absent -> Optional.of(Answer.error(404, absent.why()));
      case Hook.Unavailable unavailable -> {
        log.atWarn().addKeyValue("registry", registry).log("Not taken: {}", unavailable.why());
        yield Optional.of(Answer.error(503, unavailable.why()));
      }
      case Hook.Open open -> {
        if (open.expected().matches(authorization)) {
          yield Optional.empty();
        }
        tellRefusal(registry);
        yield Optional.of(Answer.error(401, "the Authorization header is missing or wrong"));
      }
    };
  }

  /** Once a minute for a registry: anyone who reaches the port can cause it. */
  private void tellRefusal(ObjectKey registry) {
    Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    if (!minute.equals(refusals.put(registry, minute))) {
      log.atWarn()
          .addKeyValue("registry", registry)
          .log("Refused: the Authorization header is missing or wrong (told once a minute)");
    }
  }

  /** Handles an authenticated body. */
  Answer handle(ObjectKey registry, byte[] body) {
    return switch (EventDecoder.decode(body)) {
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
          case EventMatcher.Match.Wanted wanted -> commit(registry, event, wanted.wishes());
        };
      }
    };
  }

  private Answer commit(ObjectKey registry, HarborEvent.Artifacts event, List<Wish> wishes) {
    try {
      List<String> names = committer.commit(wishes).get();
      meters.counter("preheat.events.committed", "registry", registry.toString()).increment();
      log.atInfo()
          .addKeyValue("registry", registry)
          .addKeyValue("type", event.type())
          .addKeyValue("repository", event.project() + "/" + event.repository())
          .addKeyValue("executions", names)
          .log("Event stored");
      return new Answer(202, Map.of("executions", names));
    } catch (ExecutionException e) {
      log.atWarn()
          .addKeyValue("registry", registry)
          .addKeyValue("type", event.type())
          .addKeyValue("repository", event.project() + "/" + event.repository())
          .log(
              "Event not stored, Harbor is told to send it again: {}",
              String.valueOf(e.getCause()));
      return Answer.error(503, "the event could not be stored; send it again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.error(503, "the operator is stopping; send the event again");
    }
  }

  private void heard(ObjectKey registry, EventType type) {
    lastEvents.heard(registry, clock.instant());
    meters
        .counter(
            "preheat.events.received", "registry", registry.toString(), "type", type.toString())
        .increment();
  }

  private Answer ignored(ObjectKey registry, EventType type, Reason reason, String why) {
    meters
        .counter(
            "preheat.events.ignored", "registry", registry.toString(), "reason", reason.toString())
        .increment();
    log.atDebug()
        .addKeyValue("registry", registry)
        .addKeyValue("type", type)
        .addKeyValue("reason", reason)
        .log("Event ignored: {}", why);
    return new Answer(202, Map.of("ignored", why, "reason", reason.toString()));
  }
}
