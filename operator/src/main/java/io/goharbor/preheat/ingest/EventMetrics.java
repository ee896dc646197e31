package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.ObjectKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** What the webhook server tells Prometheus. */
public final class EventMetrics {
  /** Why an event was not stored. */
  enum Cause {
    REFUSED("refused"),
    BUSY("busy"),
    FAILED("failed");

    private final String text;

    Cause(String text) {
      this.text = text;
    }
  }

  private final MeterRegistry meters;

  /** Shows from the beginning what alerts ask for: a counter's first step is not an increase. */
  public EventMetrics(MeterRegistry meters) {
    this.meters = meters;
    List.of(202, 400, 401, 413, 422, 503).forEach(this::answers);
  }

  /** Shows the counters of a registry before the first event. */
  public void begin(ObjectKey registry) {
    committed(registry);
    for (Cause cause : Cause.values()) {
      unstored(registry, cause);
    }
  }

  void waiting(GroupCommitter committer) {
    Gauge.builder("preheat.events.waiting", committer, GroupCommitter::waiting)
        .description("Events that wait to be stored")
        .register(meters);
    Gauge.builder("preheat.events.waiting.bytes", committer, GroupCommitter::bytes)
        .description("What events that are not stored yet take of the heap, roughly")
        .register(meters);
  }

  Counter answers(int status) {
    return Counter.builder("preheat.webhook.requests")
        .description("Answers of the webhook server")
        .tag("code", Integer.toString(status))
        .register(meters);
  }

  Counter received(ObjectKey registry, EventType type) {
    return Counter.builder("preheat.events.received")
        .description("Authenticated webhook events")
        .tag("registry", registry.toString())
        .tag("type", type.toString())
        .register(meters);
  }

  Counter ignored(ObjectKey registry, Reason reason) {
    return Counter.builder("preheat.events.ignored")
        .description("Events that asked for nothing")
        .tag("registry", registry.toString())
        .tag("reason", reason.toString())
        .register(meters);
  }

  Counter committed(ObjectKey registry) {
    return Counter.builder("preheat.events.committed")
        .description("Events whose executions were stored")
        .tag("registry", registry.toString())
        .register(meters);
  }

  Counter unstored(ObjectKey registry, Cause cause) {
    return Counter.builder("preheat.events.unstored")
        .description("Events that were not acknowledged")
        .tag("registry", registry.toString())
        .tag("cause", cause.text)
        .register(meters);
  }
}
