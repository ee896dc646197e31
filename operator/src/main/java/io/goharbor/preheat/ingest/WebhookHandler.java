package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.GroupCommitter.Wish;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.registry.LastEvents;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of one webhook request, from its registry, header and body to an answer. */
public final class WebhookHandler {
  /** An answer: a status and a small JSON object. */
  record Answer(int status, Map<String, Object> body) {}

  private static final Logger log = LoggerFactory.getLogger(WebhookHandler.class);

  /** Harbor gives up after 3 s. */
  private static final long COMMIT_MILLIS = 2_500;

  private final RegistryHooks hooks;
  private final PolicyWatch policies;
  private final GroupCommitter committer;
  private final LastEvents lastEvents;
  private final MeterRegistry meters;
  private final InstantSource clock;

  /** Wires the handler. */
  public WebhookHandler(
      RegistryHooks hooks,
      PolicyWatch policies,
      GroupCommitter committer,
      LastEvents lastEvents,
      MeterRegistry meters,
      InstantSource clock) {
    this.hooks = hooks;
    this.policies = policies;
    this.committer = committer;
    this.lastEvents = lastEvents;
    this.meters = meters;
    this.clock = clock;
  }

  /** Whether the request may be read at all; an answer when it may not. */
  Optional<Answer> refuse(ObjectKey registry, @Nullable String authorization) {
    Optional<String> expected = hooks.expectedAuthorization(registry);
    if (expected.isEmpty()) {
      return Optional.of(
          new Answer(
              404, Map.of("error", "there is no HarborRegistry " + registry + " with a webhook")));
    }
    boolean same =
        MessageDigest.isEqual(
            expected.get().getBytes(StandardCharsets.UTF_8),
            (authorization == null ? "" : authorization).getBytes(StandardCharsets.UTF_8));
    return same
        ? Optional.empty()
        : Optional.of(
            new Answer(401, Map.of("error", "the Authorization header is missing or wrong")));
  }

  /** Handles an authenticated body. */
  Answer handle(ObjectKey registry, byte[] body) {
    HarborEvent event = EventDecoder.decode(body);
    return switch (event) {
      case HarborEvent.Malformed malformed -> {
        log.atWarn().addKeyValue("registry", registry).log("Refused: {}", malformed.why());
        yield new Answer(400, Map.of("error", malformed.why()));
      }
      case HarborEvent.Ignored ignored -> {
        heard(registry, "other");
        yield ignored(registry, ignored.type() + ": " + ignored.why());
      }
      case HarborEvent.Artifacts artifacts -> commit(registry, artifacts);
    };
  }

  private Answer commit(ObjectKey registry, HarborEvent.Artifacts event) {
    heard(registry, event.kind() == HarborEvent.Kind.PUSHED ? "pushed" : "scanned");
    List<Wish> wishes = new ArrayList<>();
    EventTrigger trigger =
        event.kind() == HarborEvent.Kind.PUSHED ? EventTrigger.PUSHED : EventTrigger.SCANNED;
    String repository = event.project() + "/" + event.repository();
    for (HarborEvent.Artifact artifact : event.artifacts()) {
      for (PreheatPolicy policy :
          policies.concerned(
              registry, trigger, event.project(), event.repository(), artifact.tag())) {
        wishes.add(
            new Wish(
                policy,
                event.kind()
                    + " "
                    + event.occurred()
                    + " "
                    + repository
                    + ":"
                    + artifact.tag()
                    + "@"
                    + artifact.digest(),
                new ArtifactRef(repository, artifact.tag(), artifact.digest())));
      }
    }
    if (wishes.isEmpty()) {
      return ignored(registry, "no policy selects " + repository);
    }
    CompletableFuture<List<String>> stored = committer.commit(wishes);
    try {
      List<String> names = stored.get(COMMIT_MILLIS, TimeUnit.MILLISECONDS);
      meters.counter("preheat.events.committed", "registry", registry.toString()).increment();
      log.atInfo()
          .addKeyValue("registry", registry)
          .addKeyValue("repository", repository)
          .addKeyValue("executions", names)
          .log("Event stored");
      return new Answer(202, Map.of("executions", names));
    } catch (ExecutionException | TimeoutException e) {
      return new Answer(503, Map.of("error", "the event could not be stored; send it again"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(503, Map.of("error", "the operator is stopping; send the event again"));
    }
  }

  private void heard(ObjectKey registry, String kind) {
    lastEvents.heard(registry, clock.instant());
    meters
        .counter("preheat.events.received", "registry", registry.toString(), "kind", kind)
        .increment();
  }

  private Answer ignored(ObjectKey registry, String why) {
    meters
        .counter(
            "preheat.events.ignored",
            "registry",
            registry.toString(),
            "reason",
            Reason.EVENT_NOT_SELECTED.toString())
        .increment();
    log.atDebug().addKeyValue("registry", registry).log("Ignored: {}", why);
    return new Answer(202, Map.of("ignored", why));
  }
}
