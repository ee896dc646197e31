package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.server.Dropped;
import io.goharbor.preheat.server.HttpListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** What the webhook server tells Prometheus. */
public final class EventMetrics {
  /** Why an event was not stored. */
  enum Cause {
    REFUSED("refused"),
    BUSY("busy"),
    FAILED("failed"),
    TOO_COSTLY("too-costly");

    private final String text;

    Cause(String text) {
      this.text = text;
    }
  }

  private final MeterRegistry meters;
  private final MeterProvider<Counter> answers;
  private final MeterProvider<Counter> dropped;
  private final MeterProvider<Counter> received;
  private final MeterProvider<Counter> ignored;
  private final MeterProvider<Counter> committed;
  private final MeterProvider<Counter> unstored;

  /** Shows from the beginning what alerts ask for: a counter's first step is not an increase. */
  public EventMetrics(MeterRegistry meters) {
    this.meters = meters;
    answers = counter("webhook.requests", "Answers of the webhook server");
    dropped =
        counter("webhook.connections.dropped", "Connections closed because of time or number");
    received = counter("events.received", "Authenticated webhook events");
    ignored = counter("events.ignored", "Events that asked for nothing");
    committed = counter("events.committed", "Events whose executions were stored");
    unstored = counter("events.unstored", "Events that were not acknowledged");
    List.of(202, 400, 401, 413, 422, 503).forEach(this::answers);
    List.of(Dropped.values()).forEach(this::dropped);
  }

  private MeterProvider<Counter> counter(String name, String about) {
    return Counter.builder("preheat." + name).description(about).withRegistry(meters);
  }

  /** Shows the counters of a registry before the first event. */
  public void begin(ObjectKey registry) {
    committed(registry);
    for (Cause cause : Cause.values()) {
      unstored(registry, cause);
    }
  }

  void waiting(EventBatcher batcher) {
    Gauge.builder("preheat.events.waiting", batcher, EventBatcher::waiting)
        .description("Events that wait to be stored")
        .register(meters);
    Gauge.builder("preheat.events.waiting.bytes", batcher, EventBatcher::bytes)
        .description("What events that are not stored yet take of the heap, roughly")
        .register(meters);
  }

  void connections(HttpListener listener) {
    Gauge.builder("preheat.webhook.connections", listener, HttpListener::connections)
        .description("Open connections of the webhook server")
        .register(meters);
  }

  Counter answers(int status) {
    return answers.withTag("code", Integer.toString(status));
  }

  Counter dropped(Dropped why) {
    return dropped.withTag("reason", why.toString());
  }

  Counter received(ObjectKey registry, EventType type) {
    return received.withTags("registry", registry.toString(), "type", type.toString());
  }

  Counter ignored(ObjectKey registry, Reason reason) {
    return ignored.withTags("registry", registry.toString(), "reason", reason.toString());
  }

  Counter committed(ObjectKey registry) {
    return committed.withTag("registry", registry.toString());
  }

  Counter unstored(ObjectKey registry, Cause cause) {
    return unstored.withTags("registry", registry.toString(), "cause", cause.text);
  }
}
