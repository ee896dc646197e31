package io.goharbor.preheat.ingest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.ingest.WebhookHandler.Answer;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.registry.WebhookPaths;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP side of the webhook: paths, limits, answers. */
public final class WebhookServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookServer.class);
  private static final int BACKLOG = 512;
  private static final int MAX_DRAINED = 32 * 1024 * 1024;

  private final WebhookHandler handler;
  private final EventMetrics metrics;
  private final int maxBody;
  private final ByteBudget bodies;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final HttpServer server;
  private volatile boolean stopping;

  /** A server with the usual limits. */
  WebhookServer(
      int port, @Nullable ServerCertificate tls, WebhookHandler handler, EventMetrics metrics)
      throws IOException {
    this(port, tls, handler, metrics, IngestLimits.DEFAULT);
  }

  /**
   * Binds the port. {@link ServerLimits#apply} bounds slow clients, and comes before.
   *
   * @param port 0: a free one
   * @param tls the certificate to show; null: plain HTTP
   * @throws IOException when the port cannot be bound
   */
  public WebhookServer(
      int port,
      @Nullable ServerCertificate tls,
      WebhookHandler handler,
      EventMetrics metrics,
      IngestLimits limits)
      throws IOException {
    this.maxBody = limits.body();
    this.bodies = new ByteBudget(limits.bodyMemory());
    this.handler = handler;
    this.metrics = metrics;
    this.server = bound(new InetSocketAddress(port), tls);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
  }

  private static HttpServer bound(InetSocketAddress address, @Nullable ServerCertificate tls)
      throws IOException {
    if (tls == null) {
      return HttpServer.create(address, BACKLOG);
    }
    HttpsServer server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.context()));
    return server;
  }

  /** Begins to take requests. */
  public void start() {
    server.start();
    log.atInfo().addKeyValue("port", port()).log("Webhook server is listening");
  }

  /** The port that is bound. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Takes no more requests, and lets those under way finish for three seconds. */
  @Override
  public void close() {
    stopping = true;
    server.stop(3);
    threads.shutdown();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answer(exchange);
      metrics.answers(answer.status()).increment();
      byte[] body = RemoteSystem.JSON.writeValueAsBytes(answer.body());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      switch (answer.status()) {
        case 405 -> exchange.getResponseHeaders().set("Allow", "POST");
        case 503 -> exchange.getResponseHeaders().set("Retry-After", "5");
        default -> {}
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      log.atDebug().log("The caller went away: {}", e.getMessage());
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    try {
      Optional<ObjectKey> registry = registry(exchange.getRequestURI().getPath());
      if (registry.isEmpty()) {
        return Answer.error(
            404, "webhooks are at " + WebhookPaths.PREFIX + "<namespace>/<registry>");
      }
      if (!exchange.getRequestMethod().equals("POST")) {
        return Answer.error(405, "only POST is served here");
      }
      if (stopping) {
        return Answer.error(503, "the operator is stopping; send the event again");
      }
      Optional<Answer> refused =
          handler.refuse(registry.get(), exchange.getRequestHeaders().getFirst("Authorization"));
      if (refused.isPresent()) {
        return refused.get();
      }
      return taken(registry.get(), exchange);
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("A webhook request failed");
      return Answer.error(500, "the operator met an error of its own");
    }
  }

  /** Only who knows the secret gets here, so strangers cannot take up the places. */
  private Answer taken(ObjectKey registry, HttpExchange exchange) throws IOException {
    if (declaredLength(exchange) > maxBody) {
      return tooLong(exchange);
    }
    Optional<HarborEvent> event = Optional.empty();
    RequestBody.Outcome outcome;
    // The body is given up before the event waits to be stored.
    try (RequestBody body = new RequestBody(bodies, maxBody)) {
      outcome = body.read(exchange.getRequestBody());
      if (outcome == RequestBody.Outcome.READ) {
        event = Optional.of(EventDecoder.decode(body.bytes()));
      }
    }
    if (event.isPresent()) {
      return handler.handle(registry, event.get());
    }
    return outcome == RequestBody.Outcome.TOO_LONG
        ? tooLong(exchange)
        : Answer.error(503, "too many long bodies at the same time; send the event again");
  }

  /** A caller that is still sending would meet a reset connection in place of the answer. */
  private Answer tooLong(HttpExchange exchange) throws IOException {
    InputStream rest = exchange.getRequestBody();
    byte[] discarded = new byte[64 * 1024];
    int left = MAX_DRAINED;
    int read = 0;
    while (left > 0 && read >= 0) {
      read = rest.read(discarded);
      left -= read;
    }
    return Answer.error(413, "the body is longer than " + maxBody + " bytes");
  }

  /** The JDK's server has answered 400 already to what is no length; a chunked body has none. */
  private static long declaredLength(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length == null ? 0 : Long.parseLong(length);
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
