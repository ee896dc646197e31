package io.goharbor.preheat.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Health and metrics over HTTP. */
final class ManagementServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("management-", 0).factory());

  /**
   * A server that does not answer yet.
   *
   * @param beforeScrape brings the meters up to date
   */
  ManagementServer(
      int port, BooleanSupplier ready, PrometheusMeterRegistry meters, Runnable beforeScrape)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(port), 64);
    server.setExecutor(threads);
    server.createContext("/livez", exchange -> answer(exchange, 200, "ok\n"));
    server.createContext(
        "/readyz",
        exchange -> {
          boolean isReady = ready.getAsBoolean();
          answer(exchange, isReady ? 200 : 503, isReady ? "ok\n" : "starting\n");
        });
    server.createContext(
        "/metrics",
        exchange -> {
          beforeScrape.run();
          answer(exchange, 200, meters.scrape());
        });
  }

  void start() {
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
