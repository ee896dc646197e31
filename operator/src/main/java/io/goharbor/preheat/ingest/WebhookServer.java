package io.goharbor.preheat.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.ingest.WebhookHandler.Answer;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.registry.WebhookPaths;
import io.goharbor.preheat.server.Dropped;
import io.goharbor.preheat.server.Exchange;
import io.goharbor.preheat.server.HttpListener;
import io.goharbor.preheat.server.ListenerLimits;
import io.goharbor.preheat.server.Reply;
import io.goharbor.preheat.server.Service;
import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP side of the webhook: paths, limits, answers. */
public final class WebhookServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookServer.class);
  private static final int MAX_DRAINED = 32 * 1024 * 1024;

  /** A commit takes two and a half seconds at most. */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  /**
   * Longer than Harbor keeps a connection: its Go client closes after 90 seconds (net/http,
   * DefaultTransport), and a request on a connection that is closed at this end would be lost.
   */
  private static final Duration IDLE = Duration.ofSeconds(120);

  private static final int HEADER_BYTES = 16 * 1024;
  private static final int HEADERS = 100;

  private final WebhookHandler handler;
  private final EventMetrics metrics;
  private final int maxBody;
  private final ByteBudget bodies;
  private final HttpListener listener;
  private volatile boolean stopping;

  /** A server with the usual limits. */
  WebhookServer(
      int port,
      @Nullable ServerCertificate tls,
      WebhookHandler handler,
      EventMetrics metrics,
      Supervisor supervisor)
      throws IOException {
    this(new InetSocketAddress(port), tls, handler, metrics, IngestLimits.DEFAULT, supervisor);
  }

  /**
   * Binds the port.
   *
   * @param address with port 0: a free one
   * @param tls the certificate to show; null: plain HTTP
   * @throws IOException when the address cannot be bound
   */
  public WebhookServer(
      InetSocketAddress address,
      @Nullable ServerCertificate tls,
      WebhookHandler handler,
      EventMetrics metrics,
      IngestLimits limits,
      Supervisor supervisor)
      throws IOException {
    this.maxBody = limits.body();
    this.bodies = new ByteBudget(limits.bodyMemory());
    this.handler = handler;
    this.metrics = metrics;
    this.listener =
        new HttpListener(
            "webhook",
            address,
            tls == null ? null : tls.context(),
            new ListenerLimits(
                limits.connections(),
                limits.strangersPerAddress(),
                limits.requestTimeout(),
                ANSWER,
                IDLE,
                HEADER_BYTES,
                HEADERS),
            HttpListener.Threads.VIRTUAL,
            new Webhooks(),
            supervisor);
    metrics.connections(listener);
  }

  /** Begins to take requests. */
  public void start() {
    listener.start();
    log.atInfo().addKeyValue("port", port()).log("Webhook server is listening");
  }

  /** The port that is bound. */
  public int port() {
    return listener.port();
  }

  /** Takes no more requests, and lets those under way finish for three seconds. */
  @Override
  public void close() {
    stopping = true;
    listener.close();
  }

  private final class Webhooks implements Service {
    @Override
    public Reply answer(Exchange exchange) throws IOException {
      return json(decide(exchange));
    }

    @Override
    public Reply error(int status, String sentence) {
      return json(Answer.error(status, sentence));
    }

    @Override
    public void answered(int status) {
      metrics.answers(status).increment();
    }

    @Override
    public void dropped(Dropped why) {
      metrics.dropped(why).increment();
    }
  }

  private static Reply json(Answer answer) {
    try {
      return new Reply(
          answer.status(),
          "application/json",
          switch (answer.status()) {
            case 405 -> Map.of("Allow", "POST");
            case 503 -> Map.of("Retry-After", "5");
            default -> Map.of();
          },
          RemoteSystem.JSON.writeValueAsBytes(answer.body()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Answer decide(Exchange exchange) throws IOException {
    Optional<ObjectKey> registry = registry(exchange.path());
    if (registry.isEmpty()) {
      return Answer.error(404, "webhooks are at " + WebhookPaths.PREFIX + "<namespace>/<registry>");
    }
    if (!exchange.method().equals("POST")) {
      return Answer.error(405, "only POST is served here");
    }
    if (stopping) {
      return Answer.error(503, "the operator is stopping; send the event again");
    }
    Optional<Answer> refused = handler.refuse(registry.get(), exchange.header("Authorization"));
    if (refused.isPresent()) {
      return refused.get();
    }
    exchange.recognised();
    return taken(registry.get(), exchange);
  }

  /** Only who knows the secret gets here, so strangers cannot take up the slots. */
  private Answer taken(ObjectKey registry, Exchange exchange) throws IOException {
    InputStream sent = exchange.body();
    if (exchange.length() > maxBody) {
      return tooLong(sent);
    }
    Optional<HarborEvent> event = Optional.empty();
    RequestBody.Outcome outcome;
    // The body is given up before the event waits to be stored.
    try (RequestBody body = new RequestBody(bodies, maxBody)) {
      outcome = body.read(sent);
      if (outcome == RequestBody.Outcome.READ) {
        event =
            Optional.of(EventDecoder.decode(BinaryAttributes.of(exchange::header), body.bytes()));
      }
    }
    if (event.isPresent()) {
      return handler.handle(registry, event.get());
    }
    return outcome == RequestBody.Outcome.TOO_LONG
        ? tooLong(sent)
        : Answer.error(503, "too many long bodies at the same time; send the event again");
  }

  /** A caller that is still sending would meet a reset connection in place of the answer. */
  private Answer tooLong(InputStream rest) throws IOException {
    byte[] discarded = new byte[64 * 1024];
    int left = MAX_DRAINED;
    int read = 0;
    while (left > 0 && read >= 0) {
      read = rest.read(discarded);
      left -= read;
    }
    return Answer.error(413, "the body is longer than " + maxBody + " bytes");
  }

  private static Optional<ObjectKey> registry(@Nullable String path) {
    if (path == null || !path.startsWith(WebhookPaths.PREFIX)) {
      return Optional.empty();
    }
    String[] parts = path.substring(WebhookPaths.PREFIX.length()).split("/", -1);
    return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
        ? Optional.of(new ObjectKey(parts[0], parts[1]))
        : Optional.empty();
  }
}
