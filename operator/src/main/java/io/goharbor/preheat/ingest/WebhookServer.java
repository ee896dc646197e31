package io.goharbor.preheat.ingest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.registry.WebhookPaths;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP side of the webhook: paths, limits, answers. */
public final class WebhookServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookServer.class);
  private static final int MAX_BODY = 1024 * 1024;
  private static final int MAX_DRAINED = 32 * 1024 * 1024;
  private static final int MAX_REQUESTS = 256;

  private final WebhookHandler handler;
  private final MeterRegistry meters;
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final HttpServer server;

  /**
   * Binds the port.
   *
   * @param port 0: a free one
   */
  public WebhookServer(int port, WebhookHandler handler, MeterRegistry meters) throws IOException {
    // The JDK's server has no limits of its own on slow requests; they are set for the whole JVM.
    setUnlessSet("sun.net.httpserver.maxReqTime", "10");
    setUnlessSet("sun.net.httpserver.maxRspTime", "30");
    this.handler = handler;
    this.meters = meters;
    this.server = HttpServer.create(new InetSocketAddress(port), 512);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
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
    server.stop(3);
    threads.shutdown();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      WebhookHandler.Answer answer = answer(exchange);
      meters
          .counter("preheat.webhook.requests", "code", Integer.toString(answer.status()))
          .increment();
      byte[] body = RemoteSystem.JSON.writeValueAsBytes(answer.body());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (answer.status() == 503) {
        exchange.getResponseHeaders().set("Retry-After", "5");
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      log.atDebug().log("The caller went away: {}", e.getMessage());
    }
  }

  private WebhookHandler.Answer answer(HttpExchange exchange) throws IOException {
    if (!requests.tryAcquire()) {
      return error(503, "too many requests at the same time");
    }
    try {
      Optional<ObjectKey> registry = registry(exchange.getRequestURI().getPath());
      if (registry.isEmpty()) {
        return error(404, "webhooks are at " + WebhookPaths.PREFIX + "<namespace>/<registry>");
      }
      if (!exchange.getRequestMethod().equals("POST")) {
        return error(405, "only POST is served here");
      }
      Optional<WebhookHandler.Answer> refused =
          handler.refuse(registry.get(), exchange.getRequestHeaders().getFirst("Authorization"));
      if (refused.isPresent()) {
        return refused.get();
      }
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
      if (body.length > MAX_BODY) {
        drain(exchange.getRequestBody());
        return error(413, "the body is longer than " + MAX_BODY + " bytes");
      }
      return handler.handle(registry.get(), body);
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("A webhook request failed");
      return error(500, "the operator met an error of its own");
    } finally {
      requests.release();
    }
  }

  /** A caller that is still sending would meet a reset connection in place of the answer. */
  private static void drain(InputStream rest) throws IOException {
    byte[] discarded = new byte[64 * 1024];
    int left = MAX_DRAINED;
    int read = 0;
    while (left > 0 && read >= 0) {
      read = rest.read(discarded);
      left -= read;
    }
  }

  private static Optional<ObjectKey> registry(String path) {
    if (!path.startsWith(WebhookPaths.PREFIX)) {
      return Optional.empty();
    }
    String[] parts = path.substring(WebhookPaths.PREFIX.length()).split("/", -1);
    return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
        ? Optional.of(new ObjectKey(parts[0], parts[1]))
        : Optional.empty();
  }

  private static WebhookHandler.Answer error(int status, String message) {
    return new WebhookHandler.Answer(status, Map.of("error", message));
  }
}
